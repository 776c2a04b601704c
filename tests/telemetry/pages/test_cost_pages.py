"""Who spends what: the cost pages say the sums of the record, split by the register, told at dated rates."""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC, date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from inventory import services
from inventory.domain.months import Month
from kernel import clock
from telemetry.services.spending import Telling
from tests import cast
from tests.cast import ADA, only_in
from tests.telemetry.costing import clear_costs, cost_row, write_costs
from tests.telemetry.pages.conftest import SignIn, World

pytestmark = pytest.mark.database

HOUR = 3600 * 10**9
DOLLAR = 10**9


@pytest.fixture
def now_hour() -> int:
    return clock.now_ns() // HOUR


@pytest.fixture
def priced(world: World, now_hour: int) -> World:
    """Radiology on its own machine and on a list price, the shop without a price, a stranger on a list price."""
    month_start = Telling.of_installation().hours_of(Month.of(clock.now(), UTC)).first  # type: ignore[arg-type]
    hour = max(month_start, now_hour - 1)
    clinic, shop, stranger = (one.sender_id() for one in (world.clinic, world.shop, world.stranger))
    rows = [
        cost_row(hour=hour, sender_id=clinic, model="gpt-x", calls=3, cost_nano_usd=11 * DOLLAR, reported_calls=3, reported_nano_usd=12 * DOLLAR),
        cost_row(hour=hour, sender_id=clinic, model="weights-7b", provider="", cost_basis="hardware", calls=5, cost_nano_usd=2 * DOLLAR, busy_ns=HOUR),
        cost_row(hour=hour, sender_id=shop, model="saas-9", provider="", cost_status="unpriced", cost_basis="", calls=7, cost_nano_usd=0),
        cost_row(hour=hour, sender_id=stranger, model="gpt-x", calls=2, cost_nano_usd=4 * DOLLAR),
    ]  # fmt: skip
    clear_costs(world.seed.store)
    write_costs(world.seed.store, rows)
    return world


def exported(client: Any, path: str, **words: str) -> list[dict[str, str]]:
    answer = client.get(path, {**words, "export": "csv"})
    assert answer.status_code == 200
    text = b"".join(answer.streaming_content).decode().removeprefix("\ufeff")
    return list(csv.DictReader(io.StringIO(text)))


ALL_COLUMNS = "name,cost,usd,calls,unpriced,hardware,reported,difference"


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        ("system", {"Radiology drafts": "13", "Shop assistant": "0", "not attributed": "4"}),
        ("deployment", {"Radiology drafts (Production)": "13", "Shop assistant (Production)": "0", "not attributed": "4"}),
        ("model", {"gpt-x": "15", "weights-7b": "2", "saas-9": "0"}),
        ("provider", {"openai": "15", "not named": "2"}),
        ("tier", {"workstation": "13", "retail_edge": "0", "not attributed": "4"}),
        ("site", {"Nantes clinic": "13", "Lyon shop": "0", "not attributed": "4"}),
        ("unit", {"Clinics": "13", "Shops": "0", "not attributed": "4"}),
        ("environment", {"production": "17"}),
        ("entity", {"not attributed": "17"}),
    ],
)  # fmt: skip
def test_every_split_adds_up_to_the_same_whole(
    priced: World, sign_in: SignIn, by: str, expected: dict[str, str]
) -> None:
    rows = exported(sign_in(cast.ADA), "/costs/", by=by, columns=ALL_COLUMNS, status="priced")
    more = exported(sign_in_again(sign_in), "/costs/", by=by, columns=ALL_COLUMNS)
    own = {"Seats, so far", "Own machines, idle"}
    found = {next(iter(row.values())): Decimal(row["As counted, USD"]) for row in more}
    assert {name: amount for name, amount in found.items() if name not in own} == {
        name: Decimal(amount) for name, amount in expected.items()
    }
    assert own <= set(found)
    assert sum(Decimal(row["As counted, USD"]) for row in rows) == 17
    assert not own & {next(iter(row.values())) for row in rows}


