"""Months in a time zone, as stretches of time; hours are whole, because sums are kept by the hour."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

NANOSECONDS_PER_SECOND = 10**9
NANOSECONDS_PER_HOUR = 3600 * NANOSECONDS_PER_SECOND
_MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])\Z")


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """A calendar month."""

    year: int
    number: int

    def __str__(self) -> str:
        return f"{self.year:04}-{self.number:02}"

    @classmethod
    def parse(cls, text: str) -> Month | None:
        """`2026-11` as a month; None for anything else."""
        found = _MONTH.match(text) if text.isascii() else None
        if found is None or not 1970 <= int(found[1]) < 2262:
            return None
        return cls(int(found[1]), int(found[2]))

    @classmethod
    def of(cls, moment: datetime, zone: ZoneInfo) -> Month:
        """The month in which a moment lies, as clocks in the zone show it."""
        local = moment.astimezone(zone)
        return cls(local.year, local.month)

    @property
    def first(self) -> date:
        """Its first day."""
        return date(self.year, self.number, 1)

    def plus(self, months: int) -> Month:
        """So many months later (or, negative, earlier)."""
        year, index = divmod(self.year * 12 + self.number - 1 + months, 12)
        return Month(year, index + 1)

    @property
    def last(self) -> date:
        """Its last day."""
        return self.plus(1).first - timedelta(days=1)

    def bounds_ns(self, zone: ZoneInfo) -> tuple[int, int]:
        """Where the month begins and ends in the zone, in epoch nanoseconds; the end is not inside."""
        return day_ns(self.first, zone), day_ns(self.plus(1).first, zone)


def day_ns(day: date, zone: ZoneInfo) -> int:
    """The first moment of a day in a zone, in epoch nanoseconds."""
    start = datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)
    return int(start.timestamp()) * NANOSECONDS_PER_SECOND


def first_hour(moment_ns: int) -> int:
    """The first epoch hour that begins at or after a moment: an hour that a month divides belongs to the one before."""
    return -(-moment_ns // NANOSECONDS_PER_HOUR)


def straight_line(so_far: Fraction, *, elapsed_ns: int, length_ns: int) -> Fraction | None:
    """What a month comes to if it goes on as it has so far; None before its first hour is over."""
    if elapsed_ns < NANOSECONDS_PER_HOUR:
        return None
    return so_far * Fraction(length_ns, min(elapsed_ns, length_ns))
