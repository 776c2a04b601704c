"""What costs stand whether anybody calls or not: machines, busy and idle, and seats. Told like what calls cost."""

from __future__ import annotations

import itertools
import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from fractions import Fraction

import sqlalchemy as sa

from inventory import queries as inventory
from inventory.domain.costs import NANO, period_nano_usd, planned_share, seats_cost
from inventory.domain.months import Month
from inventory.queries import CostProfileRow, SeatPriceRow
from inventory.queries.costs import endpoints_by_address
from kernel import clock
from kernel.actor import Actor
from telemetry.queries.spending import HARDWARE, Hours, SpendBy, Spent, Wanted
from telemetry.services.estate import Estate
from telemetry.services.spending import HOUR_NS, Telling, Told, portions


@dataclass(frozen=True, slots=True)
class Machines:
    """The machines of a cost profile over some hours: what they cost, what calls took of it, what was idle.

    `idle` below zero means that more calls ran at once than the profile declares slots. `hours` are planned machine hours.
    """

    profile: CostProfileRow
    hours: Fraction
    period: Told
    allocated: Told
    calls: int
    busy_ns: int

    @property
    def idle(self) -> Told:
        """What no call took."""
        return self.period - self.allocated

    @property
    def used_share(self) -> Fraction | None:
        """The share of the planned slot hours in which calls ran; None where none was planned."""
        slots = self.hours * self.profile.slots
        return Fraction(self.busy_ns, HOUR_NS) / slots if slots else None


def machines(
    connection: sa.Connection,
    estate: Estate,
    hours: Hours,
    telling: Telling,
    *,
    endpoints: Collection[uuid.UUID] | None = None,
) -> list[Machines]:
    """The machines behind endpoints that the actor may see, over the hours so far. Idle machines are counted too."""
    hours = so_far(hours)
    start, end = clock.from_ns(hours.first * HOUR_NS), clock.from_ns(hours.end * HOUR_NS)
    profiles = inventory.profiles_during(estate.actor, start, end, endpoints=endpoints)
    if not profiles:
        return []
    taken = _taken(connection, estate, hours, telling, profiles)
    return [
        _machines(profile, hours, telling, taken.get(profile.id, (Spent(), Told()))) for profile in profiles
    ]


def so_far(hours: Hours) -> Hours:
    """The hours up to now: what has not been yet has cost nothing."""
    now = clock.now_ns() // HOUR_NS + 1
    return Hours(hours.first, max(hours.first, min(hours.end, now)))


def _taken(
    connection: sa.Connection,
    estate: Estate,
    hours: Hours,
    telling: Telling,
    profiles: list[CostProfileRow],
) -> dict[uuid.UUID, tuple[Spent, Told]]:
    """What calls took of each profile's machines, whoever called: idle is what nobody took."""
    by_address = endpoints_by_address()
    held = defaultdict(list)
    for profile in profiles:
        held[profile.endpoint.id].append(profile)
    cuts = {*telling.cuts(hours), *_edges(profiles)}
    found: dict[uuid.UUID, tuple[Spent, Told]] = {}
    asked = Wanted(hours, bases=(HARDWARE,))
    for portion in portions(
        connection, estate, asked, cuts=sorted(cuts), by=(SpendBy.ENDPOINT_ADDRESS,), unseen=True
    ):
        own = portion.resolution.endpoint_id if portion.resolution else None
        endpoint = by_address(str(portion.keys[0])) or own
        holding = (one for one in (held.get(endpoint, ()) if endpoint else ()) if _holds(one, portion.hour))
        for one in holding:
            spent, cost = found.get(one.id, (Spent(), Told()))
            told = telling.tell(portion.spent.nano_usd, portion.hour)
            found[one.id] = (spent + portion.spent, cost + told)
    return found


