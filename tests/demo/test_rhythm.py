"""Rhythms: offices keep hours, shops close on Sundays, the platform is heard when its link is up."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta

import pytest

from demo.flows import Flow, by_name, load, rhythm
from kernel import clock

LAST = date(2026, 11, 20)
MONDAY, SUNDAY = date(2026, 11, 16), date(2026, 11, 15)


def beginnings(flow: Flow, day: date, *, seed: str = "x") -> list[datetime]:
    found = rhythm.beginnings(flow, flow.sites[0], day, last=LAST, rng=random.Random(seed))
    return [clock.from_ns(moment).astimezone(rhythm.PARIS) for moment in found]


def test_the_same_day_begins_the_same_every_time() -> None:
    flow = by_name("chatbot")
    assert beginnings(flow, MONDAY) == beginnings(flow, MONDAY)
    assert beginnings(flow, MONDAY, seed="y") != beginnings(flow, MONDAY)


def test_an_office_works_by_day() -> None:
    found = [moment for seed in range(30) for moment in beginnings(by_name("claims"), MONDAY, seed=str(seed))]
    assert found
    assert all(7 <= moment.hour < 20 for moment in found)


def test_shops_are_closed_on_sundays() -> None:
    assert not any(beginnings(by_name("shop"), SUNDAY, seed=str(seed)) for seed in range(30))


def test_there_is_more_of_it_today_than_ninety_days_ago() -> None:
    flow = by_name("chatbot")
    weeks = [LAST - timedelta(days=86), LAST - timedelta(days=2)]
    then, now = (
        sum(
            len(beginnings(flow, week + timedelta(days=day), seed=str(seed)))
            for day in range(2)
            for seed in range(40)
        )
        for week in weeks
    )
    assert now > 1.3 * then


def test_a_flow_that_began_lately_says_nothing_of_earlier_days() -> None:
    shadow = by_name("shadow")
    assert beginnings(shadow, LAST - timedelta(days=shadow.since_days)) == []


@pytest.mark.parametrize(
    ("ready", "out"),
    [
        ((16, 3), (16, 3)),  # the link is up
        ((16, 1), (16, 2)),  # an hour too early
        ((16, 6), (17, 2)),  # just closed
        ((16, 20), (17, 2)),
    ],
)
def test_the_platform_is_heard_when_its_link_is_up(ready: tuple[int, int], out: tuple[int, int]) -> None:
    moment = clock.to_ns(datetime(2026, 11, ready[0], ready[1], 0, 30, tzinfo=UTC))
    found = clock.from_ns(rhythm.let_out(by_name("copilot"), moment, last=LAST))
    assert (found.day, found.hour) == out


def test_a_storm_keeps_the_platform_dark_for_days() -> None:
    copilot = by_name("copilot")
    first, until = copilot.storms[0]
    in_it = clock.to_ns(datetime(2026, 11, 20, 12, tzinfo=UTC) - timedelta(days=first))
    found = clock.from_ns(rhythm.let_out(copilot, in_it, last=LAST))
    assert (LAST - found.date()).days == until - 1


def test_the_bad_week_of_the_provider_shows_where_it_is_used() -> None:
    bad = LAST - timedelta(days=38)
    troubled = {flow.name for flow in load() if rhythm.in_trouble(flow, bad, last=LAST)}
    assert troubled == {"chatbot", "code"}
    assert not any(rhythm.in_trouble(flow, LAST, last=LAST) for flow in load())
