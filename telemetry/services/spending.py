"""What was spent, on what: hourly sums meet the register's meanings of senders and its dated exchange rates, when read.

Money stays whole nano-USD until it is told. Told in another currency it is an exact fraction of nano-units, made of
pieces that each have one rate; it is rounded once, where it is shown. A piece without a rate is not guessed: its sum is
not told.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import TypeVar
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from inventory import queries as inventory
from inventory.domain.costs import DOLLAR, Rate, Rates
from inventory.domain.months import Month, day_ns, first_hour
from kernel import clock
from kernel.contracts.ingest import Resolution
from telemetry.queries.bounds import SenderScope
from telemetry.queries.spending import NOTHING, Hours, SpendBy, Spent, Wanted, spending
from telemetry.services.estate import Estate, identified

G = TypeVar("G", bound=Hashable)
HOUR_NS = clock.NANOSECONDS_PER_HOUR


@dataclass(frozen=True, slots=True)
class Told:
    """An amount as it is counted (whole nano-USD) and as it is told (nano-units of a currency, exactly; None: no rate)."""

    nano_usd: Fraction | int = 0
    nano: Fraction | None = Fraction(0)

    def __add__(self, other: Told) -> Told:
        told = None if self.nano is None or other.nano is None else self.nano + other.nano
        return Told(self.nano_usd + other.nano_usd, told)

    def __sub__(self, other: Told) -> Told:
        return self + Told(-other.nano_usd, None if other.nano is None else -other.nano)


@dataclass(frozen=True)
class Telling:
    """How money is told: in a currency, at dated rates, by days and months of a zone."""

    currency: str
    zone: ZoneInfo
    rates: Rates

    @classmethod
    def of_installation(cls, *, currency: str = "") -> Telling:
        """As the installation's settings say; a budget tells in its own `currency`. Two queries on the register."""
        settings = inventory.cost_settings()
        return cls(currency or settings.currency, settings.zone_info, inventory.exchange_rates())

    def within(self, currency: str) -> Telling:
        """The same days and rates, told in another currency."""
        return Telling(currency, self.zone, self.rates)

    def day_of(self, hour: int) -> date:
        """The day in the zone in which an epoch hour begins."""
        return clock.from_ns(hour * HOUR_NS).astimezone(self.zone).date()

    def cuts(self, hours: Hours) -> list[int]:
        """The hours at which another rate begins to hold."""
        return [first_hour(day_ns(rate.day, self.zone)) for rate in self.used(hours) if rate.day > date.min]

    def used(self, hours: Hours) -> list[Rate]:
        """The rates that hold during some hours, oldest first; none for US dollars."""
        if self.currency == DOLLAR or hours.end <= hours.first:
            return []
        return self.rates.changes(self.currency, self.day_of(hours.first), self.day_of(hours.end - 1))

    def tell(self, nano_usd: Fraction | int, hour: int) -> Told:
        """An amount of a piece of time that begins at an hour and has one rate."""
        rate = self.rates.usd_per_unit(self.currency, self.day_of(hour))
        return Told(nano_usd, None if rate is None else Fraction(nano_usd) / Fraction(rate))

    def month(self, text: str = "") -> Month:
        """The month that a text names, else the one that it is now."""
        return Month.parse(text) or Month.of(clock.now(), self.zone)

    def hours_of(self, month: Month) -> Hours:
        """The epoch hours of a month. An hour that its bounds divide belongs to the month before."""
        start, end = month.bounds_ns(self.zone)
        return Hours(first_hour(start), first_hour(end))


@dataclass(frozen=True, slots=True)
class Sum:
    """What some calls used and cost, told."""

    spent: Spent = NOTHING
    cost: Told = Told()
    hardware: Told = Told()
    reported: Told = Told()
    compared: Told = Told()
    reported_compared: Told = Told()

    def __add__(self, other: Sum) -> Sum:
        return Sum(
            self.spent + other.spent,
            self.cost + other.cost,
            self.hardware + other.hardware,
            self.reported + other.reported,
            self.compared + other.compared,
            self.reported_compared + other.reported_compared,
        )


def told(telling: Telling, hour: int, spent: Spent) -> Sum:
    """The sums of one piece, told at its rate."""
    return Sum(
        spent,
        telling.tell(spent.nano_usd, hour),
        telling.tell(spent.hardware_nano_usd, hour),
        telling.tell(spent.reported_nano_usd, hour),
        telling.tell(spent.compared_nano_usd, hour),
        telling.tell(spent.reported_compared_nano_usd, hour),
    )


