"""How far budgets are spent: the month so far of each, from the hourly sums, told in its own currency."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from governance.domain.breaches import SubjectKind
from governance.domain.budgets import BudgetScope, per_mille, reached
from governance.domain.policies import Subject
from governance.models import Budget
from inventory.domain.months import straight_line
from inventory.models import Deployment, Site, System, Unit
from inventory.queries import Ref, unit_and_below
from inventory.queries.columns import base
from kernel import clock
from kernel.actor import Actor, Permission, system_actor
from telemetry.queries.spending import Hours, Spent, Wanted
from telemetry.services import load_estate, reading
from telemetry.services.spending import HOUR_NS, Portion, Telling, Told, portions
from telemetry.services.standing import Seats, seats
from telemetry.services.whose import Belongings, Whose

MOST_BUDGETS = 2_000
_BY = {
    BudgetScope.UNIT: Whose.UNIT,
    BudgetScope.SYSTEM: Whose.SYSTEM,
    BudgetScope.DEPLOYMENT: Whose.DEPLOYMENT,
    BudgetScope.ENTITY: Whose.ENTITY,
    BudgetScope.SITE: Whose.SITE,
    BudgetScope.TIER: Whose.TIER,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetRow:
    """A budget. `scope_id` and `scope_name` say what it bounds; None and empty for the whole organisation."""

    id: uuid.UUID
    version: int
    created_at: datetime
    updated_at: datetime
    retired_at: datetime | None
    name: str
    slug: str
    scope: str
    scope_id: uuid.UUID | None
    scope_name: str
    tier: str
    unit_id: uuid.UUID | None
    amount: Decimal
    currency: str
    thresholds: tuple[int, ...]
    owner: Ref | None
    note: str


@dataclass(frozen=True, slots=True)
class BudgetState:
    """A budget in the month that runs. Money in nano-units of its currency; None where no exchange rate is known."""

    row: BudgetRow
    month: str
    at: datetime
    calls: Told
    seats: Told
    forecast: Fraction | None
    unpriced_calls: int

    @property
    def spent(self) -> Told:
        """Calls and seats, so far."""
        return self.calls + self.seats

    @property
    def amount(self) -> Fraction:
        """The amount in nano-units."""
        return Fraction(self.row.amount) * 10**9

    @property
    def spent_per_mille(self) -> int | None:
        """How much of the amount is spent, in thousandths."""
        return per_mille(self.spent.nano, self.amount)

    @property
    def reached(self) -> int | None:
        """The highest threshold that is reached, in per cent."""
        return reached(self.row.thresholds, self.spent_per_mille)

    @property
    def facts(self) -> dict[str, Any]:
        """What policies and violations say of it. What is not known is not in it."""
        known = {
            "slug": self.row.slug,
            "spent_per_mille": self.spent_per_mille,
            "forecast_per_mille": per_mille(self.forecast, self.amount),
            "unpriced_calls": self.unpriced_calls,
        }
        return {name: value for name, value in known.items() if value is not None}


def rows() -> Any:
    """Budgets with what they point to."""
    return Budget.objects.select_related("unit", "system", "deployment__system", "entity", "site", "owner")


def unit_of(budget: Budget) -> uuid.UUID | None:
    """The unit that a budget belongs to; None is the whole organisation."""
    system: System | None = budget.system
    deployment: Deployment | None = budget.deployment
    site: Site | None = budget.site
    if deployment is not None:
        system = deployment.system
    if system is not None:
        return system.unit_id
    unit: Unit | None = budget.unit
    found = site.unit_id if site is not None else None
    return unit.pk if unit is not None else found


def row_of(budget: Budget) -> BudgetRow:
    """A budget as a value."""
    thing = getattr(budget, budget.scope) if budget.scope not in {"organisation", "tier"} else None
    owner = budget.owner
    return BudgetRow(
        **base(budget),
        name=budget.name,
        slug=budget.slug,
        scope=budget.scope,
        scope_id=thing.pk if thing is not None else None,
        scope_name=str(thing) if thing is not None else "",
        tier=budget.tier,
        unit_id=unit_of(budget),
        amount=budget.amount,
        currency=budget.currency,
        thresholds=tuple(budget.thresholds),
        owner=Ref(owner.pk, owner.name) if owner is not None else None,
        note=budget.note,
    )


def list_budgets(actor: Actor, *, retired: bool = False) -> list[BudgetRow]:
    """The budgets whose spending the actor may know: those of units whose telemetry the actor may read."""
    actor.require_somewhere(Permission.TELEMETRY_READ)
    found = rows().filter(retired_at__isnull=not retired).order_by("name", "pk")[:MOST_BUDGETS]
    values = (row_of(budget) for budget in found)
    return [row for row in values if actor.may(Permission.TELEMETRY_READ, unit=row.unit_id)]


def budget_states(only: Collection[uuid.UUID] | None = None) -> list[BudgetState]:
    """Every budget in force (or some) in the month that runs. Four queries on the record, however many budgets.

    Costs are those of all senders within the scope, whoever asks: who may see the answer is decided by `list_budgets`.
    """
    found = rows().filter(retired_at__isnull=True).order_by("name", "pk")
    budgets = [
        row_of(budget) for budget in (found if only is None else found.filter(pk__in=only))[:MOST_BUDGETS]
    ]
    if not budgets:
        return []
    actor = system_actor("budgets")
    telling = Telling.of_installation()
    month = telling.month()
    hours = telling.hours_of(month)
    currencies = {row.currency: telling.within(row.currency) for row in budgets}
    cuts = {cut for one in currencies.values() for cut in one.cuts(hours)}
    with reading() as connection:
        estate = load_estate(connection, actor)
        spent = portions(connection, estate, Wanted(hours), cuts=sorted(cuts))
    belongings = Belongings(estate)
    paid = {currency: seats(hours, one, reader=actor, whole=True) for currency, one in currencies.items()}
    return [
        _state(row, str(month), hours, belongings, spent, paid[row.currency], currencies[row.currency])
        for row in budgets
    ]


def _state(
    row: BudgetRow,
    month: str,
    hours: Hours,
    belongings: Belongings,
    spent: Sequence[Portion],
    paid: Sequence[Seats],
    telling: Telling,
) -> BudgetState:
    within = _within(row)
    mine = [one for one in spent if within is None or belongings.matches(within, one.resolution)]
    calls = sum((telling.tell(one.spent.nano_usd, one.hour) for one in mine), Told())
    sitting = [one for one in paid if _seat_within(row, one, belongings)]
    now = clock.now()
    return BudgetState(
        row,
        month,
        now,
        calls,
        sum((one.so_far for one in sitting), Told()),
        _forecast(calls, sum((one.whole for one in sitting), Told()), hours, clock.to_ns(now)),
        sum((one.spent for one in mine), Spent()).unpriced_calls,
    )


def _within(row: BudgetRow) -> dict[Whose, Collection[str]] | None:
    by = _BY.get(BudgetScope(row.scope))
    if by is None:
        return None
    if by is Whose.TIER:
        return {by: {row.tier}}
    if by is Whose.UNIT and row.scope_id is not None:
        return {by: {str(unit) for unit in unit_and_below(row.scope_id)}}
    return {by: {str(row.scope_id)}}


def _seat_within(row: BudgetRow, one: Seats, belongings: Belongings) -> bool:
    """Seats belong to a system, to its unit and its deployers; to no deployment, tier or site."""
    match BudgetScope(row.scope):
        case BudgetScope.ORGANISATION:
            return True
        case BudgetScope.SYSTEM:
            return one.row.system is not None and one.row.system.id == row.scope_id
        case BudgetScope.UNIT:
            units = unit_and_below(row.scope_id) if row.scope_id else frozenset[uuid.UUID]()
            return one.row.unit is not None and one.row.unit.id in units
        case BudgetScope.ENTITY:
            system = one.row.system
            return system is not None and row.scope_id in {
                ref.id for ref in belongings.deployers.get(system.id, ())
            }
        case _:
            return False


def _forecast(calls: Told, whole: Told, hours: Hours, now_ns: int) -> Fraction | None:
    if calls.nano is None or whole.nano is None:
        return None
    start, end = hours.first * HOUR_NS, hours.end * HOUR_NS
    line = straight_line(calls.nano, elapsed_ns=now_ns - start, length_ns=end - start)
    return None if line is None else line + whole.nano


def budget_facts() -> list[Subject]:
    """Budgets as policies speak of them."""
    return [
        Subject(
            kind=SubjectKind.BUDGET,
            id=str(state.row.id),
            label=state.row.name,
            unit_id=state.row.unit_id,
            facts=state.facts,
            deployment_id=state.row.scope_id if state.row.scope == BudgetScope.DEPLOYMENT else None,
            system_id=state.row.scope_id if state.row.scope == BudgetScope.SYSTEM else None,
        )
        for state in budget_states()
    ]
