"""Forgetting as people see it: the rules, what a shorter time would touch, and the book of what went."""

from __future__ import annotations

from dataclasses import replace

import pytest

from audit.models import Event
from inventory import services as inventory
from inventory.queries.retention import retention
from inventory.services.retention import set_retention
from kernel import clock
from kernel.contracts.ingest import CaptureMode, RetentionClass
from kernel.contracts.retention import Kept
from telemetry import tasks
from telemetry.domain import SpanKind
from telemetry.services.retention import held_senders, run_retention
from tests.cast import ADA, AGNES, ODILE
from tests.inventory.estate import BUILDER
from tests.telemetry.seeding import NOW, text

pytestmark = pytest.mark.database
EDIT = "/retention/content/standard/"
DAY = clock.NANOSECONDS_PER_DAY


@pytest.fixture
def old(world):
    """Something that the clinic said forty days ago."""
    seed, clinic = world.seed, world.clinic
    span = seed.span(
        clinic, trace_id=seed.id(16), kind=SpanKind.LLM, model="weights-7b", mode=CaptureMode.FULL,
        said=[text("user", "forty days ago")], start_ns=NOW - 40 * DAY,
    )  # fmt: skip
    seed.write(clinic, [span])
    return span


def post(client, address=EDIT, **words):
    return client.post(
        address, {"days": "20", "reason": "Data protection", "version": "0", "accepted": "", **words}
    )


def test_the_page_says_how_long_what_is_kept(world, sign_in):
    body = sign_in(ADA).get("/retention/").content.decode()
    assert EDIT in body
    assert "183" in body
    assert "by default" in body


def test_who_may_not_decide_sees_no_door(world, sign_in):
    client = sign_in(ODILE)
    assert EDIT not in client.get("/retention/").content.decode()
    assert client.get(EDIT).status_code == 403


def test_a_shorter_time_is_saved_only_after_its_consequence_was_shown(world, old, sign_in):
    set_retention(ADA, kept=Kept.CONTENT, retention_class=RetentionClass.STANDARD, days=60, reason="longer")
    client = sign_in(ADA)

    first = post(client, version="1")
    assert "1 row is older than that" in first.content.decode()
    assert retention().content[RetentionClass.STANDARD] == 60

    second = post(client, version="1", accepted="20")
    assert second.status_code == 302
    assert retention().content[RetentionClass.STANDARD] == 20


def test_a_shorter_time_that_touches_nothing_is_saved_at_once(world, sign_in):
    assert post(sign_in(ADA)).status_code == 302


def test_what_cannot_be_is_said_beside_its_field(world, sign_in):
    body = post(sign_in(ADA), days="999").content.decode()
    assert "Change the other one first" in body


@pytest.mark.parametrize(
    "address", ["/retention/content/hold/", "/retention/sums/standard/", "/retention/x/all/"]
)
def test_there_are_no_other_rules(world, sign_in, address):
    assert sign_in(ADA).get(address).status_code == 404


def test_a_run_is_in_the_book_and_in_the_ledger(world, old, sign_in):
    tasks.forget()
    body = sign_in(AGNES).get("/retention/").content.decode()

    assert "Room made" in body
    begun, done = Event.objects.filter(action__startswith="telemetry.retention").order_by("time")
    assert b"content.standard.before_day" in bytes(begun.body)
    assert b"content.standard.rows" in bytes(done.body)


def test_a_run_with_nothing_to_do_says_nothing(world):
    assert run_retention() == []
    assert not Event.objects.filter(action__startswith="telemetry.retention").exists()


def test_what_broke_halfway_is_on_record_as_such(world, old, monkeypatch):
    def broken(*_args, **_words):
        raise RuntimeError("power cut")

    monkeypatch.setattr("telemetry.services.retention.forget", broken)
    with pytest.raises(RuntimeError):
        run_retention()
    assert Event.objects.get(action="telemetry.retention.finish").outcome == "failure"


def test_what_a_deployment_under_a_legal_hold_said_stays_even_if_it_came_before_the_hold(world, old):
    inventory.edit_deployment(
        BUILDER, world.estate.radiology_live, version=None, retention_class=RetentionClass.HOLD.value
    )
    assert world.clinic.sender_id() in held_senders()

    (done,) = run_retention()

    assert (done.held, done.rows) == (1, 0)


def test_the_pages_speak_french(world, sign_in):
    client = sign_in(replace(ADA), language="fr")
    assert "Gel juridique" in client.get("/retention/").content.decode()
    assert "Conserver\u00a0: Contenu" in client.get(EDIT).content.decode()
