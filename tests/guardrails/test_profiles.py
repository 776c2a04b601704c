"""Profiles on the register: made, assigned, changed by those who may, and always one default."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.db import IntegrityError, transaction

from audit.models import Event
from guardrails import services
from guardrails.models import GuardrailProfile, ProfileAssignment
from guardrails.queries import profiles as queries
from kernel.errors import Conflict, Forbidden, Invalid, NotFound
from tests import cast
from tests.inventory.estate import BUILDER, Estate, build


@pytest.fixture
def estate(db: None) -> Estate:
    return build()


def test_the_default_profile_is_made_once_and_checks_everything(estate: Estate) -> None:
    first = services.ensure_default_profile(BUILDER)
    assert services.ensure_default_profile(BUILDER) == first
    assert Event.objects.filter(action="guardrails.profile.ensure_default").count() == 1
    row = queries.profile_row(cast.ADA, first)
    assert row.is_default
    assert row.deployment_count == 2
    assert all(rules.enabled and rules.sampling == 1000 for rules in row.rules().rules)


def test_the_default_profile_cannot_be_retired_or_made_twice(estate: Estate) -> None:
    default = services.ensure_default_profile(BUILDER)
    with pytest.raises(Conflict, match="default"):
        services.retire_profile(cast.ADA, default, version=1, reason="no more checks")
    with pytest.raises(IntegrityError), transaction.atomic():
        GuardrailProfile.objects.create(name="Second", slug="second", is_default=True)
    with pytest.raises(Invalid):
        services.edit_profile(cast.ADA, default, version=1, is_default=False)  # type: ignore[call-arg]


def test_a_deployment_goes_by_its_own_profile_from_the_assignment_on(estate: Estate) -> None:
    default = services.ensure_default_profile(BUILDER)
    health = services.make_profile(cast.ODILE, name="Health", personal_data_threshold=350)
    assert queries.in_force(cast.ADA, estate.radiology_live).profile.id == default  # type: ignore[union-attr]
    services.assign_profile(cast.ODILE, profile=health, deployment=estate.radiology_live)
    found = queries.in_force(cast.ADA, estate.radiology_live)
    assert found.profile is not None
    assert (found.profile.name, found.profile.personal_data_threshold) == ("Health", 350)
    assert queries.assigned()[estate.radiology_live] == found.profile.rules()
    assert queries.deployments_of(health) == {estate.radiology_live}
    assert estate.radiology_live not in queries.deployments_of(default)


def test_another_profile_takes_the_place_of_the_first(estate: Estate) -> None:
    first = services.make_profile(cast.ODILE, name="First")
    second = services.make_profile(cast.ODILE, name="Second")
    services.assign_profile(cast.ODILE, profile=first, deployment=estate.shop_live)
    services.assign_profile(cast.ODILE, profile=second, deployment=estate.shop_live, reason="chat is public")
    held = ProfileAssignment.objects.get(valid_until__isnull=True, retired_at__isnull=True)
    assert held.profile_id == second
    with pytest.raises(Conflict, match="already"):
        services.assign_profile(cast.ODILE, profile=second, deployment=estate.shop_live)
    services.retire_profile(cast.ODILE, first, version=1, reason="not used")


def test_a_profile_in_use_cannot_be_retired(estate: Estate) -> None:
    profile = services.make_profile(cast.ODILE, name="First")
    assignment = services.assign_profile(cast.ODILE, profile=profile, deployment=estate.shop_live)
    with pytest.raises(Conflict, match="in use"):
        services.retire_profile(cast.ODILE, profile, version=1, reason="over")
    assert services.unassign_profile(cast.ODILE, assignment, reason="over") == estate.shop_live
    services.retire_profile(cast.ODILE, profile, version=1, reason="over")


def test_only_who_may_manage_guardrails_everywhere_concerned_changes_a_profile(estate: Estate) -> None:
    shop_officer = cast.only_in(cast.ODILE, estate.shops)
    shop_officer = replace(
        shop_officer, grants=(*shop_officer.grants, *cast.AGNES.grants)
    )  # reads everywhere
    with pytest.raises(Forbidden):
        services.make_profile(cast.PAUL, name="Mine")
    with pytest.raises(Forbidden):
        services.make_profile(shop_officer, name="For everybody")
    profile = services.make_profile(shop_officer, name="Shops", unit=estate.shops)
    services.assign_profile(shop_officer, profile=profile, deployment=estate.shop_live)
    services.edit_profile(shop_officer, profile, version=1, secrets_sampling=100)
    with pytest.raises(Forbidden):
        services.assign_profile(shop_officer, profile=profile, deployment=estate.radiology_live)
    services.assign_profile(cast.ODILE, profile=profile, deployment=estate.radiology_live)
    with pytest.raises(Forbidden):
        services.edit_profile(shop_officer, profile, version=2, secrets_sampling=50)


def test_a_profile_of_another_unit_is_not_known(estate: Estate) -> None:
    profile = services.make_profile(cast.ODILE, name="Clinics", unit=estate.clinics)
    stranger = cast.only_in(cast.ODILE, estate.shops)
    with pytest.raises(NotFound):
        queries.profile_detail(stranger, profile)
    with pytest.raises(Invalid):
        services.assign_profile(stranger, profile=profile, deployment=estate.shop_live)


@pytest.mark.parametrize(
    "fields",
    [
        {"name": ""},
        {"name": "A", "secrets_sampling": 0},
        {"name": "A", "secrets_sampling": 1001},
        {"name": "A", "personal_data_threshold": 1001},
        {"name": "A", "personal_data_threshold": -1},
    ],
)
def test_a_profile_without_sense_is_refused(db: None, fields: dict) -> None:
    with pytest.raises(Invalid):
        services.make_profile(cast.ODILE, **fields)
    row = {"slug": "raw", "name": "A", **fields}
    with pytest.raises(IntegrityError), transaction.atomic():
        GuardrailProfile.objects.create(**row)
