"""How the register changes: nothing is lost, nothing is overwritten unseen, nothing is deleted."""

from __future__ import annotations

import uuid

import pytest

from audit.models import Event
from audit.queries import history
from inventory import models, queries, services
from inventory.domain.words import Descent, ModelState, RiskClass, SystemState, Tier
from inventory.services import nouns
from kernel.errors import Conflict, Invalid, NotFound
from tests.cast import ADA, ODILE
from tests.inventory.estate import Estate


def bad_fields(caught: pytest.ExceptionInfo[Invalid]) -> set[str]:
    return set(caught.value.fields)


@pytest.mark.django_db
class TestRegistering:
    def test_a_name_becomes_a_slug_that_nobody_has(self) -> None:
        first = services.register_site(ADA, name="Saint-Nazaire — Été", tier=Tier.INDUSTRIAL_EDGE)
        second = services.register_site(ADA, name="Saint Nazaire Ete", tier=Tier.INDUSTRIAL_EDGE)
        assert queries.site_detail(ADA, first).row.slug == "saint-nazaire-ete"
        assert queries.site_detail(ADA, second).row.slug == "saint-nazaire-ete-2"

    def test_a_name_without_latin_letters_still_gets_a_slug(self) -> None:
        site = services.register_site(ADA, name="東京", tier=Tier.COLOCATION)
        assert queries.site_detail(ADA, site).row.slug == "site"

    def test_a_system_begins_proposed_unclassified_and_with_unknowns_unknown(self) -> None:
        row = queries.system_detail(ADA, services.register_system(ADA, name="Triage")).row
        assert (row.state, row.risk_class) == ("proposed", "unclassified")
        assert (row.persons_estimate, row.interacts_with_persons, row.owner) == (None, None, None)

    @pytest.mark.parametrize(
        ("fields", "bad"),
        [
            ({"name": ""}, {"name"}),
            ({"name": "x" * 201}, {"name"}),
            ({"name": "a\x00b"}, {"name"}),
            ({"name": "a\ud800b"}, {"name"}),
            ({"name": None}, {"name"}),
            ({"name": "S", "slug": "not a slug"}, {"slug"}),
            ({"name": "S", "unit": uuid.uuid4()}, {"unit"}),
            ({"name": "S", "unit": "not an id"}, {"unit"}),
            ({"name": "S", "owner": uuid.uuid4()}, {"owner"}),
            ({"name": "S", "persons_estimate": -1}, {"persons_estimate"}),
            ({"name": "S", "persons_estimate": 2**60}, {"persons_estimate"}),
            ({"name": "S", "persons_estimate": ""}, {"persons_estimate"}),
            ({"name": "S", "persons_affected": ["martians"]}, {"persons_affected"}),
            ({"name": "S", "persons_affected": ["children", "children"]}, {"persons_affected"}),
            ({"name": "S", "persons_affected": {}}, {"persons_affected"}),
            ({"name": "S", "persons_affected": None}, {"persons_affected"}),
            ({"name": "S", "decision_impact": "total"}, {"decision_impact"}),
            ({"name": "S", "nonsense": 1}, {"nonsense"}),
            ({"name": "S", "version": 7}, {"version"}),
            ({"name": "S", "retired_at": None}, {"retired_at"}),
        ],
    )
    def test_bad_fields_are_named(self, fields: dict, bad: set[str]) -> None:
        with pytest.raises(Invalid) as caught:
            services.register_system(ADA, **fields)
        assert bad_fields(caught) == bad
        assert not models.System.objects.exists()

    def test_a_name_is_taken_once_whatever_its_case(self) -> None:
        services.register_system(ADA, name="Triage")
        with pytest.raises(Invalid):
            services.register_system(ADA, name="TRIAGE")

    def test_special_categories_are_personal_data(self) -> None:
        dataset = services.register_dataset(ADA, name="Records")
        with pytest.raises(Invalid):
            services.register_dataset_version(
                ADA, dataset=dataset, label="1", personal_data="no", special_categories=["health"]
            )

    def test_the_ledger_keeps_free_text_apart_and_values_before_and_after(self) -> None:
        system = services.register_system(ADA, name="Triage", purpose="secret plan")
        event = Event.objects.get(target_id=str(system))
        assert b"secret plan" not in bytes(event.body)
        assert b'"unclassified"' in bytes(event.body)


