"""Owners are told, whatever dies in between; and what is tolerated comes back."""

from __future__ import annotations

import smtplib
import uuid
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, connections, transaction

from console.models import User
from governance.adapters import mail
from governance.domain.breaches import Kind
from governance.domain.notices import MOST_ATTEMPTS, wait_after
from governance.domain.states import VIOLATION_STEPS, Disposition, ViolationState, next_steps, step
from governance.models import Notice, Violation, Waiver
from governance.services.outbox import deliver_due
from governance.services.triage import (
    assign_violation,
    dispose_violation,
    reopen_violation,
    resolve_violation,
)
from governance.services.violations import see, settle
from governance.services.waivers import ask_waiver, decide_waiver, return_expired_waivers, withdraw_waiver
from kernel.config import Email
from kernel.errors import Conflict, Forbidden, Invalid, NotFound
from tests.cast import ADA, AGNES, ODILE, PAUL, only_in
from tests.governance.breaching import MACHINE, breach, later, owned_by
from tests.governance.test_from_breaches_to_violations import at_once
from tests.inventory.estate import Estate

TODAY = date(2026, 11, 30)


@pytest.fixture(autouse=True)
def noon(settings: Any) -> Iterator[Any]:
    settings.MAIL = Email("mail.example.org", 25)
    with time_machine.travel(datetime(2026, 11, 30, 12, tzinfo=UTC), tick=False) as clock:
        yield clock


def opened(estate: Estate, how_many: int = 1, **parts: Any) -> list[Violation]:
    owned_by(estate.radiology, ODILE)
    see(
        MACHINE,
        [
            breach(estate.radiology_live, reason=f"r{n}", unit_id=estate.clinics, **parts)
            for n in range(how_many)
        ],
    )
    return list(Violation.objects.order_by("number"))


# ---- told


def test_an_owner_gets_one_mail_for_many_violations_in_their_language(
    estate: Estate, mailoutbox: list[Any]
) -> None:
    User.objects.filter(pk=ODILE.id).update(language="fr")
    opened(estate, 30, facts={"diagnosis": "secret"})
    assert deliver_due() == 1
    (sent,) = mailoutbox
    assert sent.to == ["odile@example.org"]
    assert "30 nouveaux manquements" in sent.subject
    assert "V-0001 Radiology drafts" in sent.body
    assert "/violations/?policy=confidential-not-on-public-cloud&owner=me" in sent.body
    assert "secret" not in sent.body
    assert deliver_due() == 0


def test_shadow_tells_nobody_and_nobody_is_told_twice(estate: Estate, mailoutbox: list[Any]) -> None:
    opened(estate, shadow=True)
    assert not Notice.objects.exists()
    see(MACHINE, [breach(estate.radiology_live, reason="r0", unit_id=estate.clinics, seen_at=later(1))])
    see(MACHINE, [breach(estate.radiology_live, reason="r0", unit_id=estate.clinics, seen_at=later(2))])
    assert Notice.objects.get().kind == "violations_returned"


def test_what_is_rolled_back_is_told_to_nobody(estate: Estate) -> None:
    owned_by(estate.radiology, ODILE)
    with pytest.raises(Invalid):
        see(MACHINE, [breach(estate.radiology_live), breach(estate.radiology_live, reason="")])
    assert not Notice.objects.exists()


def test_a_worker_that_died_while_it_sent_is_followed_by_another(
    estate: Estate, mailoutbox: list[Any], monkeypatch: pytest.MonkeyPatch, noon: Any
) -> None:
    opened(estate)

    def die(_notice: Notice) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as dying:
        dying.setattr(mail, "send", die)
        with pytest.raises(KeyboardInterrupt):
            deliver_due()
    assert Notice.objects.get().mail_state == "leased"
    assert deliver_due() == 0
    noon.shift(timedelta(minutes=6))
    assert deliver_due() == 1
    assert len(mailoutbox) == 1
    assert mailoutbox[0].extra_headers["Message-ID"] == f"<{Notice.objects.get().pk}@tutela>"


