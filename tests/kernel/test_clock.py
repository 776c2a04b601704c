"""Moments, and the whole numbers that stand for them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from kernel import clock

moments = st.datetimes(datetime(1970, 1, 2), datetime(2200, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  # Hypothesis adds the zone


@given(moments)
def test_a_moment_survives_the_way_to_nanoseconds_and_back(moment: datetime) -> None:
    assert clock.from_ns(clock.to_ns(moment)) == moment


@given(moments, st.integers(-14, 14))
def test_a_moment_is_the_same_in_every_time_zone(moment: datetime, hours: int) -> None:
    elsewhere = moment.astimezone(timezone(timedelta(hours=hours)))
    assert clock.to_ns(elsewhere) == clock.to_ns(moment)


def test_a_naive_moment_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        clock.to_ns(datetime(2026, 1, 1))  # noqa: DTZ001  # that it is naive is the point


def test_nanoseconds_below_a_microsecond_are_cut_not_rounded() -> None:
    assert clock.from_ns(1_999) == datetime(1970, 1, 1, 0, 0, 0, 1, tzinfo=UTC)


NOON = clock.to_ns(datetime(2026, 3, 29, 12, 30, 45, tzinfo=UTC))


@pytest.mark.parametrize(
    ("whole", "expected"),
    [
        (clock.epoch_day, 20_541),
        (clock.epoch_hour, 20_541 * 24 + 12),
        (clock.epoch_minute, (20_541 * 24 + 12) * 60 + 30),
    ],
)
def test_days_hours_and_minutes_are_counted_from_the_epoch(whole, expected: int) -> None:
    assert whole(NOON) == expected


def test_now_is_aware_and_in_utc() -> None:
    assert clock.now().tzinfo is UTC


def test_tests_can_move_the_clock() -> None:
    with time_machine.travel(datetime(2030, 1, 1, tzinfo=UTC), tick=False):
        assert clock.now() == datetime(2030, 1, 1, tzinfo=UTC)
        assert clock.now_ns() == clock.to_ns(clock.now())