class TestEditing:
    def test_an_edit_of_what_somebody_else_changed_is_refused(self, estate: Estate) -> None:
        services.edit_system(ODILE, estate.radiology, version=4, business_process="Radiology")
        with pytest.raises(Conflict) as caught:
            services.edit_system(ADA, estate.radiology, version=4, business_process="Imaging")
        assert caught.value.code == "stale"
        assert queries.system_detail(ADA, estate.radiology).row.business_process == "Radiology"

    def test_an_edit_that_changes_nothing_writes_nothing(self, estate: Estate) -> None:
        before = Event.objects.count()
        assert services.edit_system(ADA, estate.radiology, version=4, name="Radiology drafts") == 4
        assert Event.objects.count() == before

    def test_state_and_class_have_verbs_of_their_own(self, estate: Estate) -> None:
        for field, value in (("state", "retired"), ("risk_class", "minimal")):
            with pytest.raises(Invalid):
                services.edit_system(ADA, estate.radiology, version=4, **{field: value})

    def test_a_thing_that_is_not_there_is_not_found(self, estate: Estate) -> None:
        with pytest.raises(NotFound):
            services.edit_system(ADA, uuid.uuid4(), version=1, name="x")

    def test_a_unit_cannot_lie_below_itself(self, estate: Estate) -> None:
        with pytest.raises(Invalid):
            services.edit_unit(ADA, estate.group, version=1, parent=estate.clinics)
        with pytest.raises(Invalid):
            services.edit_site(ADA, estate.clinic, version=1, parent=estate.clinic)

    def test_a_classification_wants_a_reason_and_annex_points_only_high_risk(self, estate: Estate) -> None:
        with pytest.raises(Invalid):
            services.classify_system(ADA, estate.radiology, risk_class=RiskClass.HIGH, reason=" ", version=4)
        with pytest.raises(Invalid):
            services.classify_system(
                ADA,
                estate.radiology,
                risk_class=RiskClass.MINIMAL,
                annex_iii_points=["5(c)"],
                reason="no",
                version=4,
            )

    def test_history_tells_every_step_with_its_reason(self, estate: Estate) -> None:
        services.move_system(
            ODILE, estate.radiology, to=SystemState.SUSPENDED, version=4, reason="wrong drafts"
        )
        last = history("inventory.system", str(estate.radiology))[0]
        assert (last.action, last.reason, last.actor_label) == (
            "inventory.system.move",
            "wrong drafts",
            ODILE.label,
        )
        assert [(change.before, change.after) for change in last.changes] == [("live", "suspended")]

    def test_a_step_that_wants_a_reason_is_refused_without(self, estate: Estate) -> None:
        with pytest.raises(Invalid):
            services.move_system(ADA, estate.radiology, to=SystemState.SUSPENDED, version=4)

    def test_a_step_that_the_table_lacks_is_refused(self, estate: Estate) -> None:
        with pytest.raises(Conflict):
            services.move_system(ADA, estate.radiology, to=SystemState.PROPOSED, version=4, reason="back")


class TestRetiring:
    def test_what_is_in_use_cannot_be_retired_and_says_by_what(self, estate: Estate) -> None:
        for retire, thing in (
            (services.retire_unit, estate.clinics),
            (services.retire_site, estate.clinic),
            (services.retire_endpoint, estate.server),
            (services.retire_model, estate.model),
            (services.retire_model_version, estate.model_version),
            (services.retire_dataset, estate.records),
            (services.retire_dataset_version, estate.records_2026),
            (services.retire_entity, estate.vendor),
        ):
            with pytest.raises(Conflict) as caught:
                retire(ADA, thing, version=1, reason="over")
            assert caught.value.code == "in_use"
            assert "in use by" in str(caught.value)

    def test_a_retired_system_stays_readable_and_cannot_be_changed(self, estate: Estate) -> None:
        services.retire_deployment(ADA, estate.radiology_live, version=1, reason="over")
        services.retire_system(ADA, estate.radiology, version=4, reason="over")
        row = queries.system_detail(ADA, estate.radiology).row
        assert row.state == "retired"
        assert row.retired_at
        with pytest.raises(Conflict):
            services.edit_system(ADA, estate.radiology, version=5, purpose="again")
        names = [system.name for system in queries.list_systems(ADA)]
        assert names == ["Shop assistant"]
        assert [system.name for system in queries.list_systems(ADA, filters={"retired": ["yes"]})] == [
            "Radiology drafts"
        ]

    def test_moving_to_retired_is_retiring(self, estate: Estate) -> None:
        services.move_model_version(ADA, estate.small_version, to=ModelState.RETIRED, version=1, reason="old")
        row = queries.model_version_detail(ADA, estate.small_version).row
        assert row.state == "retired"
        assert row.retired_at

    def test_a_retired_thing_cannot_be_pointed_to(self, estate: Estate) -> None:
        site = services.register_site(ADA, name="Old", tier=Tier.COLOCATION)
        services.retire_site(ADA, site, version=1, reason="closed")
        with pytest.raises(Invalid):
            services.place_deployment(ADA, deployment=estate.radiology_live, site=site)

    def test_no_verb_deletes(self) -> None:
        assert not [name for name in services.__all__ if "delete" in name or "remove" in name]