def sign_in_again(sign_in: SignIn) -> Any:
    return sign_in(cast.ODILE)


def test_a_unit_sees_its_own_costs_and_nobody_elses(priced: World, sign_in: SignIn) -> None:
    clinics = sign_in(only_in(cast.ADA, priced.estate.clinics))
    rows = exported(clinics, "/costs/", by="model", columns=ALL_COLUMNS)
    assert {row["Model"] for row in rows} == {"gpt-x", "weights-7b", "Seats, so far", "Own machines, idle"}
    shops = exported(sign_in(only_in(cast.ODILE, priced.estate.shops)), "/costs/", columns=ALL_COLUMNS)
    assert {row["System"] for row in shops} == {"Shop assistant"}
    page = clinics.get("/costs/").content.decode()
    assert "not attributed" not in page
    assert "Shop assistant" not in page
    assert sign_in(cast.VICTOR).get("/costs/").status_code == 403


def test_unpriced_is_a_number_of_its_own_with_a_door(priced: World, sign_in: SignIn) -> None:
    ada = sign_in(cast.ADA)
    page = ada.get("/costs/").content.decode()
    assert re.search(r'href="/costs/unpriced/\?[^"]*" aria-label="Calls without a price: 7"', page)
    lacking = exported(ada, "/costs/unpriced/")
    assert [(row["Model"], row["Calls"]) for row in lacking] == [("saas-9", "7")]


def test_own_machines_are_busy_or_idle_and_the_two_make_their_cost(priced: World, sign_in: SignIn) -> None:
    (row,) = exported(sign_in(cast.ADA), "/costs/hardware/")
    period, taken, idle = (Decimal(row[name]) for name in ("Cost so far", "Taken by calls", "Idle"))
    assert taken == 2
    assert abs(period - taken - idle) <= Decimal("0.000000002")  # each is rounded once
    telling = Telling.of_installation()
    hours = telling.hours_of(telling.month())
    elapsed = clock.now_ns() // HOUR + 1 - hours.first
    assert period == Decimal("1.43") * elapsed  # 1.30 euros an hour at 1.1 dollars


def test_costs_are_told_in_the_reporting_currency_at_the_rate_of_the_day(
    priced: World, sign_in: SignIn
) -> None:
    services.choose_cost_settings(ADA, currency="EUR")
    rows = exported(sign_in(cast.ADA), "/costs/", by="model", columns=ALL_COLUMNS)
    found = {row["Model"]: Decimal(row["Cost"]) for row in rows}
    assert found["gpt-x"] == Decimal("13.636363636")  # 15 / 1.1, rounded once
    page = sign_in(cast.ODILE).get("/costs/").content.decode()
    assert "€15.45" in page  # 17 / 1.1
    assert "17 USD" in page.replace("\u00a0", " ")
    assert "US dollars for one EUR" in page
    assert "1.1" in page


def test_a_rate_that_begins_within_the_month_is_used_from_its_day(priced: World, now_hour: int) -> None:
    services.choose_cost_settings(ADA, currency="EUR")
    today = clock.now().date()
    services.register_exchange_rate(ADA, currency="EUR", day=today, usd_per_unit=Decimal(2))
    telling = Telling.of_installation()
    yesterday = telling.tell(22, now_hour - 48)
    assert (yesterday.nano, telling.tell(22, now_hour + 1).nano) == (20, 11)


def test_without_a_rate_everything_is_shown_as_it_is_counted_and_says_so(
    priced: World, sign_in: SignIn
) -> None:
    services.choose_cost_settings(ADA, currency="CHF")
    page = sign_in(cast.ADA).get("/costs/").content.decode()
    assert "no exchange rate of CHF is known" in page
    assert "$17.00" in page


def test_reported_and_computed_stand_side_by_side(priced: World, sign_in: SignIn) -> None:
    page = sign_in(cast.ADA).get("/costs/").content.decode()
    assert "reported $12.00, computed $11.00, difference $1.00" in page


