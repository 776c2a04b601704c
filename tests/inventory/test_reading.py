"""Reading: right answers, by allow-lists, in a bounded number of queries however many rows there are."""

from __future__ import annotations

import time
import uuid
from typing import Any

import pytest

from inventory import models, queries, services
from inventory.domain.words import DeploymentState, SpecialCategory, SystemState, Tier
from kernel.errors import Invalid, NotFound
from tests.cast import ADA, AGNES, only_in
from tests.inventory.estate import Estate

LISTS = sorted(name for name in queries.__all__ if name.startswith("list_"))
DETAILS = {
    "entity_detail": "vendor",
    "site_detail": "clinic",
    "fleet_detail": "fleet",
    "system_detail": "radiology",
    "dataset_detail": "records",
    "dataset_version_detail": "records_2026",
    "model_detail": "model",
    "model_version_detail": "model_version",
    "endpoint_detail": "server",
    "deployment_detail": "radiology_live",
    "rule_detail": "rule",
    "unit_detail": "clinics",
}


def test_which_live_systems_touch_health_data_where_and_who_owns_them(
    estate: Estate, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(3):
        (found,) = queries.systems_touching(ADA, special_category=SpecialCategory.HEALTH)
    assert found.system.name == "Radiology drafts"
    assert [place.name for place in found.places] == ["Nantes clinic"]
    assert [dataset.name for dataset in found.datasets] == ["Patient records"]
    assert found.owner is None
    assert queries.systems_touching(ADA, special_category=SpecialCategory.BIOMETRIC) == []


def test_a_system_that_is_suspended_touches_nothing_now(estate: Estate) -> None:
    services.move_deployment(ADA, estate.radiology_live, to=DeploymentState.PAUSED, version=1, reason="x")
    assert queries.systems_touching(ADA, special_category=SpecialCategory.HEALTH) == []
    assert queries.systems_touching(ADA, special_category=SpecialCategory.HEALTH, only_live=False)


def test_a_system_that_runs_without_approval_is_told_and_marked(estate: Estate) -> None:
    (approved,) = queries.systems_touching(ADA, special_category=SpecialCategory.HEALTH)
    services.move_system(ADA, estate.radiology, to=SystemState.SUSPENDED, version=None, reason="x")
    (found,) = queries.systems_touching(ADA, special_category=SpecialCategory.HEALTH)
    assert (approved.runs_unapproved, found.runs_unapproved) == (False, True)


def test_an_ended_binding_touches_nothing(estate: Estate) -> None:
    services.end_binding(ADA, estate.binding)
    assert queries.systems_touching(ADA, special_category=SpecialCategory.HEALTH) == []


def test_the_question_is_answered_within_ones_units(estate: Estate) -> None:
    assert not queries.systems_touching(only_in(AGNES, estate.shops), special_category=SpecialCategory.HEALTH)


def test_the_estate_by_tier_names_all_nine(estate: Estate) -> None:
    tiers = {row.tier: row for row in queries.estate_by_tier(ADA)}
    assert list(tiers) == [tier.value for tier in Tier]
    assert (tiers["workstation"].sites, tiers["workstation"].deployments, tiers["workstation"].live) == (
        1,
        1,
        1,
    )
    assert (tiers["hpc"].sites, tiers["hpc"].deployments) == (0, 0)


def test_numbers_are_doors_a_count_and_its_list_agree(estate: Estate) -> None:
    for tier in queries.estate_by_tier(ADA):
        assert queries.count_deployments(ADA, filters={"tier": [tier.tier]}) == tier.deployments
        assert queries.count_sites(ADA, filters={"tier": [tier.tier]}) == tier.sites
    for site in queries.list_sites(ADA):
        assert queries.count_deployments(ADA, filters={"site": [str(site.id)]}) == site.deployment_count
    for system in queries.list_systems(ADA):
        assert queries.count_deployments(ADA, filters={"system": [str(system.id)]}) == system.deployment_count


@pytest.mark.parametrize(
    ("listing", "filters", "names"),
    [
        ("systems", {"risk_class": ["unclassified"]}, ["Radiology drafts", "Shop assistant"]),
        ("systems", {"risk_class": ["high"]}, []),
        ("systems", {"has_owner": ["no"]}, ["Radiology drafts", "Shop assistant"]),
        ("systems", {"has_owner": ["yes"]}, []),
        ("systems", {"running": ["yes"]}, ["Radiology drafts", "Shop assistant"]),
        ("systems", {"running": ["no"]}, []),
        ("systems", {"interacts": ["unknown"]}, ["Radiology drafts", "Shop assistant"]),
        ("systems", {"tier": ["retail_edge"]}, ["Shop assistant"]),
        ("datasets", {"special_category": ["health"]}, ["Patient records"]),
        ("datasets", {"special_category": ["biometric"]}, []),
        ("datasets", {"classification": ["restricted", "public"]}, ["Patient records"]),
        ("endpoints", {"kind": ["gateway"]}, ["Clinic gateway"]),
        ("endpoints", {"disclosure": ["not_disclosed"]}, ["Shop assistant · Lyon shop"]),
        ("sites", {"country": ["FR"], "tier": ["workstation"]}, ["Nantes clinic"]),
    ],
)
def test_filters_keep_what_they_say(listing: str, filters: dict, names: list[str], estate: Estate) -> None:
    found = getattr(queries, f"list_{listing}")(ADA, filters=filters, order="name")
    assert [row.name for row in found] == names
    assert getattr(queries, f"count_{listing}")(ADA, filters=filters) == len(names)


def test_a_filter_by_unit_reaches_below_it(estate: Estate) -> None:
    assert queries.count_systems(ADA, filters={"unit": [str(estate.group)]}) == 2
    assert queries.count_systems(ADA, filters={"unit": [str(estate.shops)]}) == 1


@pytest.mark.parametrize(
    "asked",
    [
        {"filters": {"owner__password": ["x"]}},
        {"filters": {"state__contains": ["x"]}},
        {"filters": {"owner": ["not an id"]}},
        {"filters": {"has_owner": ["maybe"]}},
        {"filters": {"persons": ['"quoted']}},
        {"filters": {"retired": ["perhaps"]}},
        {"filters": {"state": ["x"] * 200}},
        {"order": "owner__password"},
        {"order": "--name"},
    ],
)
def test_what_is_on_no_allow_list_is_refused(asked: dict, estate: Estate) -> None:
    with pytest.raises(Invalid):
        queries.list_systems(ADA, **asked)


def test_a_search_is_only_a_search(estate: Estate) -> None:
    assert [row.name for row in queries.list_systems(ADA, search="RADIO")] == ["Radiology drafts"]
    for hostile in ("%", "_", "' OR 1=1 --", "\x00", "\\"):
        assert queries.list_systems(ADA, search=f"zz{hostile}zz") == []


def test_a_page_follows_a_page(estate: Estate) -> None:
    everything = queries.list_endpoints(ADA)
    pages = [queries.list_endpoints(ADA, limit=1, offset=number) for number in range(len(everything))]
    assert [page[0].id for page in pages] == [row.id for row in everything]
    backwards = queries.list_endpoints(ADA, order="-name")
    assert [row.name for row in backwards] == [row.name for row in everything][::-1]


def test_units_come_as_a_tree(estate: Estate) -> None:
    assert [(row.name, row.depth) for row in queries.list_units(ADA)] == [
        ("Group", 0),
        ("Clinics", 1),
        ("Shops", 1),
    ]


def test_a_unit_and_all_below_it(estate: Estate) -> None:
    assert queries.unit_and_below(estate.group) == {estate.group, estate.clinics, estate.shops}
    assert queries.unit_and_below(estate.shops) == {estate.shops}


def test_declared_names_of_models_reach_through_a_gateway(estate: Estate) -> None:
    services.use_endpoint(ADA, deployment=estate.shop_live, endpoint=estate.gateway)
    names = queries.declared_models(ADA, estate.shop_live)
    assert {"weights-7b", "weights", "drafts"} <= set(names)


def test_nothing_is_there_for_an_id_of_nothing(estate: Estate) -> None:
    for name in DETAILS:
        with pytest.raises(NotFound):
            getattr(queries, name)(ADA, uuid.uuid4())


def _more(estate: Estate, number: int) -> None:
    """Many of everything, as quickly as the tables take them."""
    systems = [
        models.System(name=f"System {n}", slug=f"system-{n}", unit_id=estate.clinics) for n in range(number)
    ]
    models.System.objects.bulk_create(systems)
    deployments = [
        models.Deployment(name=f"D {n}", slug=f"d-{n}", system=system, state="live")
        for n, system in enumerate(systems)
    ]
    models.Deployment.objects.bulk_create(deployments)
    models.Placement.objects.bulk_create(
        models.Placement(deployment=one, site_id=estate.clinic) for one in deployments
    )
    models.Binding.objects.bulk_create(
        models.Binding(deployment=one, dataset_version_id=estate.records_2026, purpose="input")
        for one in deployments
    )
    models.DeploymentUse.objects.bulk_create(
        models.DeploymentUse(deployment=one, endpoint_id=estate.server) for one in deployments
    )


def _queries_of(call: Any) -> int:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as caught:
        call()
    return len(caught)


def test_the_number_of_queries_does_not_grow_with_the_rows(estate: Estate) -> None:
    calls = {name: (lambda name=name: getattr(queries, name)(ADA)) for name in LISTS}
    calls |= {
        name: (lambda name=name, thing=thing: getattr(queries, name)(ADA, getattr(estate, thing)))
        for name, thing in DETAILS.items()
    }
    calls["deployments_index"] = lambda: queries.deployments_index(ADA)
    calls["systems_touching"] = lambda: queries.systems_touching(ADA, special_category=SpecialCategory.HEALTH)
    few = {name: _queries_of(call) for name, call in calls.items()}
    _more(estate, 60)
    many = {name: _queries_of(call) for name, call in calls.items()}
    assert many == few
    assert max(few[name] for name in LISTS) <= 4
    assert max(few.values()) <= 15


def test_a_hundred_thousand_systems_still_page_fast(estate: Estate) -> None:
    models.System.objects.bulk_create(
        (
            models.System(name=f"System {n:06}", slug=f"system-{n}", unit_id=estate.clinics)
            for n in range(100_000)
        ),
        batch_size=5000,
    )
    reader = only_in(AGNES, estate.clinics)
    for asked in (
        {},
        {"offset": 90_000},
        {"search": "System 0999"},
        {"filters": {"state": ["proposed"]}, "order": "-updated"},
    ):
        started = time.perf_counter()
        assert len(queries.list_systems(reader, limit=50, **asked)) == 50
        assert time.perf_counter() - started < 2.0, asked
    assert queries.count_systems(reader) == 100_001
