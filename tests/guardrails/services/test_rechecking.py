"""Doing checks again: when a profile changed, and when a person says so."""

from __future__ import annotations

import pytest

from audit.models import Event
from guardrails.domain import Check
from guardrails.services import rechecking
from guardrails.services.rechecking import requeue, retry_dead
from kernel import clock
from kernel.errors import Forbidden, Invalid
from telemetry import schema
from telemetry.queries import checks
from telemetry.store import Store
from telemetry.store.queueing import RECHECK
from tests.cast import AGNES, ODILE, VICTOR
from tests.guardrails.services.small_engines import runtime_over
from tests.guardrails.services.test_pipeline import look, rows, say, states
from tests.telemetry.seeding import Seed

DAY_NS = clock.NANOSECONDS_PER_DAY


@pytest.fixture
def checked(record_store: Store) -> Store:
    """Two senders, today and three days ago; everything is done."""
    seed = Seed(record_store)
    for days in (0, 3, 45):
        say(seed, f"said {days} days ago", start_ns=seed.start_ns - days * DAY_NS)
    other = seed.sender("another")
    seed.write(other, seed.trace(other))
    look(runtime_over(record_store))
    assert set(states(record_store)) == {"done"}
    return record_store


@pytest.mark.parametrize(
    ("asked", "kinds"),
    [
        ({Check.PERSONAL_DATA}, {"message"}),
        ({Check.GROUNDEDNESS}, {"trace"}),
        (set(Check), {"message", "trace"}),
        (set(), set()),
    ],
)
def test_a_change_queues_again_what_it_changes_behind_everything_new(
    checked: Store, asked: set[Check], kinds: set[str]
) -> None:
    sender = Seed(checked).sender("helpdesk").sender_id()
    opened = requeue([sender], asked, store=checked)
    open_again = [row for row in rows(checked, schema.check_work) if row.state == "pending"]
    assert len(open_again) == opened
    assert {row.kind for row in open_again} == kinds
    assert all(row.priority >= RECHECK and row.attempts == 0 for row in open_again)
    again = requeue([sender], asked, store=checked)
    assert again == 0, "what waits already is not done again"


def test_what_was_said_meanwhile_goes_before_what_is_done_again(checked: Store) -> None:
    seed = Seed(checked)
    requeue([seed.sender("helpdesk").sender_id()], [Check.PERSONAL_DATA], store=checked)
    sender = seed.sender("newcomer")
    seed.write(sender, [seed.span(sender, trace_id=seed.id(16))])
    say(seed, "brand new")
    priorities = sorted(row.priority for row in rows(checked, schema.check_work) if row.state == "pending")
    assert priorities[0] == 0
    assert priorities[-1] >= RECHECK


def test_older_than_its_days_nothing_is_queued_again(checked: Store) -> None:
    sender = Seed(checked).sender("helpdesk").sender_id()
    opened = requeue([sender], [Check.PERSONAL_DATA], days=1, store=checked)
    assert opened == 2


@pytest.fixture
def dead(record_store: Store, monkeypatch: pytest.MonkeyPatch) -> Store:
    monkeypatch.setattr(rechecking, "record", lambda: record_store)
    say(Seed(record_store), "this raises", "fine")
    look(runtime_over(record_store), times=4)
    return record_store


def keys_of(store: Store) -> list[tuple[str, int, bytes, bytes]]:
    with store.engine.connect() as connection:
        return [item.key for item in checks.dead_work(connection)]


@pytest.mark.django_db
def test_who_manages_guardrails_lets_the_dead_be_tried_again_and_it_is_on_record(dead: Store) -> None:
    assert retry_dead(ODILE, keys_of(dead), reason="the engine is mended") == 1
    assert states(dead, "message") == {"done": 2, "pending": 1}
    event = Event.objects.get(action="guardrails.checks.retry_dead")
    assert (event.target_type, event.actor_id) == ("check_work", ODILE.id)


@pytest.mark.django_db
@pytest.mark.parametrize("actor", [AGNES, VICTOR], ids=lambda actor: actor.label)
def test_others_may_not(dead: Store, actor: object) -> None:
    with pytest.raises(Forbidden):
        retry_dead(actor, keys_of(dead))  # type: ignore[arg-type]  # an actor of the cast
    assert states(dead, "message")["dead"] == 1


@pytest.mark.django_db
def test_nothing_chosen_is_no_choice(dead: Store) -> None:
    with pytest.raises(Invalid):
        retry_dead(ODILE, [])
    assert states(dead, "message")["dead"] == 1
