"""The demo estate: every tier, every noun, some rules broken on purpose, and a second run that changes nothing."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from audit.models import Event
from console.models import RoleGrant, User
from demo import estate
from demo.flows import load
from governance.models import Budget
from inventory import models, queries
from inventory.adapters.directories import RegisterKeyDirectory
from inventory.domain.words import DeploymentState, SpecialCategory, Tier
from inventory.services import nouns
from kernel import clock, tokens
from kernel.actor import Role, system_actor
from tests.cast import ODILE

pytestmark = [pytest.mark.database, pytest.mark.django_db, pytest.mark.usefixtures("built")]


def test_every_tier_has_a_site() -> None:
    assert set(models.Site.objects.values_list("tier", flat=True)) == set(Tier)


@pytest.mark.parametrize(
    "noun",
    [noun.model for noun in nouns.ALL if noun.model is not models.SenderDismissal],
    ids=lambda model: model.__name__,
)
def test_every_noun_of_the_register_has_something_to_show(noun: type[models.Unit]) -> None:
    assert noun.objects.exists()


def test_the_fleets_count_what_the_group_says_of_itself() -> None:
    counted = dict(models.Fleet.objects.values_list("slug", "expected_count"))
    assert counted["ai-pc"] == 4200
    assert sum(count or 0 for slug, count in counted.items() if slug.startswith("boitiers-")) == 140


def test_everything_has_its_history() -> None:
    for system in models.System.objects.all():
        actions = set(Event.objects.filter(target_id=str(system.pk)).values_list("action", flat=True))
        assert "inventory.system.register" in actions


def test_a_second_run_changes_nothing(built: estate.Built, home: Path) -> None:
    events = Event.objects.count()
    again = estate.build(system_actor("tests"), home=home)
    assert again.keys == built.keys
    assert Event.objects.count() == events


def test_keys_whose_text_is_lost_are_replaced(built: estate.Built, home: Path) -> None:
    again = estate.build(system_actor("tests"), home=home / "elsewhere")
    assert set(again.keys) == set(built.keys)
    assert not set(again.keys.values()) & set(built.keys.values())


def test_the_keys_are_for_the_owner_alone_and_the_register_knows_them(
    built: estate.Built, home: Path
) -> None:
    assert stat.S_IMODE((home / "demo-keys.json").stat().st_mode) == 0o600
    directory = RegisterKeyDirectory()
    for name, text in estate.read_keys(home).items():
        token = tokens.parse(text)
        assert token is not None
        facts = directory.find(token.public_id)
        assert facts is not None
        assert facts.name == name
    assert not any(text in repr(built) for text in built.keys.values())


def test_nobody_of_the_estate_can_sign_in_before_a_password_is_set() -> None:
    assert User.objects.exists()
    assert not any(person.has_usable_password() for person in User.objects.all())


def test_people_hold_every_role_but_that_of_administrator() -> None:
    assert set(RoleGrant.objects.values_list("role", flat=True)) == set(Role) - {Role.ADMINISTRATOR}


def test_the_officers_question_has_an_answer_worth_reading() -> None:
    """Which live systems touch health data, where, and who owns them?"""
    found = queries.systems_touching(ODILE, special_category=SpecialCategory.HEALTH)
    answer = {
        row.system.name: (row.owner.name if row.owner else None, {place.tier for place in row.places})
        for row in found
    }
    assert answer == {
        "Tri des sinistres santé": ("Louise Pennec", {"private_data_centre"}),
        "Projets de comptes rendus de radiologie": ("Maëlle Quémener", {"workstation"}),
        "Relève infirmière": ("Maëlle Quémener", {"private_data_centre"}),
        "Armor vous répond": ("Marion Daniel", {"public_cloud"}),
    }
    planned = queries.systems_touching(ODILE, special_category=SpecialCategory.HEALTH, only_live=False)
    assert {row.system.name for row in planned} - set(answer) == {"Lettres de sortie"}


def test_a_confidential_dataset_lies_where_it_may_not() -> None:
    broken = [
        (binding.deployment.slug, placement.site.slug)
        for binding in models.Binding.objects.filter(dataset_version__classification="confidential")
        for placement in binding.deployment.placements.filter(site__tier=Tier.PUBLIC_CLOUD)
        if placement.site.country not in binding.dataset_version.residency
    ]
    assert broken == [("contract-summaries-production", "aws-us-east-1")]


def test_a_retired_deployment_still_has_a_sender_that_talks() -> None:
    retired = models.Deployment.objects.get(state=DeploymentState.RETIRED)
    rule = models.SenderRule.objects.get(deployment=retired, retired_at=None)
    assert any(flow.resource["service.name"] == rule.service_name and flow.live_every_s for flow in load())


def test_a_model_answers_that_nobody_declared() -> None:
    claims = next(flow for flow in load() if flow.name == "claims")
    observed = claims.engine_at(0).answered_by
    candidate = models.ModelVersion.objects.get(aliases=[observed])
    assert candidate.state == "candidate"
    assert not models.EndpointServes.objects.filter(model_version=candidate).exists()


def test_a_pilot_has_run_for_longer_than_a_year() -> None:
    placed = models.Placement.objects.get(deployment__slug="hr-screening-pilot")
    assert placed.valid_from is not None
    assert (placed.created_at - placed.valid_from).days > 365


def test_a_system_stands_there_that_nobody_owns() -> None:
    assert models.System.objects.filter(owner=None).exists()


def test_the_estate_says_what_its_machines_seats_and_currencies_cost() -> None:
    settings = queries.cost_settings()
    assert (settings.currency, settings.zone) == ("EUR", "Europe/Paris")
    assert queries.exchange_rates().usd_per_unit("EUR", clock.now().date()) is not None
    tiers = {
        (profile.endpoint.site or profile.endpoint.fleet.site).tier
        for profile in models.CostProfile.objects.select_related("endpoint__site", "endpoint__fleet__site")
    }
    assert {
        Tier.RETAIL_EDGE,
        Tier.INDUSTRIAL_EDGE,
        Tier.HPC,
        Tier.PRIVATE_DATA_CENTRE,
        Tier.WORKSTATION,
    } <= tiers
    assert models.SeatPrice.objects.filter(system__slug="code-assistant", seats=380).exists()
    assert Budget.objects.filter(scope="organisation").exists()
