"""Who may decide how long what is kept, and what cannot be decided."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from audit.models import Event
from inventory.models import RetentionRule
from inventory.queries.retention import retention, version_of
from inventory.services.retention import set_retention
from kernel.contracts.ingest import RetentionClass
from kernel.contracts.retention import Kept, Retention
from kernel.errors import Conflict, Forbidden, Invalid
from tests.cast import ADA, AGNES, ODILE, PAUL

pytestmark = [pytest.mark.database, pytest.mark.django_db]
STANDARD = RetentionClass.STANDARD


def decide(actor=ADA, **change):
    given = {"kept": Kept.CONTENT, "retention_class": STANDARD, "days": 60, "reason": "Works council"}
    return set_retention(actor, **{**given, **change})


def test_the_house_has_defaults():
    assert retention() == Retention()


def test_a_decision_holds_over_the_default_and_is_on_record():
    decide()

    assert retention().content[STANDARD] == 60
    assert retention().spans == Retention().spans
    event = Event.objects.get(action="inventory.retention.set")
    assert b'"after":60,"before":30' in bytes(event.body)


def test_deciding_the_same_again_changes_nothing():
    decide()
    decide()
    assert Event.objects.filter(action="inventory.retention.set").count() == 1


def test_sums_have_days_without_a_class():
    decide(kept=Kept.SUMS, retention_class=None, days=400)
    assert retention().sums == 400


@pytest.mark.parametrize("actor", [ODILE, PAUL, AGNES])
def test_only_administrators_decide(actor):
    with pytest.raises(Forbidden):
        decide(actor)


@pytest.mark.parametrize(
    "change",
    [
        {"reason": " "},
        {"days": 0},
        {"days": 40_000},
        {"days": 184},
        {"kept": Kept.SPANS, "days": 29},
        {"retention_class": RetentionClass.HOLD},
        {"retention_class": None},
        {"kept": Kept.SUMS},
    ],
)
def test_what_cannot_be_is_refused(change):
    with pytest.raises(Invalid):
        decide(**change)
    assert not RetentionRule.objects.exists()


def test_a_change_on_top_of_an_unseen_one_is_refused():
    seen = version_of(Kept.CONTENT, STANDARD)
    decide(version=seen)
    with pytest.raises(Conflict):
        decide(days=90, version=seen)


@pytest.mark.parametrize(
    ("kept", "which", "days"),
    [("content", "hold", 1), ("sums", "standard", 1), ("content", "", 1), ("spans", "long", 0)],
)
def test_the_database_refuses_rules_that_cannot_be(kept, which, days):
    with pytest.raises(IntegrityError), transaction.atomic():
        RetentionRule.objects.create(kept=kept, retention_class=which, days=days)
