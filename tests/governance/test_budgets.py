"""Budgets: whose costs they bound, how far the month is spent, which thresholds open violations."""

from __future__ import annotations

from datetime import UTC, date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from audit.models import Event
from governance.domain.breaches import SubjectKind
from governance.domain.budgets import per_mille, reached
from governance.models import Budget, Violation
from governance.queries import facts
from governance.queries.budgets import budget_states, list_budgets
from governance.services import budgets as services
from inventory import services as register
from inventory.domain.months import Month
from inventory.domain.words import EntityRole
from kernel import clock
from kernel.errors import Forbidden, Invalid
from telemetry.services.spending import Telling
from tests.cast import ADA, AGNES, ODILE, PAUL, only_in
from tests.telemetry.costing import clear_costs, cost_row, write_costs
from tests.telemetry.pages.conftest import World, mounted, sign_in, world

__all__ = ["mounted", "sign_in", "world"]
pytestmark = pytest.mark.database

DOLLAR = 10**9


@pytest.mark.parametrize(
    ("spent", "amount", "expected"),
    [
        (Fraction(0), Fraction(10), 0),
        (Fraction(5), Fraction(10), 500),
        (Fraction(10), Fraction(10), 1000),
        (Fraction(100001, 10000), Fraction(10), 1001),  # passed by a hair is passed
        (None, Fraction(10), None),
    ],
)
def test_spending_in_thousandths_is_rounded_up(
    spent: Fraction | None, amount: Fraction, expected: int | None
) -> None:
    assert per_mille(spent, amount) == expected


@pytest.mark.parametrize(
    ("spent", "threshold"), [(499, None), (500, 50), (799, 50), (1000, 100), (5000, 100), (None, None)]
)
def test_the_highest_threshold_that_is_reached(spent: int | None, threshold: int | None) -> None:
    assert reached((50, 80, 100), spent) == threshold


@pytest.fixture
def spent(world: World) -> World:
    """This month: radiology 13 dollars, the shop 5 and seven calls without a price, a stranger 4."""
    hour = max(
        Telling.of_installation().hours_of(Month.of(clock.now(), UTC)).first,
        clock.now_ns() // (3600 * DOLLAR) - 1,
    )  # type: ignore[arg-type]
    clinic, shop, stranger = (one.sender_id() for one in (world.clinic, world.shop, world.stranger))
    clear_costs(world.seed.store)
    write_costs(
        world.seed.store,
        [
            cost_row(hour=hour, sender_id=clinic, cost_nano_usd=13 * DOLLAR),
            cost_row(hour=hour, sender_id=shop, cost_nano_usd=5 * DOLLAR),
            cost_row(hour=hour, sender_id=shop, model="saas-9", cost_status="unpriced", cost_basis="", calls=7, cost_nano_usd=0),
            cost_row(hour=hour, sender_id=stranger, cost_nano_usd=4 * DOLLAR),
            cost_row(hour=hour - 24 * 40, sender_id=clinic, cost_nano_usd=900 * DOLLAR),
        ],
    )  # fmt: skip
    register.retire_seat_price(ADA, world.estate.seats, version=1, reason="none in this test")
    return world


def budget(**fields: Any) -> Any:
    return services.register_budget(
        ODILE, **{"name": "Budget", "currency": "USD", "amount": Decimal(10), **fields}
    )


def calls_of(found: Any) -> Fraction | int:
    (state,) = budget_states([found])
    return state.calls.nano_usd // DOLLAR  # type: ignore[operator]


def test_a_budget_counts_what_its_scope_names_and_the_month_that_runs(spent: World) -> None:
    estate = spent.estate
    own = register.register_entity(ADA, name="Clinics SAS", is_own=True)
    register.assign_role(ADA, system=estate.radiology, entity=own, role=EntityRole.DEPLOYER)
    cases = [
        ({"scope": "organisation"}, 22),
        ({"scope": "unit", "unit": estate.clinics}, 13),
        ({"scope": "unit", "unit": estate.group}, 18),  # with the units below
        ({"scope": "system", "system": estate.shop_system}, 5),
        ({"scope": "deployment", "deployment": estate.radiology_live}, 13),
        ({"scope": "site", "site": estate.shop}, 5),
        ({"scope": "tier", "tier": "workstation"}, 13),
        ({"scope": "entity", "entity": own}, 13),
    ]
    for fields, expected in cases:
        assert calls_of(budget(**fields)) == expected, fields


def test_seats_are_spent_too_and_unpriced_calls_are_said(spent: World) -> None:
    register.register_seat_price(
        ADA, name="Plan", system=spent.estate.shop_system, currency="USD", price_per_month=Decimal(720), seats=1
    )  # fmt: skip
    (state,) = budget_states([budget(scope="system", system=spent.estate.shop_system)])
    assert state.seats.nano_usd > 0
    assert state.spent.nano_usd == state.calls.nano_usd + state.seats.nano_usd
    assert state.unpriced_calls == 7
    assert state.facts["unpriced_calls"] == 7


