"""Evaluations see breaches; the organisation gets one violation for the same policy, subject and reason."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.db import IntegrityError, connection, connections, transaction
from django.test.utils import CaptureQueriesContext

from audit.models import Event
from governance.domain.breaches import Evidence, EvidenceKind, Kind, Severity, SubjectKind
from governance.domain.states import ViolationState
from governance.models import Violation
from governance.services.violations import see, settle, withdraw_policy
from kernel.errors import Forbidden, Invalid
from tests.cast import AGNES, ODILE, PAUL, only_in
from tests.governance.breaching import MACHINE, NOON, breach, later, owned_by
from tests.inventory.estate import Estate

DEPLOYMENT = SubjectKind.DEPLOYMENT
POLICY = "confidential-not-on-public-cloud"


def events(action: str) -> int:
    return Event.objects.filter(action=f"governance.violation.{action}").count()


def span(number: int) -> Evidence:
    return Evidence(EvidenceKind.SPAN, f"{number:032x}/{number:016x}")


def leak(*evidence: Evidence, **parts: Any) -> Any:
    given = {"kind": Kind.OCCURRENCE, "evidence": evidence, "reason": "a diagnosis in an answer", **parts}
    return breach("chat", **given)


def test_a_breach_opens_one_violation_with_what_was_seen(db: None) -> None:
    seen = see(MACHINE, [breach(facts={"rate": 0.25, "tier": "public_cloud"})])
    row = Violation.objects.get()
    assert seen.opened == (row.pk,)
    assert (row.ref, row.state, row.count, row.owner) == ("V-0001", "open", 1, None)
    assert row.facts == {"rate": "0.25", "tier": "public_cloud"}
    assert row.first_seen_at == row.last_seen_at == NOON
    assert events("open") == 1


def test_the_owner_of_the_system_has_it_and_it_stands_on_the_pages_of_both(estate: Estate) -> None:
    owned_by(estate.radiology, ODILE)
    see(
        MACHINE,
        [
            breach(estate.radiology_live),
            breach("b" * 32, subject_kind=SubjectKind.SENDER, deployment_id=estate.radiology_live),
        ],
    )
    for row in Violation.objects.all():
        assert (row.system_id, row.deployment_id) == (estate.radiology, estate.radiology_live)
        assert str(row.owner_id) == ODILE.id


def test_a_subject_that_is_not_on_the_register_is_kept_and_nobodys(estate: Estate) -> None:
    see(MACHINE, [breach(uuid.uuid4()), breach("no id at all", deployment_id=uuid.uuid4())])
    assert list(Violation.objects.values_list("owner", "system", "deployment")) == [(None, None, None)] * 2


def test_seeing_it_again_refreshes_it_and_writes_no_event(db: None) -> None:
    see(MACHINE, [breach()])
    seen = see(MACHINE, [breach(seen_at=later(5), evidence=(span(1),))])
    row = Violation.objects.get()
    assert (seen.opened, seen.refreshed) == ((), 1)
    assert (row.count, row.last_seen_at, row.evidence) == (2, later(5), [["span", span(1).ref]])
    assert Event.objects.count() == 1


def test_the_same_evaluation_told_twice_counts_once(db: None) -> None:
    for _again in range(3):
        see(MACHINE, [breach(), breach()])
    assert Violation.objects.get().count == 1


def test_an_occurrence_counts_up_by_its_evidence_in_whatever_order_it_comes(db: None) -> None:
    see(MACHINE, [leak(span(2), seen_at=later(2))])
    see(MACHINE, [leak(span(1), seen_at=later(1)), leak(span(2), seen_at=later(2))])
    see(MACHINE, [leak(span(1), seen_at=later(1))])
    row = Violation.objects.get()
    assert (row.count, row.first_seen_at, row.last_seen_at) == (2, later(1), later(2))


def test_evidence_is_bounded_while_the_count_goes_on(db: None) -> None:
    for start in range(0, 1000, 100):
        see(MACHINE, [leak(span(n), seen_at=later(n)) for n in range(start, start + 100)])
    row = Violation.objects.get()
    assert row.count == 1000
    assert len(row.evidence) == 200
    assert row.evidence[0] == ["span", span(0).ref]
    assert row.evidence[-1] == ["span", span(999).ref]


def test_another_reason_subject_or_policy_is_another_violation(db: None) -> None:
    one = breach()
    others = [replace(one, reason="x"), replace(one, subject_id="x"), replace(one, policy_key="x"),
              replace(one, subject_kind=SubjectKind.SYSTEM)]  # fmt: skip
    see(MACHINE, [one, *others])
    assert sorted(row.number for row in Violation.objects.all()) == [1, 2, 3, 4, 5]


def test_a_condition_that_holds_no_more_closes_if_its_subject_was_evaluated(db: None) -> None:
    see(MACHINE, [breach("a"), breach("b"), breach("c")])
    closed = settle(MACHINE, POLICY, DEPLOYMENT, still={breach("b").holds}, evaluated={"a", "b"}, at=later(1))
    assert closed == 1
    assert dict(Violation.objects.values_list("subject_id", "state")) == {
        "a": "closed_by_evaluation", "b": "open", "c": "open",
    }  # fmt: skip
    assert events("close") == 1
    assert settle(MACHINE, POLICY, DEPLOYMENT, still=(), evaluated={"a"}, at=later(1)) == 0


def test_one_of_two_reasons_of_a_subject_may_go_alone(db: None) -> None:
    see(MACHINE, [breach("a"), breach("a", reason="also at a third party")])
    settle(MACHINE, POLICY, DEPLOYMENT, still={breach("a").holds}, evaluated={"a"}, at=later(1))
    assert Violation.objects.get(state="closed_by_evaluation").reason == "also at a third party"


def test_an_evaluation_of_old_facts_closes_nothing_that_was_seen_since(db: None) -> None:
    see(MACHINE, [breach("a", seen_at=later(10))])
    assert settle(MACHINE, POLICY, DEPLOYMENT, still=(), evaluated={"a"}, at=later(5)) == 0


def test_an_occurrence_never_closes_by_evaluation(db: None) -> None:
    see(MACHINE, [leak(span(1))])
    assert settle(MACHINE, POLICY, DEPLOYMENT, still=(), evaluated={"chat"}) == 0
    assert withdraw_policy(MACHINE, POLICY, reason="switched off") == 0
    row = Violation.objects.get()
    with pytest.raises(IntegrityError), transaction.atomic():
        Violation.objects.filter(pk=row.pk).update(state="closed_by_evaluation", closed_at=NOON)


def test_what_comes_back_is_a_new_violation_that_names_the_former(db: None) -> None:
    for number in (1, 2):
        see(MACHINE, [breach("a", seen_at=later(number))])
        settle(MACHINE, POLICY, DEPLOYMENT, still=(), evaluated={"a"}, at=later(number))
    see(MACHINE, [breach("a", seen_at=later(9))])
    first, second, third = Violation.objects.order_by("number")
    assert (first.former, second.former, third.former) == (None, first, second)
    assert third.state == "open"


def test_what_was_said_to_be_put_right_and_is_seen_again_is_open_again(db: None) -> None:
    see(MACHINE, [breach()])
    Violation.objects.update(state=ViolationState.RESOLVED, state_at=later(5))
    assert (
        see(MACHINE, [breach(seen_at=later(4))]).returned == ()
    )  # older than the word of whoever put it right
    seen = see(MACHINE, [breach(seen_at=later(6))])
    assert seen.returned == (Violation.objects.get().pk,)
    assert Violation.objects.get().state == "open"
    assert events("return") == 1


def test_a_policy_that_leaves_shadow_takes_its_violations_along(db: None) -> None:
    see(MACHINE, [breach(shadow=True)])
    see(MACHINE, [breach(shadow=False)])
    assert Violation.objects.get().shadow is False
    assert events("return") == 1


def test_a_policy_that_is_switched_off_closes_its_conditions(db: None) -> None:
    see(MACHINE, [breach("a"), breach("b")])
    assert withdraw_policy(MACHINE, POLICY, reason="replaced by a better one") == 2


@pytest.mark.parametrize(
    "bad",
    [{"reason": " "}, {"subject_id": "x" * 129}, {"seen_at": NOON.replace(tzinfo=None)}, {"policy_key": ""},
     {"policy_name": "a\x00b"}],
    ids=lambda bad: next(iter(bad)),
)  # fmt: skip
def test_a_breach_that_cannot_be_kept_is_refused_whole(db: None, bad: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        see(MACHINE, [breach("good"), breach("bad", **bad)])
    assert not Violation.objects.exists()


def test_who_has_no_right_in_the_unit_sees_nothing_into_it(estate: Estate) -> None:
    for actor in (AGNES, only_in(PAUL, estate.shops)):
        with pytest.raises(Forbidden):
            see(actor, [breach(unit_id=estate.clinics)])
    see(only_in(PAUL, estate.clinics), [breach(unit_id=estate.clinics)])
    with pytest.raises(Forbidden):
        settle(only_in(PAUL, estate.shops), POLICY, DEPLOYMENT, still=(), evaluated={"somewhere"})


def test_a_thousand_breaches_take_few_statements(estate: Estate) -> None:
    many = [breach(str(n), severity=Severity.LOW) for n in range(1000)]
    costs = []
    for moment in (NOON, later(1)):
        with CaptureQueriesContext(
            connection,
        ) as made:
            see(MACHINE, [replace(item, seen_at=moment) for item in many])
        costs.append(len(made))
    with CaptureQueriesContext(connection) as made:
        settle(
            MACHINE, POLICY, DEPLOYMENT, still=(), evaluated={item.subject_id for item in many}, at=later(2)
        )
    costs.append(len(made))
    assert max(costs) < 120, costs
    with pytest.raises(Invalid):
        see(MACHINE, [*many, breach("one more")])


def at_once(*tasks: Callable[[], Any]) -> list[Any]:
    """Run tasks in threads of their own, each with its own connection; what they raised comes back as it is."""
    outcomes: list[Any] = [None] * len(tasks)
    ready = threading.Barrier(len(tasks))

    def run(at: int) -> None:
        try:
            ready.wait()
            outcomes[at] = tasks[at]()
        except Exception as error:  # noqa: BLE001  # whatever it is, the test says it
            outcomes[at] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=[at]) for at in range(len(tasks))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


@pytest.mark.django_db(transaction=True)
def test_workers_that_see_the_same_at_once_open_it_once() -> None:
    many = [breach(str(n)) for n in range(50)]
    outcomes = at_once(
        *(
            lambda order=order: see(MACHINE, order)
            for order in (many, many[::-1], [*many[10:], breach("x")], many[25:])
        )
    )
    assert [outcome for outcome in outcomes if isinstance(outcome, Exception)] == []
    assert sum(len(outcome.opened) for outcome in outcomes) == 51 == Violation.objects.count()
    assert sorted(Violation.objects.values_list("number", flat=True)) == list(range(1, 52))


@pytest.mark.django_db(transaction=True)
def test_seeing_and_settling_at_once_ends_in_one_of_both() -> None:
    for round_ in range(5):
        moment = later(round_)
        outcomes = at_once(
            lambda moment=moment: see(MACHINE, [breach(str(n), seen_at=moment) for n in range(20)]),
            lambda moment=moment: settle(
                MACHINE, POLICY, DEPLOYMENT, still=(), evaluated={str(n) for n in range(20)}, at=moment
            ),
        )
        assert [outcome for outcome in outcomes if isinstance(outcome, Exception)] == []
    standing = Violation.objects.filter(state="open").values_list("subject_id", flat=True)
    assert len(standing) == len(set(standing))


def test_the_database_refuses_a_second_one_that_stands(db: None) -> None:
    see(MACHINE, [breach()])
    row = Violation.objects.get()
    row.pk, row.number = uuid.uuid4(), 2
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save(force_insert=True)
