"""The ledger refuses changes, on every backend, also after a migration rebuilt its tables."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, models, transaction
from django.db.models.signals import post_migrate

from audit.adapters import triggers
from audit.apps import _put_back_triggers
from audit.models import Disclosure, Event
from inventory import services
from tests.cast import ADA

pytestmark = pytest.mark.django_db


@pytest.fixture
def event() -> Event:
    services.register_model(ADA, name="Weights", note="asked for by somebody")
    return Event.objects.get(action="inventory.model.register")


def refused(statement: str, *values: object) -> str:
    with pytest.raises(DatabaseError) as caught, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)
    return str(caught.value)


def everything_is_refused(event: Event) -> None:
    key = (
        connection.ops.adapt_uuidfield_value(event.id)
        if hasattr(connection.ops, "adapt_uuidfield_value")
        else (event.id if connection.features.has_native_uuid_field else event.id.hex)
    )
    assert "append-only" in refused("UPDATE audit_event SET action = 'x' WHERE id = %s", key)
    assert "append-only" in refused("DELETE FROM audit_event WHERE id = %s", key)
    assert "append-only" in refused("UPDATE audit_disclosure SET disclosure = 'x' WHERE event_id = %s", key)


def test_an_event_cannot_be_changed_or_deleted(event: Event) -> None:
    everything_is_refused(event)
    with pytest.raises(DatabaseError), transaction.atomic():
        Event.objects.filter(pk=event.pk).update(action="x")


def test_a_disclosure_can_be_erased_and_not_rewritten(event: Event) -> None:
    assert Disclosure.objects.filter(event=event).delete()[0] > 0


@pytest.mark.skipif(connection.vendor != "sqlite", reason="only SQLite knows INSERT OR REPLACE")
@pytest.mark.parametrize(
    "statement",
    [
        "INSERT OR REPLACE INTO audit_event SELECT * FROM audit_event",
        "INSERT OR REPLACE INTO audit_disclosure SELECT * FROM audit_disclosure",
        "INSERT OR REPLACE INTO audit_disclosure SELECT NULL, digest, 'x', subject_id, event_id FROM audit_disclosure",
    ],
)
def test_what_is_in_the_ledger_cannot_be_replaced(event: Event, statement: str) -> None:
    assert "append-only" in refused(statement)


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no TRUNCATE")
@pytest.mark.django_db(transaction=True)
def test_the_ledger_cannot_be_truncated(event: Event) -> None:
    assert "append-only" in refused("TRUNCATE audit_event CASCADE")


def test_triggers_come_back_after_every_migration(event: Event) -> None:
    with connection.cursor() as cursor:
        on_table = " ON {}" if connection.vendor == "postgresql" else ""
        for table, operation in triggers._refusals():
            cursor.execute(f"DROP TRIGGER {table}_no_{operation.lower()}" + on_table.format(table))
    Event.objects.filter(pk=event.pk).update(request_id="rewritten")
    config = apps.get_app_config("audit")
    post_migrate.send(sender=config, app_config=config, verbosity=0, interactive=False, using="default")
    everything_is_refused(event)


@pytest.mark.django_db(transaction=True)
def test_triggers_survive_a_rebuilt_table() -> None:
    """SQLite alters a table by making a new one; its triggers go with the old one."""
    services.register_model(ADA, name="Weights", note="asked for by somebody")
    event = Event.objects.get(action="inventory.model.register")
    field = models.CharField(max_length=10, null=True)
    field.set_attributes_from_name("passing")
    field.model = Event
    changed = models.CharField(max_length=20, null=True)
    changed.set_attributes_from_name("passing")
    changed.model = Event
    with connection.schema_editor() as editor:
        editor.add_field(Event, field)
    with connection.schema_editor() as editor:
        editor.alter_field(Event, field, changed, strict=False)
    with connection.schema_editor() as editor:
        editor.remove_field(Event, changed)
    _put_back_triggers(using="default")
    everything_is_refused(event)
