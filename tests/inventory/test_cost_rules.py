"""What an hour of a machine, a seat, a currency and a month are worth: examples worked by hand, and laws."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.domain.costs import (
    Hardware,
    Rate,
    Rates,
    call_nano_usd,
    hourly_rate,
    nano_usd,
    period_nano_usd,
    planned_share,
    seats_cost,
)
from inventory.domain.months import Month, first_hour, straight_line

HOUR = 3600 * 10**9
PARIS = ZoneInfo("Europe/Paris")


@pytest.mark.parametrize(
    ("hardware", "rate"),
    [
        # 26,280 over three years of 8,760 hours is one a hour.
        (Hardware(purchase_price=Decimal(26280), life_years=Decimal(3)), Fraction(1)),
        # Planned for half of the hours, a planned hour carries twice as much.
        (
            Hardware(purchase_price=Decimal(26280), life_years=Decimal(3), availability=Decimal(50)),
            Fraction(2),
        ),
        # 1,000 W at a PUE of 1.5 are 1.5 kWh an hour, at 0.20 a kWh.
        (
            Hardware(
                purchase_price=Decimal(26280),
                life_years=Decimal(3),
                power_watts=1000,
                tariff=Decimal("0.2"),
                pue=Decimal("1.5"),
            ),
            Fraction(13, 10),
        ),
        # Housing comes on top.
        (
            Hardware(purchase_price=Decimal(26280), life_years=Decimal(3), fixed_per_hour=Decimal("0.05")),
            Fraction(105, 100),
        ),
        (Hardware(rent_per_hour=Decimal("2.125")), Fraction(17, 8)),
        # An edge box: 2,400 over four years, planned 14 of 24 hours, 65 W at 0.1892 a kWh.
        (
            Hardware(
                purchase_price=Decimal(2400),
                life_years=Decimal(4),
                availability=Decimal("58.33"),
                power_watts=65,
                tariff=Decimal("0.1892"),
            ),
            Fraction(2400) / (4 * 8760 * Fraction(5833, 10000)) + Fraction(65, 1000) * Fraction(1892, 10000),
        ),
    ],
)
def test_an_hour_of_a_machine(hardware: Hardware, rate: Fraction) -> None:
    assert hourly_rate(hardware) == rate


def test_a_million_tokens_of_a_machine_that_is_idle_most_of_the_time_cost_five_times_as_much() -> None:
    """The reference's example: 2 dollars an hour at 2,000 tokens a second, fully used and used for a fifth."""
    rate = nano_usd(hourly_rate(Hardware(rent_per_hour=Decimal(2))), 1)
    seconds = Fraction(1_000_000, 2000)
    busy = call_nano_usd(rate, slots=1, duration_ns=int(seconds * 10**9))
    assert busy == 277_777_778  # 0.28 dollars
    day = period_nano_usd(rate, machines=1, share=Fraction(1), length_ns=24 * HOUR)
    tokens_in_a_fifth = Fraction(24 * 3600 * 2000, 5)
    assert round(day / tokens_in_a_fifth * 1_000_000) == 1_388_888_889  # 1.39 dollars


