"""The price book says what the package says, day by day, and the organisation's own prices stand over it."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import genai_prices
import pytest
from genai_prices import data_snapshot
from hypothesis import given
from hypothesis import strategies as st

from audit.models import Event
from inventory import services
from inventory.adapters.genai_prices import read
from inventory.adapters.prices import RegisterPriceDirectory
from inventory.domain.prices import Book, Entry, means, rate, rates_from_json, rates_to_json
from inventory.models import PriceBook, PriceEntry
from inventory.services.prices import end_own_price, import_price_book, register_own_price
from kernel import clock
from kernel.contracts.pricing import PriceBasis, PricedUnit
from kernel.errors import Forbidden, Invalid
from telemetry.pricing.amounts import Quantities, amount
from tests.cast import ADA, AGNES, ODILE, PAUL
from tests.inventory.estate import BUILDER

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def book() -> Book:
    found = read()
    entries = [
        Entry(
            bytes(16),
            item.provider,
            item.model,
            item.match,
            item.context,
            item.rates,
            item.valid_from,
            item.valid_until,
        )
        for item in found.entries
    ]
    return Book(entries, found.fallbacks)


def priced(
    book: Book, provider: str, model: str, *, day: date, used: Quantities, context: str = ""
) -> int | None:
    card = book.card(provider=provider, model=model, host="", context=context, day=day)
    return None if card is None else amount(card.rates, used)


def packaged(provider: str, model: str, *, at: datetime, used: Quantities) -> int:
    """What the package itself works out, in nano-USD."""
    said = genai_prices.calc_price(
        genai_prices.Usage(
            input_tokens=used.input_tokens, output_tokens=used.output_tokens, cache_read_tokens=used.cache_read_tokens,
            cache_write_tokens=used.cache_write_tokens,
        ),
        model_ref=model, provider_id=provider, genai_request_timestamp=at,
    )  # fmt: skip
    return int((said.total_price.scaleb(9)).quantize(Decimal(1), rounding="ROUND_HALF_EVEN"))


USED = Quantities(input_tokens=12_345, output_tokens=678, cache_read_tokens=2_000)
LONG = Quantities(input_tokens=312_345, output_tokens=678, cache_read_tokens=2_000)


@pytest.mark.parametrize(
    ("provider", "model"),
    [
        ("openai", "gpt-4o"), ("openai", "gpt-4o-mini"), ("openai", "gpt-4.1"), ("openai", "o3"), ("openai", "o4-mini"),
        ("openai", "gpt-5"), ("openai", "gpt-3.5-turbo"), ("openai", "text-embedding-3-small"),
        ("anthropic", "claude-sonnet-4-5"), ("anthropic", "claude-3-5-haiku-latest"), ("anthropic", "claude-opus-4-1"),
        ("google", "gemini-2.5-pro"), ("google", "gemini-2.5-flash"), ("google", "gemini-2.0-flash"),
        ("mistral", "mistral-large-latest"), ("mistral", "mistral-small-latest"), ("cohere", "command-r-plus"),
        ("groq", "llama-3.3-70b-versatile"), ("azure", "gpt-4o"), ("x-ai", "grok-3"), ("perplexity", "sonar-pro"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("used", [USED, LONG], ids=["usual", "long"])
@pytest.mark.parametrize("at", [NOW, datetime(2025, 6, 1, tzinfo=UTC), datetime(2025, 7, 1, tzinfo=UTC)])
def test_a_call_costs_what_the_package_works_out(book, provider, model, used, at):
    try:
        expected = packaged(provider, model, at=at, used=used)
    except LookupError:
        assert priced(book, provider, model, day=at.date(), used=used) is None
        return
    assert priced(book, provider, model, day=at.date(), used=used) == expected


def test_history_is_kept(book):
    used = Quantities(input_tokens=1_000_000)
    assert priced(book, "openai", "o3", day=date(2025, 6, 1), used=used) == 10_000_000_000
    assert priced(book, "openai", "o3", day=date(2025, 7, 1), used=used) == 2_000_000_000


def test_a_batch_costs_half_where_the_list_says_so(book):
    used = Quantities(input_tokens=1_000_000, output_tokens=1_000_000)
    usual = priced(book, "anthropic", "claude-sonnet-4-5", day=NOW.date(), used=used)
    batch = priced(book, "anthropic", "claude-sonnet-4-5", day=NOW.date(), used=used, context="batch")
    assert usual is not None
    assert batch == usual // 2


def test_an_unknown_context_costs_what_the_model_costs(book):
    assert priced(book, "openai", "gpt-4o", day=NOW.date(), used=USED, context="nonsense") == priced(
        book, "openai", "gpt-4o", day=NOW.date(), used=USED
    )


@pytest.mark.parametrize(
    ("provider", "model"), [("openai", "weights-7b"), ("vllm", "qwen3"), ("nobody", "gpt-4o")]
)
def test_what_is_on_no_list_has_no_price(book, provider, model):
    assert priced(book, provider, model, day=NOW.date(), used=USED) is None


def test_every_model_of_the_package_has_a_rule_that_is_understood():
    for provider in data_snapshot.get_snapshot().providers:
        assert provider.models
    assert all(means(item.match, "no such model at all!") in {True, False} for item in read().entries)


@given(dollars=st.decimals(min_value=0, max_value=10_000, places=16), tokens=st.integers(0, 10**9))
def test_a_rate_is_exact_however_many_digits_a_price_has(dollars, tokens):
    one = rate(PricedUnit.INPUT, dollars)
    exact = dollars.as_integer_ratio()
    assert one.amount * exact[1] * 1_000_000 == exact[0] * 10**9 * one.per
    assert rates_from_json(rates_to_json([one])) == (one,)


# ---- in the register


@pytest.mark.database
@pytest.mark.django_db
class TestInTheRegister:
    def test_importing_takes_every_price_at_once_and_again_changes_nothing(self):
        began = time.monotonic()
        first = import_price_book(ADA)
        assert time.monotonic() - began < 60
        assert import_price_book(ADA) == first
        assert PriceBook.objects.count() == 1
        assert PriceEntry.objects.count() == len(read().entries)
        assert Event.objects.filter(action="inventory.price_book.import").count() == 1

    @pytest.mark.parametrize("actor", [PAUL, AGNES])
    def test_only_who_manages_prices_changes_them(self, actor):
        with pytest.raises(Forbidden):
            import_price_book(actor)
        with pytest.raises(Forbidden):
            register_own_price(actor, provider="openai", model="gpt-4o", input_price=Decimal(1))

    def test_an_own_price_goes_before_the_list_while_it_holds(self):
        import_price_book(ADA)
        price = register_own_price(
            ODILE, provider="openai", model="gpt-4o*", input_price=Decimal("1.25"), output_price=Decimal(5),
            valid_from=NOW - timedelta(days=30), reason="Contract 7",
        )  # fmt: skip
        used = Quantities(input_tokens=1_000_000)

        assert costs("gpt-4o-2024-08-06", used, at=NOW) == (1_250_000_000, PriceBasis.OWN)
        assert costs("gpt-4o", used, at=NOW - timedelta(days=60))[1] is PriceBasis.LIST
        end_own_price(ODILE, price, at=NOW - timedelta(days=1), version=None, reason="Ended")
        assert costs("gpt-4o", used, at=NOW)[1] is PriceBasis.LIST

    def test_an_own_price_of_one_endpoint_holds_there_alone(self):
        import_price_book(ADA)
        endpoint = services.register_endpoint(
            BUILDER, name="Our Azure", kind="provider_api", host="armor.openai.azure.com"
        )
        register_own_price(
            ODILE, provider="openai", model="gpt-4o", endpoint=endpoint, input_price=Decimal(1)
        )
        used = Quantities(input_tokens=1_000_000)

        assert costs("gpt-4o", used, address="armor.openai.azure.com")[1] is PriceBasis.OWN
        assert costs("gpt-4o", used, address="api.openai.com")[1] is PriceBasis.LIST

    @pytest.mark.parametrize(
        "fields",
        [
            {"provider": "openai", "model": "gpt-4o"},
            {"provider": "openai", "model": "g*t", "input_price": Decimal(1)},
            {"provider": "", "model": "gpt-4o", "input_price": Decimal(1)},
            {"provider": "openai", "model": "gpt-4o", "input_price": Decimal(-1)},
        ],
    )
    def test_a_price_that_cannot_be_is_refused(self, fields):
        with pytest.raises(Invalid):
            register_own_price(ADA, **fields)

    def test_without_a_book_nothing_has_a_price(self):
        assert costs("gpt-4o", USED) is None


def costs(model: str, used: Quantities, *, at: datetime = NOW, address: str | None = None):
    card = RegisterPriceDirectory(seconds=0).card(
        provider="openai", model=model, endpoint_address=address, context="", at_ns=clock.to_ns(at)
    )
    return None if card is None else (amount(card.rates, used), card.basis)
