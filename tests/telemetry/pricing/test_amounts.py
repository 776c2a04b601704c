"""Laws of the arithmetic: exact, rounded once, never negative; and what each state of a call comes to."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.contracts.ingest import SenderIdentity
from kernel.contracts.pricing import (
    CostProfileFacts,
    NoPrices,
    NoProfiles,
    PriceBasis,
    PriceCard,
    PricedUnit,
    Rate,
)
from telemetry.pricing import Pricer, Quantities, amount, context_of, hardware_amount

TOKENS = st.integers(0, 10**7)
RATES = st.integers(0, 10**12)
PERS = st.sampled_from([1_000_000, 10**13, 1000])
SENDER = SenderIdentity(b"k" * 16, "", "app", "", "", "")


@st.composite
def tariffs(draw: st.DrawFn) -> tuple[Rate, ...]:
    units = draw(st.sets(st.sampled_from(list(PricedUnit)), min_size=1))
    return tuple(Rate(unit, draw(RATES), draw(PERS)) for unit in sorted(units))


@st.composite
def usages(draw: st.DrawFn) -> Quantities:
    given_, answered = draw(TOKENS), draw(TOKENS)
    read = draw(st.integers(0, given_))
    written = draw(st.integers(0, given_ - read))
    return Quantities(given_, answered, read, written, draw(st.integers(0, answered)), draw(TOKENS), 1)


def exact(rates: tuple[Rate, ...], used: Quantities) -> Fraction:
    """The same in fractions, written down another way: each part at its own rate, or at that of its total."""
    own = {rate.unit: Fraction(rate.amount, rate.per) for rate in rates}
    read = own.get(PricedUnit.CACHE_READ, own.get(PricedUnit.INPUT, Fraction(0)))
    write = own.get(PricedUnit.CACHE_WRITE, own.get(PricedUnit.INPUT, Fraction(0)))
    reasoning = own.get(PricedUnit.REASONING, own.get(PricedUnit.OUTPUT, Fraction(0)))
    plain_in = used.input_tokens - used.cache_read_tokens - used.cache_write_tokens
    return (
        plain_in * own.get(PricedUnit.INPUT, Fraction(0))
        + used.cache_read_tokens * read
        + used.cache_write_tokens * write
        + (used.output_tokens - used.reasoning_tokens) * own.get(PricedUnit.OUTPUT, Fraction(0))
        + used.reasoning_tokens * reasoning
        + used.requests * own.get(PricedUnit.REQUEST, Fraction(0))
        + used.inference_units * own.get(PricedUnit.INFERENCE_UNIT, Fraction(0))
    )


@given(tariffs(), usages())
def test_the_cost_is_the_exact_sum_rounded_once_half_to_even(
    rates: tuple[Rate, ...], used: Quantities
) -> None:
    assert amount(rates, used) == min(round(exact(rates, used)), 2**63 - 1)


@given(tariffs(), usages(), st.integers(0, 1000))
def test_more_output_never_costs_less(rates: tuple[Rate, ...], used: Quantities, more: int) -> None:
    assert amount(rates, used._replace(output_tokens=used.output_tokens + more)) >= amount(rates, used)


@given(tariffs(), TOKENS, TOKENS, TOKENS)
def test_parts_that_exceed_their_total_never_make_a_cost_negative(
    rates: tuple[Rate, ...], given_: int, read: int, reasoned: int
) -> None:
    assert amount(rates, Quantities(given_, 0, read, 0, reasoned)) >= 0


def test_a_tier_is_a_cliff() -> None:
    rates = (Rate(PricedUnit.INPUT, 1_000_000), Rate(PricedUnit.INPUT, 2_000_000, tier_from=200_000))
    assert amount(rates, Quantities(200_000)) == 200_000
    assert amount(rates, Quantities(200_001)) == 400_002


@pytest.mark.parametrize(("duration_s", "slots", "expected"), [(3600, 1, 7200), (1800, 2, 1800), (0, 4, 0)])
def test_hardware_costs_its_share_of_the_hour(duration_s: int, slots: int, expected: int) -> None:
    profile = CostProfileFacts(b"p" * 16, 7200, slots)
    assert hardware_amount(profile, duration_ns=duration_s * 10**9) == expected


@pytest.mark.parametrize(
    ("tier", "context"),
    [
        (None, ""),
        ("standard", ""),
        ("auto", ""),
        ("Batch", "batch"),
        (" flex ", "flex"),
        ("priority", "priority"),
    ],
)
def test_service_tiers_as_contexts(tier: str | None, context: str) -> None:
    assert context_of(tier) == context


CARD = PriceCard(b"c" * 16, PriceBasis.LIST, (Rate(PricedUnit.INPUT, 1_000_000),))
PROFILE = CostProfileFacts(b"p" * 16, 3_600_000_000, 1)


class Prices(NoPrices):
    def card(self, **asked: Any) -> PriceCard | None:
        return CARD if asked["model"] == "listed" else None


class Profiles(NoProfiles):
    def profile(
        self, sender: SenderIdentity, *, endpoint_address: str | None, at_ns: int
    ) -> CostProfileFacts | None:
        del sender, at_ns
        return PROFILE if endpoint_address == "gpu" else None


def a_call(**fields: Any) -> dict[str, Any]:
    return {
        "kind": "llm", "usage_is_aggregate": False, "provider": "openai", "model": "listed", "endpoint_address": None,
        "service_tier": None, "input_tokens": 100, "output_tokens": 1, "cache_read_tokens": None,
        "cache_write_tokens": None, "reasoning_tokens": None, "inference_units": None, "start_ns": 1, "duration_ns": 10**9,
    } | fields  # fmt: skip


NO_TOKENS = {"input_tokens": None, "output_tokens": None}


@pytest.mark.parametrize(
    ("fields", "cached", "expected"),
    [
        ({}, False, (100, "priced", "list")),
        ({}, True, (0, "cached", None)),
        ({"model": "other"}, False, (None, "unpriced", None)),
        ({"provider": None}, False, (None, "unpriced", None)),
        (NO_TOKENS, False, (None, "unmetered", None)),
        ({"model": "own-llama", "endpoint_address": "gpu"}, False, (1_000_000, "priced", "hardware")),
        ({"kind": "inference", "provider": None, "model": None, "endpoint_address": "gpu"} | NO_TOKENS, False,
         (1_000_000, "priced", "hardware")),
        ({"kind": "tool"}, False, (None, None, None)),
        ({"kind": "agent", "usage_is_aggregate": True}, False, (100, "priced", "list")),
        ({"kind": "agent", "usage_is_aggregate": True, "model": "x", "endpoint_address": "gpu"}, False,
         (None, "unpriced", None)),
        ({"kind": "agent", "usage_is_aggregate": True} | NO_TOKENS, False, (None, None, None)),
    ],
)  # fmt: skip
def test_what_each_call_comes_to(fields: dict[str, Any], cached: bool, expected: tuple[Any, ...]) -> None:
    priced = Pricer(Prices(), Profiles()).price(a_call(**fields), sender=SENDER, from_cache=cached)
    assert (priced["cost_nano_usd"], priced["cost_status"], priced["cost_basis"]) == expected