def test_a_line_opens_the_same_costs_one_step_closer(priced: World, sign_in: SignIn) -> None:
    ada = sign_in(cast.ADA)
    page = ada.get("/costs/").content.decode()
    door = re.search(rf'href="(/costs/\?system={priced.estate.radiology}&amp;by=deployment)"', page)
    assert door is not None
    inside = exported(
        ada,
        door[1].replace("&amp;", "&").split("?")[0],
        system=str(priced.estate.radiology),
        by="deployment",
        columns=ALL_COLUMNS,
    )
    assert {row["Deployment"]: Decimal(row["As counted, USD"]) for row in inside}[
        "Radiology drafts (Production)"
    ] == 13
    for found in set(re.findall(r'href="(/(?:costs|traces|seat-prices)/[^"]*)"', page)):
        assert ada.get(found.replace("&amp;", "&")).status_code == 200, found


def test_a_sender_that_became_something_else_is_counted_for_what_it_was(
    priced: World, sign_in: SignIn, now_hour: int
) -> None:
    """The stranger is the shop's from the next hour on: what it spent before stays nobody's."""
    write_costs(
        priced.seed.store,
        [
            cost_row(
                hour=now_hour + 1, sender_id=priced.stranger.sender_id(), model="later", cost_nano_usd=DOLLAR
            )
        ],
    )
    services.register_rule(
        ADA, service_name="shadow-bot", deployment=priced.estate.shop_live, valid_from=clock.from_ns((now_hour + 1) * HOUR)
    )  # fmt: skip
    rows = exported(sign_in(cast.ADA), "/costs/", when="30d", columns=ALL_COLUMNS)
    found = {row["System"]: Decimal(row["As counted, USD"]) for row in rows}
    assert found["not attributed"] == 4
    assert found["Shop assistant"] in (0, 1)  # the hour may not have come yet


def test_other_days_are_other_sums(priced: World, sign_in: SignIn) -> None:
    ada = sign_in(cast.ADA)
    long_ago = (clock.now() - timedelta(days=200)).date()
    page = ada.get(
        "/costs/", {"when_from": long_ago.isoformat(), "when_to": long_ago.isoformat()}
    ).content.decode()
    assert "$17.00" not in page
    assert ada.get("/costs/", {"month": "2026-13", "by": "nothing", "tier": "moon"}).status_code == 200


def test_the_pages_in_french_are_french(priced: World, sign_in: SignIn) -> None:
    french = sign_in(cast.ADA, language="fr")
    for path in ("/costs/", "/costs/unpriced/", "/costs/hardware/"):
        page = french.get(path).content.decode()
        for word in ("Calls without a price", "Own machines", "Split by", "How these figures"):
            assert f">{word}" not in page
    assert "17,00\u00a0$US" in french.get("/costs/").content.decode()


def test_seats_accrue_over_the_month(priced: World) -> None:
    from inventory import queries
    from telemetry.queries.spending import Hours
    from telemetry.services.standing import seat_cost

    telling = Telling.of_installation()
    november = telling.hours_of(Month(2026, 11))
    row = queries.seat_price_detail(ADA, priced.estate.seats)
    whole = seat_cost(row, november, telling)
    assert whole.nano_usd == Decimal("19.5") * 40 * Decimal("1.1") * DOLLAR
    half = seat_cost(row, Hours(november.first, november.first + 360), telling)
    assert half.nano_usd * 2 == whole.nano_usd
    services.register_exchange_rate(ADA, currency="EUR", day=date(2026, 11, 16), usd_per_unit=Decimal("1.2"))
    changed = seat_cost(row, november, Telling.of_installation())
    assert changed.nano_usd == Decimal("19.5") * 20 * Decimal("2.3") * DOLLAR
    two = Hours(november.first, Telling.of_installation().hours_of(Month(2026, 12)).end)
    assert seat_cost(row, two, telling).nano_usd == 2 * whole.nano_usd