class TestRelations:
    def test_a_relation_ends_and_may_begin_again(self, estate: Estate) -> None:
        services.end_placement(ADA, estate.placement)
        assert queries.deployment_detail(ADA, estate.radiology_live).row.places == ()
        services.place_deployment(ADA, deployment=estate.radiology_live, site=estate.clinic)
        placements = queries.deployment_detail(ADA, estate.radiology_live).placements
        assert [one.current for one in placements] == [True, False]

    def test_the_same_relation_is_open_once(self, estate: Estate) -> None:
        with pytest.raises(Invalid):
            services.place_deployment(ADA, deployment=estate.radiology_live, site=estate.clinic)

    def test_a_deployment_is_at_a_site_or_in_a_fleet(self, estate: Estate) -> None:
        for wrong in ({}, {"site": estate.shop, "fleet": estate.fleet}):
            with pytest.raises(Invalid):
                services.place_deployment(ADA, deployment=estate.radiology_live, **wrong)

    def test_models_and_gateways_go_in_no_circle(self, estate: Estate) -> None:
        with pytest.raises(Invalid):
            services.relate_model_versions(
                ADA, child=estate.model_version, parent=estate.small_version, descent=Descent.MERGE
            )
        with pytest.raises(Invalid):
            services.route_endpoint(ADA, gateway=estate.server, upstream=estate.gateway)
        with pytest.raises(Invalid):
            services.route_endpoint(ADA, gateway=estate.server, upstream=estate.server)


class TestTheSimpleForm:
    def test_it_makes_everything_in_between(self, estate: Estate) -> None:
        made = services.register_simple(
            ADA,
            system=services.NewSystem(name="Weld inspection", unit=estate.group),
            model=services.NewModel(name="Weldnet", version="2", alias="weldnet-2"),
            place=services.NewSite(name="Yard", tier=Tier.INDUSTRIAL_EDGE, country="FR"),
        )
        detail = queries.deployment_detail(ADA, made.deployment)
        assert detail.row.slug == "weld-inspection-production"
        assert [place.name for place in detail.row.places] == ["Yard"]
        assert [(use.role, use.current) for use in detail.uses] == [("generation", True)]
        assert [serves.alias for serves in detail.serves] == ["weldnet-2"]
        assert [rule.claimed_deployment for rule in detail.rules] == [detail.row.slug]

    def test_it_makes_all_or_nothing(self, estate: Estate) -> None:
        before = models.System.objects.count()
        with pytest.raises(Invalid):
            services.register_simple(
                ADA,
                system=services.NewSystem(name="Weld inspection"),
                model=None,
                place=services.NewSite(name="", tier=Tier.INDUSTRIAL_EDGE),
            )
        assert models.System.objects.count() == before

    def test_a_model_that_nobody_discloses_is_said(self, estate: Estate) -> None:
        endpoint = queries.deployment_detail(ADA, estate.shop_live).uses[0].endpoint
        assert queries.endpoint_detail(ADA, endpoint.id).row.model_disclosure == "not_disclosed"


NO_NOUNS = {
    models.ImportDraft,  # a file on trial, gone within a day
    models.PriceBook, models.PriceEntry,  # imported as a whole, never edited
    models.RetentionRule,  # settings of the installation, with a verb of their own
}  # fmt: skip


def test_every_table_of_the_register_is_a_noun() -> None:
    tables = {getattr(models, name) for name in models.__all__}
    assert {noun.model for noun in nouns.ALL} == tables - NO_NOUNS