def test_a_budget_in_another_currency_is_held_against_dated_rates(spent: World) -> None:
    (state,) = budget_states([budget(currency="EUR", amount=Decimal(40))])
    assert state.spent.nano == Fraction(22 * DOLLAR) / Fraction("1.1")
    assert state.spent_per_mille == 500
    (unknown,) = budget_states([budget(currency="CHF")])
    assert (unknown.spent_per_mille, unknown.reached) == (None, None)
    assert "spent_per_mille" not in unknown.facts


@pytest.mark.parametrize(
    "fields",
    [
        {"amount": Decimal(0)},
        {"scope": "unit"},
        {"scope": "tier"},
        {"scope": "organisation", "tier": "hpc"},
        {"thresholds": [80, 50]},
        {"thresholds": [0]},
        {"thresholds": ["50"]},
        {"currency": "dollars"},
    ],
)
def test_half_a_budget_is_refused(spent: World, fields: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        budget(**fields)


def test_only_who_manages_prices_where_it_belongs_makes_one(spent: World) -> None:
    for actor in (PAUL, AGNES, only_in(ODILE, spent.estate.shops)):
        with pytest.raises(Forbidden):
            services.register_budget(actor, name="Mine", amount=Decimal(1), currency="USD")
    mine = only_in(ODILE, spent.estate.shops)
    made = services.register_budget(
        mine, name="Shops", scope="unit", unit=spent.estate.shops, amount=Decimal(1), currency="USD"
    )
    assert services.edit_budget(mine, made, version=1, amount=Decimal(2)) == 2
    assert services.retire_budget(mine, made, version=2, reason="over") == 3
    assert Event.objects.filter(action__startswith="governance.budget.", outcome="success").count() == 3


def test_budgets_of_others_and_of_the_whole_are_not_shown_to_a_unit(spent: World) -> None:
    budget(name="All")
    budget(name="Clinics", scope="unit", unit=spent.estate.clinics)
    assert [row.name for row in list_budgets(ADA)] == ["All", "Clinics"]
    assert [row.name for row in list_budgets(only_in(AGNES, spent.estate.clinics))] == ["Clinics"]
    assert list_budgets(only_in(AGNES, spent.estate.shops)) == []


def standing() -> list[tuple[str, str]]:
    rows = Violation.objects.filter(policy_key=services.THRESHOLD_KEY, state="open")
    return sorted((row.subject_label, row.severity) for row in rows)


def test_a_threshold_that_is_reached_is_a_violation_until_the_amount_is_raised(spent: World) -> None:
    made = budget(name="Tight", amount=Decimal(25))  # 22 of 25
    budget(name="Wide", amount=Decimal(1000))
    assert services.evaluate_budgets() == 1
    assert standing() == [("Tight", "medium")]
    assert services.evaluate_budgets() == 1
    assert len(standing()) == 1
    services.edit_budget(ODILE, made, version=1, amount=Decimal(20))
    services.evaluate_budgets()
    assert standing() == [("Tight", "high")]
    services.edit_budget(ODILE, made, version=2, amount=Decimal(100))
    assert services.evaluate_budgets() == 0
    assert standing() == []


def test_a_budget_given_up_leaves_no_violation(spent: World) -> None:
    made = budget(name="Tight", amount=Decimal(20))
    services.evaluate_budgets()
    services.retire_budget(ODILE, made, version=1, reason="over")
    services.evaluate_budgets()
    assert standing() == []


def test_what_is_not_known_closes_nothing(spent: World) -> None:
    budget(name="Euros", amount=Decimal(10), currency="EUR")
    services.evaluate_budgets()
    assert standing() == [("Euros", "high")]
    register.retire_exchange_rate(ADA, spent.estate.exchange, version=1, reason="wrong")
    services.evaluate_budgets()
    assert standing() == [("Euros", "high")]


def test_policies_read_the_same_facts(spent: World) -> None:
    budget(name="Tight", amount=Decimal(20))
    (subject,) = facts.subjects(SubjectKind.BUDGET, facts.listen())
    assert subject.facts["spent_per_mille"] == 1100
    assert subject.facts["slug"] == "tight"


def test_a_rate_of_the_middle_of_the_month_divides_it(spent: World) -> None:
    register.register_exchange_rate(ADA, currency="EUR", day=date(2026, 1, 2), usd_per_unit=Decimal(2))
    (state,) = budget_states([budget(currency="EUR", amount=Decimal(22))])
    assert state.spent.nano == 11 * DOLLAR
    assert Budget.objects.count() == 1