def _edges(profiles: Iterable[CostProfileRow]) -> set[int]:
    moments = (moment for one in profiles for moment in (one.valid_from, one.valid_until) if moment)
    return {-(-clock.to_ns(moment) // HOUR_NS) for moment in moments}


def _holds(profile: CostProfileRow, hour: int) -> bool:
    moment = clock.from_ns(hour * HOUR_NS)
    begun = profile.valid_from is None or profile.valid_from <= moment
    return begun and (profile.valid_until is None or moment < profile.valid_until)


def _machines(profile: CostProfileRow, hours: Hours, telling: Telling, taken: tuple[Spent, Told]) -> Machines:
    first, end = _bounds(profile, hours)
    share = planned_share(profile.hardware)
    worth = Told()
    for start, stop in pieces(telling.within(profile.currency), telling, Hours(first, end)):
        rate = telling.rates.usd_per_unit(profile.currency, telling.day_of(start))
        if rate is None:
            worth += Told(0, None)
            continue
        nano_usd = period_nano_usd(
            1, machines=profile.machines, share=share, length_ns=(stop - start) * HOUR_NS
        )
        worth += telling.tell(nano_usd * profile.rate * Fraction(rate) * NANO, start)
    spent, allocated = taken
    return Machines(
        profile,
        share * profile.machines * (end - first),
        worth,
        allocated,
        spent.calls,
        spent.busy_ns,
    )


def _bounds(row: CostProfileRow | SeatPriceRow, hours: Hours) -> tuple[int, int]:
    start = -(-clock.to_ns(row.valid_from) // HOUR_NS) if row.valid_from else hours.first
    stop = -(-clock.to_ns(row.valid_until) // HOUR_NS) if row.valid_until else hours.end
    first = min(max(hours.first, start), hours.end)
    return first, max(first, min(hours.end, stop))


def pieces(one: Telling, other: Telling, hours: Hours) -> list[tuple[int, int]]:
    """Some hours cut wherever a rate of either currency changes."""
    if hours.end <= hours.first:
        return []
    cuts = {cut for cut in (*one.cuts(hours), *other.cuts(hours)) if hours.first < cut < hours.end}
    line = [hours.first, *sorted(cuts), hours.end]
    return list(itertools.pairwise(line))


@dataclass(frozen=True, slots=True)
class Seats:
    """Seats over some hours: what they cost so far, and what they come to by the end of those hours."""

    row: SeatPriceRow
    so_far: Told
    whole: Told


def seats(
    hours: Hours,
    telling: Telling,
    *,
    reader: Actor,
    systems: Collection[uuid.UUID] | None = None,
    whole: bool = False,
) -> list[Seats]:
    """The seats that the reader may see (`whole`: of the whole organisation), over some hours. One query on the register."""
    start, end = clock.from_ns(hours.first * HOUR_NS), clock.from_ns(hours.end * HOUR_NS)
    rows = inventory.seats_during(reader, start, end, systems=systems, whole=whole)
    return [
        Seats(row, seat_cost(row, so_far(hours), telling), seat_cost(row, hours, telling)) for row in rows
    ]


def seat_cost(row: SeatPriceRow, hours: Hours, telling: Telling) -> Told:
    """What seats cost over some hours: each month's price accrues evenly over the hours of that month."""
    cost = Told()
    for start, stop in pieces(telling.within(row.currency), telling, Hours(*_bounds(row, hours))):
        for first, end, month_hours in _by_month(start, stop, telling):
            rate = telling.rates.usd_per_unit(row.currency, telling.day_of(first))
            if rate is None:
                cost += Told(0, None)
                continue
            amount = seats_cost(row.price_per_month, row.seats, share=Fraction(end - first, month_hours))
            cost += telling.tell(amount * Fraction(rate) * NANO, first)
    return cost


def _by_month(start: int, stop: int, telling: Telling) -> Iterable[tuple[int, int, int]]:
    """A stretch of hours month by month: first hour, end, and how many hours that month has."""
    while start < stop:
        day = telling.day_of(start)
        hours = telling.hours_of(Month(day.year, day.month))
        end = min(stop, hours.end) if hours.end > start else start + 1
        yield start, end, hours.end - hours.first
        start = end