def test_a_mail_that_kills_its_workers_ends_dead_with_a_reason(
    estate: Estate, monkeypatch: pytest.MonkeyPatch, noon: Any
) -> None:
    opened(estate)

    def die(_notice: Notice) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(mail, "send", die)
    for _attempt in range(MOST_ATTEMPTS):
        with pytest.raises(KeyboardInterrupt):
            deliver_due()
        noon.shift(timedelta(minutes=6))
    assert deliver_due() == 0
    notice = Notice.objects.get()
    assert (notice.mail_state, notice.attempts) == ("dead", MOST_ATTEMPTS)
    assert notice.error


def test_a_server_that_is_away_is_asked_again_later_and_later(
    estate: Estate, monkeypatch: pytest.MonkeyPatch, noon: Any
) -> None:
    opened(estate)

    def away(_notice: Notice) -> None:
        raise ConnectionRefusedError("nobody listens")

    monkeypatch.setattr(mail, "send", away)
    deliver_due()
    notice = Notice.objects.get()
    assert (notice.mail_state, notice.next_at) == ("waiting", datetime(2026, 11, 30, 12, 1, tzinfo=UTC))
    for _attempt in range(MOST_ATTEMPTS):
        noon.shift(timedelta(hours=7))
        deliver_due()
    notice.refresh_from_db()
    assert (notice.mail_state, notice.attempts) == ("dead", MOST_ATTEMPTS)
    assert "nobody listens" in notice.error
    assert [wait_after(n) for n in range(1, 4)] == [timedelta(minutes=m) for m in (1, 4, 16)]


