"""The tables themselves refuse what can never be true, whoever writes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from inventory import models
from tests.inventory.estate import Estate

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("model", "thing", "changes"),
    [
        (models.Site, "clinic", {"tier": "moon"}),
        (models.Site, "clinic", {"name": ""}),
        (models.Site, "clinic", {"connectivity": "sometimes"}),
        (models.System, "radiology", {"risk_class": "fine"}),
        (models.System, "radiology", {"state": "retired"}),
        (models.System, "radiology", {"retired_at": NOW}),
        (models.Deployment, "radiology_live", {"capture_mode": "everything"}),
        (models.DatasetVersion, "records_2026", {"personal_data": "no"}),
        (models.Placement, "placement", {"site": None}),
        (models.Placement, "placement", {"valid_from": NOW, "valid_until": NOW}),
        (models.Placement, "placement", {"valid_from": NOW, "valid_until": NOW - timedelta(days=1)}),
        (models.SenderRule, "rule", {"claimed_deployment": ""}),
        (models.SenderRule, "rule", {"deployment": None, "endpoint": None, "site": None}),
        (models.Fleet, "fleet", {"expected_count": 0}),
        (models.EndpointServes, "serves", {"valid_from": NOW, "valid_until": NOW}),
    ],
)
def test_no_statement_gets_past_a_check(model: Any, thing: str, changes: dict, estate: Estate) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        model.objects.filter(pk=getattr(estate, thing)).update(**changes)


def test_a_thing_is_no_parent_of_itself(estate: Estate) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        models.Unit.objects.filter(pk=estate.group).update(parent=estate.group)


def test_a_key_says_exactly_what_it_may_speak_for(estate: Estate) -> None:
    for changes in ({"scope": "everything"}, {"scope": "site"}, {"site": estate.clinic}, {"unit": None}):
        with pytest.raises(IntegrityError), transaction.atomic():
            models.EndpointKey.objects.filter(pk=estate.clinic_key.id).update(**changes)


def test_what_others_point_to_cannot_be_deleted(estate: Estate) -> None:
    with pytest.raises(IntegrityError):
        models.System.objects.get(pk=estate.radiology).delete()