def test_a_call_takes_its_share_of_the_slots() -> None:
    rate = nano_usd(Fraction(2), 1)
    assert call_nano_usd(rate, slots=1, duration_ns=HOUR) == 2 * 10**9
    assert call_nano_usd(rate, slots=8, duration_ns=HOUR // 2) == 125_000_000
    assert call_nano_usd(rate, slots=8, duration_ns=0) == 0


@given(
    rate=st.integers(0, 10**12),
    slots=st.integers(1, 64),
    hours=st.integers(1, 48),
    machines=st.integers(1, 200),
    percent=st.integers(1, 100),
)
def test_slots_that_are_busy_all_planned_hours_leave_nothing_idle(
    rate: int, slots: int, hours: int, machines: int, percent: int
) -> None:
    share = planned_share(Hardware(availability=Decimal(percent)))
    period = period_nano_usd(rate, machines=machines, share=share, length_ns=hours * HOUR)
    planned_ns = share * hours * HOUR
    if planned_ns.denominator == 1:
        busy = machines * slots * call_nano_usd(rate, slots=slots, duration_ns=int(planned_ns))
        assert abs(period - busy) <= machines * slots  # each call is rounded once


@given(st.fractions(0, 1, max_denominator=1000), st.integers(0, 10_000))
def test_seats_accrue_with_the_month_and_cost_their_price_at_its_end(share: Fraction, seats: int) -> None:
    price = Decimal("19.9")
    assert seats_cost(price, seats, share=Fraction(1)) == Fraction(199, 10) * seats
    assert seats_cost(price, seats, share=share) <= Fraction(199, 10) * seats


RATES = Rates(
    [
        Rate("EUR", date(2026, 11, 15), Decimal("1.07")),
        Rate("EUR", date(2026, 10, 1), Decimal("1.1")),
        Rate("GBP", date(2026, 11, 1), Decimal("1.27")),
    ]
)


@pytest.mark.parametrize(
    ("currency", "day", "worth"),
    [
        ("EUR", date(2026, 9, 30), None),
        ("EUR", date(2026, 10, 1), Decimal("1.1")),
        ("EUR", date(2026, 11, 14), Decimal("1.1")),
        ("EUR", date(2026, 11, 15), Decimal("1.07")),
        ("EUR", date(2030, 1, 1), Decimal("1.07")),
        ("USD", date(1999, 1, 1), Decimal(1)),
        ("JPY", date(2026, 11, 1), None),
    ],
)
def test_a_rate_holds_from_its_day_until_the_next(currency: str, day: date, worth: Decimal | None) -> None:
    assert RATES.usd_per_unit(currency, day) == worth


def test_the_rates_of_a_stretch_of_time_are_those_that_hold_in_it() -> None:
    november = RATES.changes("EUR", date(2026, 11, 1), date(2026, 11, 30))
    assert [rate.usd_per_unit for rate in november] == [Decimal("1.1"), Decimal("1.07")]
    assert RATES.changes("EUR", date(2026, 9, 1), date(2026, 9, 30)) == []


def ns(*parts: int) -> int:
    return int(datetime(*parts, tzinfo=UTC).timestamp()) * 10**9  # type: ignore[misc]  # parts of a date


@pytest.mark.parametrize(
    ("month", "zone", "bounds"),
    [
        ("2026-11", "UTC", (ns(2026, 11, 1), ns(2026, 12, 1))),
        ("2026-11", "Europe/Paris", (ns(2026, 10, 31, 23), ns(2026, 11, 30, 23))),
        ("2026-03", "Europe/Paris", (ns(2026, 2, 28, 23), ns(2026, 3, 31, 22))),  # an hour is missing
        ("2026-10", "Europe/Paris", (ns(2026, 9, 30, 22), ns(2026, 10, 31, 23))),  # an hour comes twice
        ("2026-12", "Asia/Kolkata", (ns(2026, 11, 30, 18, 30), ns(2026, 12, 31, 18, 30))),
    ],
)
def test_a_month_begins_and_ends_where_its_clocks_say(month: str, zone: str, bounds: tuple[int, int]) -> None:
    found = Month.parse(month)
    assert found is not None
    assert found.bounds_ns(ZoneInfo(zone)) == bounds


@pytest.mark.parametrize(
    "text", ["", "2026", "2026-13", "2026-00", "26-11", "2026-11-01", "٢٠٢٦-١١", "9999-01"]
)
def test_what_is_no_month_is_none(text: str) -> None:
    assert Month.parse(text) is None


@given(st.integers(1970, 2200), st.integers(1, 12), st.integers(-400, 400))
def test_months_go_on_and_back(year: int, number: int, steps: int) -> None:
    month = Month(year, number)
    assert month.plus(steps).plus(-steps) == month
    assert month.plus(1).bounds_ns(PARIS)[0] == month.bounds_ns(PARIS)[1]


def test_an_hour_that_a_month_divides_belongs_to_the_month_before() -> None:
    assert first_hour(ns(2026, 11, 30, 18, 30)) == first_hour(ns(2026, 11, 30, 19))


@pytest.mark.parametrize(
    ("so_far", "elapsed", "whole"),
    [
        (Fraction(10), HOUR // 2, None),
        (Fraction(10), 10 * HOUR, Fraction(300)),
        (Fraction(7), 400 * HOUR, Fraction(7)),
    ],
)
def test_a_forecast_is_a_straight_line(so_far: Fraction, elapsed: int, whole: Fraction | None) -> None:
    assert straight_line(so_far, elapsed_ns=elapsed, length_ns=300 * HOUR) == whole
