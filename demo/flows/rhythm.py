"""When people work: how likely each hour of a day is, in France, and how busy each day of the week."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from demo.flows.flow import Flow
from kernel import clock

PARIS = ZoneInfo("Europe/Paris")
TROUBLE_DAYS_AGO = (41, 35)
"""The provider's bad week."""


@dataclass(frozen=True, slots=True)
class Rhythm:
    """Weights of the 24 hours (local time), and of Monday to Sunday."""

    hours: tuple[float, ...]
    days: tuple[float, ...]


def _hours(**weights: float) -> tuple[float, ...]:
    """`h08=3` sets the weight of the hour from 8 to 9; hours not named weigh nothing."""
    return tuple(weights.get(f"h{hour:02d}", 0.0) for hour in range(24))


RHYTHMS = {
    "office": Rhythm(
        _hours(h07=0.5, h08=2, h09=4, h10=5, h11=4, h12=1.5, h13=2.5, h14=5, h15=5, h16=4, h17=3, h18=1, h19=0.3),
        (1, 1.1, 1.1, 1.05, 0.8, 0.03, 0.02),
    ),
    "shop": Rhythm(
        _hours(h09=1, h10=3, h11=4, h12=3, h13=2.5, h14=3, h15=4, h16=5, h17=6, h18=5, h19=2),
        (0.6, 0.8, 1, 0.9, 1.1, 1.7, 0.0),
    ),
    "clinic": Rhythm(
        _hours(h07=1, h08=3, h09=5, h10=5, h11=4, h12=2, h13=2, h14=5, h15=4, h16=4, h17=3, h18=2, h19=1, h20=1, h21=0.5),
        (1.1, 1.1, 1, 1.1, 1, 0.5, 0.3),
    ),
    "handover": Rhythm(_hours(h06=6, h07=1, h13=6, h14=1, h20=6, h21=1), (1, 1, 1, 1, 1, 0.9, 0.9)),
    "shifts": Rhythm(
        _hours(h05=2, h06=3, h07=3, h08=3, h09=3, h10=3, h11=2, h12=2, h13=3, h14=3, h15=3, h16=3, h17=3, h18=3, h19=2, h20=2),
        (1, 1.1, 1.1, 1.1, 1, 0.5, 0.0),
    ),
    "public": Rhythm(
        _hours(
            h00=1, h01=0.5, h02=0.3, h03=0.2, h04=0.2, h05=0.3, h06=0.8, h07=2, h08=3, h09=4, h10=5, h11=5,
            h12=5, h13=5, h14=4, h15=4, h16=4, h17=5, h18=6, h19=7, h20=8, h21=7, h22=4, h23=2,
        ),
        (1, 0.95, 0.95, 0.9, 0.9, 1.3, 1.4),
    ),
    "always": Rhythm((1.0,) * 24, (1, 1, 1, 1, 1, 1, 1)),
    "night": Rhythm(_hours(h03=1), (1, 1, 1, 1, 1, 1, 1)),
}  # fmt: skip


def beginnings(flow: Flow, site: str, day: date, *, last: date, rng: random.Random) -> list[int]:
    """When the conversations of a day begin, as epoch nanoseconds, in order."""
    rhythm = RHYTHMS[flow.hours]
    days_ago = (last - day).days
    if days_ago >= flow.since_days:
        return []
    grown = flow.growth ** (-days_ago / max(flow.since_days, 1))
    expected = flow.per_day * grown * rhythm.days[day.weekday()] * _size(site)
    moments = [_moment(day, rhythm, rng) for _ in range(_rounded(expected, rng))]
    return sorted(moments)


def days(flow: Flow, *, last: date) -> Iterator[date]:
    """The days on which a flow has something to say, oldest first, up to and with the last."""
    for days_ago in range(flow.since_days - 1, -1, -1):
        yield last - timedelta(days=days_ago)


def let_out(flow: Flow, end_ns: int, *, last: date) -> int:
    """When telemetry that is ready at a moment gets out: at once, or when the link is up again."""
    if flow.link is None:
        return end_ns
    opens, closes = flow.link
    moment = clock.from_ns(end_ns)
    if opens <= moment.hour < closes and not _stormy(flow, moment.date(), last):
        return end_ns
    day = moment.date() if moment.hour < opens else moment.date() + timedelta(days=1)
    while _stormy(flow, day, last):
        day += timedelta(days=1)
    opened = datetime(day.year, day.month, day.day, opens, tzinfo=UTC)
    return clock.to_ns(opened) + end_ns % (3 * clock.NANOSECONDS_PER_MINUTE)


def in_trouble(flow: Flow, day: date, *, last: date) -> bool:
    """Whether the provider has its bad week."""
    first, until = TROUBLE_DAYS_AGO
    return flow.troubled and until <= (last - day).days <= first


def _stormy(flow: Flow, day: date, last: date) -> bool:
    days_ago = (last - day).days
    return any(first >= days_ago >= until for first, until in flow.storms)


def _moment(day: date, rhythm: Rhythm, rng: random.Random) -> int:
    hour = rng.choices(range(24), weights=rhythm.hours)[0]
    local = datetime(day.year, day.month, day.day, hour, rng.randrange(60), rng.randrange(60), tzinfo=PARIS)
    return clock.to_ns(local) + rng.randrange(10**9)


def _rounded(expected: float, rng: random.Random) -> int:
    """A whole number around the expected one, as counts scatter."""
    scattered = (
        rng.gauss(expected, math.sqrt(expected) * 0.6) if expected > 2 else expected + rng.random() - 0.5
    )
    return max(0, round(scattered))


def _size(site: str) -> float:
    """Sites are not alike; the same site always has the same size."""
    return 0.7 + (sum(site.encode()) % 7) / 10 if site else 1.0
