"""Who approved what, until when, and whether it is still what was approved."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from audit.models import Event
from governance.domain.approvals import Given, changed_since, digest_of, standing
from governance.domain.states import Standing
from governance.models import Approval
from governance.queries.approvals import approval_state, stands_of_deployments, stands_of_systems
from governance.services.approvals import (
    ask_approval,
    decide_approval,
    watch_approvals,
    withdraw_approval,
)
from inventory import services as register
from inventory.domain.words import BindingPurpose, RiskClass
from kernel.errors import Conflict, Forbidden, Invalid, NotFound
from tests.cast import ADA, AGNES, ODILE, PAUL, VICTOR, only_in
from tests.governance.breaching import MACHINE
from tests.inventory.estate import BUILDER, Estate

TODAY = date(2026, 11, 30)
NEXT_YEAR = date(2027, 11, 30)


@pytest.fixture(autouse=True)
def noon() -> Iterator[Any]:
    with time_machine.travel(datetime(2026, 11, 30, 12, tzinfo=UTC), tick=True) as clock:
        yield clock


def who(person: Any) -> uuid.UUID:
    return uuid.UUID(person.id)


def ask(estate: Estate, **parts: Any) -> uuid.UUID:
    if "deployment" not in parts:
        parts = {"system": estate.radiology, **parts}
    return ask_approval(ODILE, **{"approver": who(ADA), "reason": "it goes live in January", **parts})


def approve(approval: uuid.UUID, **parts: Any) -> int:
    given = {"approve": True, "reason": "reviewed with the clinic", "valid_until": NEXT_YEAR, **parts}
    return decide_approval(ADA, approval, **given)


def state(estate: Estate) -> Standing:
    return approval_state(systems=[estate.radiology])[estate.radiology]


# ---- the rules, as a table


@pytest.mark.parametrize(
    ("given", "asked", "found"),
    [
        (None, False, Standing.NONE),
        (None, True, Standing.PENDING),
        (Given(TODAY, intact=True), False, Standing.APPROVED),
        (Given(TODAY, intact=True), True, Standing.APPROVED),
        (Given(TODAY, intact=False), False, Standing.STALE),
        (Given(TODAY, intact=False), True, Standing.PENDING),
        (Given(TODAY - timedelta(days=1), intact=True), False, Standing.EXPIRED),
        (Given(TODAY - timedelta(days=1), intact=False), False, Standing.EXPIRED),
        (Given(TODAY - timedelta(days=1), intact=True), True, Standing.PENDING),
    ],
)
def test_where_something_stands(given: Given | None, asked: bool, found: Standing) -> None:
    assert standing(given, asked=asked, today=TODAY) is found


bounds = st.dictionaries(
    st.text(max_size=8),
    st.none() | st.booleans() | st.text(max_size=8) | st.lists(st.text(max_size=8)).map(lambda v: sorted(set(v))),
    max_size=5,
)  # fmt: skip


@given(bounds, bounds)
def test_a_digest_changes_with_what_it_binds_and_with_nothing_else(one: Any, other: Any) -> None:
    assert (digest_of(one) == digest_of(other)) == (one == other)
    assert digest_of(one) == digest_of(dict(reversed(one.items())))
    assert (changed_since(one, other) == ()) or one != other


# ---- the verbs


def test_an_approval_goes_from_request_to_decision_to_expiry(estate: Estate, noon: Any) -> None:
    assert state(estate) is Standing.NONE
    approval = ask(estate)
    assert state(estate) is Standing.PENDING
    approve(approval)
    stand = stands_of_systems([estate.radiology])[estate.radiology]
    assert (stand.standing, stand.approval_ref, stand.approver.name, stand.until) == (
        Standing.APPROVED, "A-0001", "Ada Keller", NEXT_YEAR,
    )  # fmt: skip
    noon.move_to(datetime(2027, 11, 30, 23, 59, tzinfo=UTC))
    assert state(estate) is Standing.APPROVED
    noon.move_to(datetime(2027, 12, 1, 0, 1, tzinfo=UTC))
    assert state(estate) is Standing.EXPIRED
    actions = set(Event.objects.filter(target_id=str(approval)).values_list("action", flat=True))
    assert actions == {"governance.approval.ask", "governance.approval.decide"}


CHANGES = {
    "purpose": lambda e: register.edit_system(BUILDER, e.radiology, version=None, purpose="Signs reports"),
    "risk_class": lambda e: register.classify_system(
        BUILDER, e.radiology, risk_class=RiskClass.HIGH, reason="a device", version=None
    ),
    "persons_affected": lambda e: register.edit_system(
        BUILDER, e.radiology, version=None, persons_affected=["patients"]
    ),
    "capture_modes": lambda e: register.edit_deployment(
        BUILDER, e.radiology_live, version=None, capture_mode="full"
    ),
    "placements": lambda e: register.place_deployment(BUILDER, deployment=e.radiology_live, fleet=e.fleet),
    "models": lambda e: register.serve_model(BUILDER, endpoint=e.server, model_version=e.small_version),
    "datasets": lambda e: register.edit_dataset_version(
        BUILDER, e.records_2026, version=None, classification="confidential"
    ),
    "roles": lambda e: register.end_role(BUILDER, e.role),
}


@pytest.mark.parametrize("field", CHANGES)
def test_a_bound_field_that_changes_makes_it_stale_and_says_which(estate: Estate, field: str) -> None:
    approve(ask(estate))
    approve(ask(estate, deployment=estate.radiology_live))
    CHANGES[field](estate)
    for stand in (
        stands_of_systems([estate.radiology])[estate.radiology],
        stands_of_deployments([estate.radiology_live])[estate.radiology_live],
    ):
        assert stand.standing is Standing.STALE
        assert [change.field for change in stand.changed] == [field]


def test_another_name_a_note_or_another_system_changes_nothing(estate: Estate) -> None:
    approve(ask(estate))
    register.edit_model(BUILDER, estate.model, version=None, name="Weights renamed")
    register.edit_system(BUILDER, estate.radiology, version=None, name="Drafts", business_process="Imaging")
    register.edit_deployment(BUILDER, estate.radiology_live, version=None, note="moved to the cellar")
    register.bind_dataset(
        BUILDER,
        deployment=estate.shop_live,
        dataset_version=estate.records_2026,
        purpose=BindingPurpose.INPUT,
    )
    assert state(estate) is Standing.APPROVED


def test_a_model_that_leaves_and_comes_back_is_as_approved_again(estate: Estate) -> None:
    approve(ask(estate))
    more = register.serve_model(BUILDER, endpoint=estate.server, model_version=estate.small_version)
    assert watch_approvals(MACHINE) == 1
    assert watch_approvals(MACHINE) == 0
    assert Approval.objects.get().changed_at is not None
    register.end_serving(BUILDER, more)
    assert state(estate) is Standing.APPROVED
    assert watch_approvals(MACHINE) == 1
    actions = list(Event.objects.filter(action__contains="approval.").values_list("action", flat=True))
    assert "governance.approval.go_stale" in actions
    assert "governance.approval.restore" in actions


def test_what_changed_while_it_waited_cannot_be_approved_but_rejected(estate: Estate) -> None:
    approval = ask(estate)
    CHANGES["purpose"](estate)
    with pytest.raises(Conflict) as refused:
        approve(approval)
    assert refused.value.code == "changed"
    approve(approval, approve=False)
    assert state(estate) is Standing.NONE


def test_nobody_approves_what_they_asked_for_and_the_database_says_so_too(estate: Estate) -> None:
    with pytest.raises(Invalid):
        ask(estate, approver=who(ODILE))
    approval = ask(estate)
    for bad in (
        {"approver_id": who(ODILE)},
        {"decided_by_id": who(PAUL)},
        {"valid_until": None, "state": "approved"},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Approval.objects.filter(pk=approval).update(**bad)


def test_only_the_named_approver_decides_and_only_with_the_right_there(estate: Estate) -> None:
    approval = ask(estate)
    with pytest.raises(Forbidden):
        decide_approval(ODILE, approval, approve=True, reason="mine", valid_until=NEXT_YEAR)
    with pytest.raises(NotFound):
        decide_approval(
            only_in(ADA, estate.shops), approval, approve=True, reason="far", valid_until=NEXT_YEAR
        )
    powerless = ask(estate, deployment=estate.radiology_live, approver=who(PAUL))
    with pytest.raises(Forbidden):
        decide_approval(PAUL, powerless, approve=True, reason="an engineer", valid_until=NEXT_YEAR)
    assert Event.objects.filter(action="governance.approval.decide", outcome="denied").count() == 2


@pytest.mark.parametrize(
    ("parts", "field"),
    [
        ({"reason": "  "}, "reason"),
        ({"valid_until": None}, "valid_until"),
        ({"valid_until": TODAY - timedelta(days=1)}, "valid_until"),
        ({"valid_until": TODAY + timedelta(days=5000)}, "valid_until"),
    ],
)
def test_a_decision_says_why_and_until_when(estate: Estate, parts: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        approve(ask(estate), **parts)
    assert field in refused.value.fields


def test_one_request_at_a_time_and_decided_once(estate: Estate) -> None:
    approval = ask(estate)
    with pytest.raises(Conflict):
        ask(estate)
    approve(approval)
    with pytest.raises(Conflict):
        approve(approval)
    renewal = ask(estate)
    assert state(estate) is Standing.APPROVED
    approve(renewal, valid_until=TODAY)
    assert stands_of_systems([estate.radiology])[estate.radiology].approval_ref == "A-0002"


def test_a_request_is_taken_back_by_the_asker_an_approval_by_those_who_decide(estate: Estate) -> None:
    approval = ask(estate)
    with pytest.raises(Forbidden):
        withdraw_approval(PAUL, approval, reason="not mine")
    withdraw_approval(ODILE, approval, reason="asked too early")
    assert state(estate) is Standing.NONE
    approval = ask(estate)
    approve(approval)
    withdraw_approval(ADA, approval, reason="the vendor was bought")
    assert state(estate) is Standing.NONE
    with pytest.raises(Conflict):
        withdraw_approval(ADA, approval, reason="again")


@pytest.mark.parametrize("person", [AGNES, VICTOR, PAUL], ids=lambda person: person.label)
def test_who_may_not_edit_the_register_asks_for_nothing(estate: Estate, person: Any) -> None:
    with pytest.raises((Forbidden, NotFound)):
        ask_approval(person, system=estate.radiology, approver=who(ADA), reason="please")


def test_a_machine_neither_asks_nor_decides(estate: Estate) -> None:
    with pytest.raises(Invalid):
        ask_approval(MACHINE, system=estate.radiology, approver=who(ADA), reason="please")


def test_the_cost_does_not_grow_with_the_number_of_systems(estate: Estate) -> None:
    costs = []
    for more in (0, 30):
        systems = [register.register_system(BUILDER, name=f"System {more} {n}") for n in range(more)]
        for system in systems:
            approve(ask(estate, system=system))
        if not more:
            approve(ask(estate))
        with CaptureQueriesContext(connection) as made:
            found = approval_state(systems=[estate.radiology, *systems], deployments=[estate.radiology_live])
        assert set(found.values()) == {Standing.APPROVED, Standing.NONE}
        costs.append(len(made))
    assert costs[0] == costs[1] <= 12
