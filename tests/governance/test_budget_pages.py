"""Budgets on pages: made, seen, edited, given up; on the cost page and the overview."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from governance.models import Budget
from governance.services import budgets as services
from tests import cast
from tests.cast import ODILE, only_in
from tests.governance.test_budgets import mounted, sign_in, spent, world
from tests.telemetry.pages.conftest import SignIn, World

__all__ = ["mounted", "sign_in", "spent", "world"]
pytestmark = pytest.mark.database


def text(client: Any, path: str, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status
    return answer.content.decode()


def make(world: World, **fields: Any) -> Any:
    given = {"name": "Group", "amount": Decimal(20), "currency": "USD", **fields}
    return services.register_budget(ODILE, **given)


def test_an_officer_makes_edits_and_gives_up_a_budget(spent: World, sign_in: SignIn) -> None:
    odile = sign_in(cast.ODILE)
    assert "No budget yet" in text(odile, "/budgets/")
    data = {
        "name": "Radiology", "scope": "system", "system": str(spent.estate.radiology), "amount": "26.5",
        "currency": "USD", "thresholds": "50, 80, 100", "reason": "Agreed",
    }  # fmt: skip
    made = odile.post("/budgets/new/", data)
    assert made.status_code == 302
    page = text(odile, made["Location"])
    for words in ("Radiology drafts", "$26.50", "$13.00", "Agreed", "49.1%"):
        assert words in page, words
    version = Budget.objects.get().version
    edited = odile.post(
        f"{made['Location']}edit/", {**data, "amount": "13", "version": version, "reason": "Less"}
    )
    assert edited.status_code == 302
    page = text(odile, made["Location"])
    assert "threshold reached" in page
    assert "Less" in page
    given_up = odile.post(f"{made['Location']}retire/", {"reason": "Over", "version": version + 1})
    assert given_up.status_code == 302
    assert "Retired" in text(odile, made["Location"])
    assert "No budget yet" in text(odile, "/budgets/")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("thresholds", "eighty"),
        ("thresholds", "80, 50"),
        ("amount", "-1"),
        ("system", ""),
        ("currency", "dollars"),
    ],
)
def test_what_cannot_be_is_said_beside_the_form(
    spent: World, sign_in: SignIn, field: str, value: str
) -> None:
    data = {
        "name": "Radiology", "scope": "system", "system": str(spent.estate.radiology), "amount": "26.5",
        "currency": "USD", "thresholds": "50, 80, 100",
    }  # fmt: skip
    assert sign_in(cast.ODILE).post("/budgets/new/", {**data, field: value}).status_code == 422


def test_an_exceeded_budget_stands_on_the_cost_page_and_on_the_overview(
    spent: World, sign_in: SignIn
) -> None:
    make(spent)
    ada = sign_in(cast.ADA)
    costs = text(ada, "/costs/")
    assert "Against budget, month so far" in costs
    assert "exceeded" in costs
    overview = text(ada, "/")
    assert "Month to date against budget" in overview
    assert "of $20.00, 110%" in overview


def test_without_a_budget_the_overview_says_the_month_so_far(spent: World, sign_in: SignIn) -> None:
    overview = text(sign_in(cast.ADA), "/")
    assert "$22.00" in overview
    assert "7 calls without a price" in overview


def test_each_tier_says_what_it_costs(spent: World, sign_in: SignIn) -> None:
    overview = text(sign_in(cast.ADA), "/")
    assert '<a class="door" href="/costs/?tier=workstation">$13.00</a>' in overview


def test_things_say_what_they_cost(spent: World, sign_in: SignIn) -> None:
    ada, estate = sign_in(cast.ADA), spent.estate
    for path in (
        f"/systems/{estate.radiology}/", f"/deployments/{estate.radiology_live}/", f"/sites/{estate.clinic}/",
        f"/endpoints/{estate.server}/",
    ):  # fmt: skip
        page = text(ada, path)
        assert "Cost, this month" in page, path
        assert "$13.00" in page, path
    assert "calls took" in text(ada, f"/endpoints/{estate.server}/")
    assert "7 calls without a price" in text(ada, f"/systems/{estate.shop_system}/")


def test_a_unit_sees_its_own_budget_alone(spent: World, sign_in: SignIn) -> None:
    whole = make(spent)
    mine = make(spent, name="Clinics", scope="unit", unit=spent.estate.clinics)
    clinics = sign_in(only_in(cast.AGNES, spent.estate.clinics))
    listed = text(clinics, "/budgets/")
    assert "Clinics" in listed
    assert "Group" not in listed
    text(clinics, f"/budgets/{whole}/", 404)
    text(clinics, f"/budgets/{mine}/")
    text(clinics, f"/budgets/{mine}/edit/", 403)
    text(sign_in(cast.VICTOR), "/budgets/", 403)


def test_the_pages_in_french_are_french(spent: World, sign_in: SignIn) -> None:
    made = make(spent)
    french = sign_in(cast.ODILE, language="fr")
    for path in (
        "/budgets/",
        f"/budgets/{made}/",
        "/budgets/new/",
        f"/budgets/{made}/edit/",
        f"/budgets/{made}/retire/",
        "/costs/",
    ):
        page = text(french, path)
        for word in ("Amount per month", "Thresholds", "exceeded", "Give up", "Against budget"):
            assert word not in page, (path, word)