def test_an_address_that_is_refused_for_good_is_dead_at_once(
    estate: Estate, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Refusing:
        def send_messages(self, _messages: Any) -> None:
            raise smtplib.SMTPRecipientsRefused({"odile@example.org": (550, b"no such user")})

    opened(estate)
    monkeypatch.setattr(mail, "get_connection", Refusing)
    deliver_due()
    assert (Notice.objects.get().mail_state, Notice.objects.get().attempts) == ("dead", 1)


def test_without_a_mail_server_it_says_so(estate: Estate, settings: Any, mailoutbox: list[Any]) -> None:
    settings.MAIL = None
    opened(estate)
    assert deliver_due() == 0
    assert Notice.objects.get().mail_state == "not_configured"
    assert mailoutbox == []


@pytest.mark.django_db(transaction=True)
def test_two_carriers_at_once_carry_each_mail_once(mailoutbox: list[Any]) -> None:
    people = [User.objects.create(email=f"p{n}@example.org", name=f"P {n}") for n in range(30)]
    about = {"id": str(uuid.uuid4()), "ref": "V-0001", "name": "x"}
    now = datetime(2026, 11, 30, 12, tzinfo=UTC)
    for person in people:
        Notice.objects.create(
            kind="violation_assigned", recipient=person, about=about, written_at=now, next_at=now
        )
    outcomes = at_once(deliver_due, deliver_due)
    connections.close_all()
    assert [outcome for outcome in outcomes if isinstance(outcome, Exception)] == []
    assert sum(outcomes) == 30 == len({tuple(sent.to) for sent in mailoutbox}) == len(mailoutbox)


# ---- states


@pytest.mark.parametrize("kind", ["condition", "occurrence"])
def test_the_table_of_steps_has_no_dead_ends_but_the_one(kind: str) -> None:
    for state in VIOLATION_STEPS:
        unreachable = {"disposed"} if kind == "condition" else {"closed_by_evaluation", "resolved"}
        ends = state is ViolationState.CLOSED_BY_EVALUATION or state.value in unreachable
        assert ends or next_steps(state, kind)
    assert (step("open", "disposed", kind) is None) is (kind == "condition")
    assert (step("open", "closed_by_evaluation", kind) is None) is (kind == "occurrence")
    assert (step("open", "resolved", kind) is None) is (kind == "occurrence")


def test_an_occurrence_is_closed_by_a_person_who_says_how_and_may_open_again(estate: Estate) -> None:
    (row,) = _occurrence(estate)
    with pytest.raises(Conflict):
        resolve_violation(PAUL, row.pk, reason="cannot be")
    with pytest.raises(Invalid):
        dispose_violation(PAUL, row.pk, disposition=Disposition.NO_HARM, reason=" ")
    dispose_violation(PAUL, row.pk, disposition=Disposition.NO_HARM, reason="it was a test")
    _occurrence(estate, seen_at=later(9))
    with pytest.raises(Conflict) as refused:
        reopen_violation(PAUL, row.pk, reason="after all")
    assert refused.value.code == "stands_already"
    assert Violation.objects.get(state="open").former_id == row.pk


def _occurrence(estate: Estate, **parts: Any) -> list[Violation]:
    see(MACHINE, [breach(estate.radiology_live, kind=Kind.OCCURRENCE, unit_id=estate.clinics, **parts)])
    return list(Violation.objects.order_by("number")[:1])


def test_whoever_gets_a_violation_is_told_but_not_by_themselves(estate: Estate) -> None:
    (row,) = opened(estate)
    Notice.objects.all().delete()
    assign_violation(ODILE, row.pk, owner=uuid.UUID(PAUL.id))
    assign_violation(PAUL, row.pk, owner=None)
    assign_violation(PAUL, row.pk, owner=uuid.UUID(PAUL.id))
    assert [str(notice.recipient_id) for notice in Notice.objects.all()] == [PAUL.id]
    with pytest.raises(Conflict):
        assign_violation(PAUL, row.pk, owner=None, version=1)
    for actor, error in ((AGNES, Forbidden), (only_in(PAUL, estate.shops), NotFound)):
        with pytest.raises(error):
            assign_violation(actor, row.pk, owner=None)


# ---- waivers


def waived(row: Violation, days: int = 10) -> uuid.UUID:
    waiver = ask_waiver(PAUL, row.pk, reason="the move is planned", until=TODAY + timedelta(days=days))
    decide_waiver(ODILE, waiver, grant=True, reason="the plan is good")
    return waiver


def test_a_waiver_takes_two_persons_and_the_database_says_so_too(estate: Estate) -> None:
    (row,) = opened(estate)
    waiver = ask_waiver(ODILE, row.pk, reason="the move is planned", until=TODAY)
    for actor in (ODILE, PAUL):
        with pytest.raises(Forbidden):
            decide_waiver(actor, waiver, grant=True, reason="fine")
    with pytest.raises(IntegrityError), transaction.atomic():
        Waiver.objects.filter(pk=waiver).update(decided_by=ODILE.id)
    with pytest.raises(Conflict):
        ask_waiver(PAUL, row.pk, reason="me too", until=TODAY)
    with pytest.raises(Forbidden):
        withdraw_waiver(PAUL, waiver, reason="not mine")
    decide_waiver(ADA, waiver, grant=False, reason="too long")
    row.refresh_from_db()
    assert row.state == "open"


def test_what_is_waived_comes_back_when_its_day_is_over_and_its_owner_is_told(
    estate: Estate, noon: Any
) -> None:
    (row,) = opened(estate)
    waiver = waived(row)
    Notice.objects.all().delete()
    see(MACHINE, [breach(estate.radiology_live, reason="r0", unit_id=estate.clinics, seen_at=later(3))])
    row.refresh_from_db()
    assert (row.state, row.count) == ("waived", 2)
    noon.move_to(datetime(2026, 12, 10, 23, tzinfo=UTC))
    assert return_expired_waivers(MACHINE) == 0
    noon.move_to(datetime(2026, 12, 11, 1, tzinfo=UTC))
    assert return_expired_waivers(MACHINE) == 1
    assert return_expired_waivers(MACHINE) == 0
    row.refresh_from_db()
    assert (row.state, Waiver.objects.get(pk=waiver).state) == ("open", "ended")
    assert Notice.objects.get().kind == "waiver_ended"


def test_a_waiver_ends_with_what_it_waives(estate: Estate) -> None:
    first, second = opened(estate, 2)
    waived(first)
    settle(MACHINE, first.policy_key, "deployment", still=(), evaluated={first.subject_id}, at=later(1))
    assert Waiver.objects.get().state == "ended"
    second.refresh_from_db()
    assert second.state == "closed_by_evaluation"
    with pytest.raises(Conflict):
        ask_waiver(PAUL, second.pk, reason="too late", until=TODAY)


@pytest.mark.parametrize("until", [None, TODAY - timedelta(days=1), TODAY + timedelta(days=400)])
def test_a_waiver_has_an_end_within_a_year(estate: Estate, until: date | None) -> None:
    (row,) = opened(estate)
    with pytest.raises(Invalid):
        ask_waiver(PAUL, row.pk, reason="please", until=until)