@dataclass(frozen=True, slots=True)
class Portion:
    """What a sender spent in a piece of time in which it was one thing; None where nobody says what it was."""

    hour: int
    sender_id: bytes
    resolution: Resolution | None
    spent: Spent
    keys: tuple[str | bytes, ...] = ()


def by_record(
    connection: sa.Connection, wanted: Wanted, telling: Telling, by: Sequence[SpendBy]
) -> dict[tuple[str | bytes, ...], Sum]:
    """Costs by what the record itself knows. One query."""
    found: dict[tuple[str | bytes, ...], Sum] = {}
    for cell in spending(connection, wanted, by=by, cuts=telling.cuts(wanted.hours)):
        found[cell.keys] = found.get(cell.keys, Sum()) + told(telling, cell.hour, cell.spent)
    return found


def total(connection: sa.Connection, wanted: Wanted, telling: Telling) -> Sum:
    """All of the wanted calls. One query."""
    return by_record(connection, wanted, telling, ()).get((), Sum())


def by_day(connection: sa.Connection, wanted: Wanted, telling: Telling) -> dict[date, Sum]:
    """Costs by day of the zone; days without any are left out. One query."""
    first, last = telling.day_of(wanted.hours.first), telling.day_of(wanted.hours.end - 1)
    days = [date.fromordinal(number) for number in range(first.toordinal(), last.toordinal() + 1)]
    cuts = [first_hour(day_ns(day, telling.zone)) for day in days]
    found: dict[date, Sum] = {}
    for cell in spending(connection, wanted, cuts=cuts):
        day = telling.day_of(cell.hour)
        found[day] = found.get(day, Sum()) + told(telling, cell.hour, cell.spent)
    return found


def portions(
    connection: sa.Connection,
    estate: Estate,
    wanted: Wanted,
    *,
    cuts: Sequence[int] = (),
    by: Sequence[SpendBy] = (),
    unseen: bool = False,
) -> list[Portion]:
    """What each sender spent, with what it was then. Two queries, however many senders.

    Senders whose meaning changes within the time are read by the hour, all others in the pieces between `cuts`. Only
    what the actor may see is answered, unless `unseen` says that a sum over everybody is wanted and is no secret.
    """
    changing = _changing(estate, wanted.hours)
    scope = wanted.scope if unseen else _narrowed(wanted.scope, estate)
    keys = (SpendBy.SENDER, *by)
    asked = _like(wanted, scope)
    cells = spending(connection, _like(asked, scope, without=changing), by=keys, cuts=cuts)
    if changing:
        cells += spending(connection, _like(asked, scope, senders=changing), by=keys, hourly=True)
    found = []
    for cell in cells:
        sender_id = cell.keys[0]
        if isinstance(sender_id, bytes):
            meaning = _meaning(estate, sender_id, cell.hour)
            found.append(Portion(cell.hour, sender_id, meaning, cell.spent, cell.keys[1:]))
    return found


def _meaning(estate: Estate, sender_id: bytes, hour: int) -> Resolution | None:
    known = estate.known.get(sender_id)
    found = known.at(hour * HOUR_NS) if known is not None else None
    return found if found is not None and identified(found) else None


def _changing(estate: Estate, hours: Hours) -> list[bytes]:
    """The senders that become something else within some hours."""
    return [
        sender_id
        for sender_id, known in estate.known.items()
        if any(
            _inside(moment, hours)
            for item in known.resolutions
            for moment in (item.valid_from_ns, item.valid_until_ns)
        )
    ]


def _inside(moment_ns: int | None, hours: Hours) -> bool:
    return moment_ns is not None and hours.first < first_hour(moment_ns) < hours.end


def _narrowed(scope: SenderScope, estate: Estate) -> SenderScope:
    return estate.visible if scope is None else scope


def _like(
    wanted: Wanted,
    scope: SenderScope,
    *,
    senders: Sequence[bytes] | None = None,
    without: Sequence[bytes] = (),
) -> Wanted:
    return Wanted(
        wanted.hours,
        scope,
        wanted.providers,
        wanted.models,
        wanted.environments,
        wanted.statuses,
        wanted.bases,
        senders,
        without,
    )


def grouped(found: Iterable[Portion], telling: Telling, group: Callable[[Portion], G]) -> dict[G, Sum]:
    """Portions added up by what `group` says they belong to, told."""
    sums: dict[G, Sum] = {}
    for portion in found:
        key = group(portion)
        sums[key] = sums.get(key, Sum()) + told(telling, portion.hour, portion.spent)
    return sums
