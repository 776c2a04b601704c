"""Senders: discovered, promoted, merged, dismissed; and what ingest is told of them."""

from __future__ import annotations

import time
from typing import Any

import pytest

from audit.models import Event
from inventory import queries, services
from inventory.adapters.directories import RegisterSenderDirectory, claims_of
from inventory.domain import senders as domain
from inventory.domain.words import DeploymentState, KeyScope
from inventory.models import Deployment, EndpointKey, Placement, SenderRule, System
from kernel import clock
from kernel.contracts.ingest import CaptureMode, ResolutionState, RetentionClass
from kernel.errors import Conflict, Invalid, NotFound
from tests.cast import ADA, PAUL, only_in
from tests.inventory.estate import Estate, sender
from tests.reading import rows_read


def test_a_discovered_sender_is_unknown_until_somebody_says_what_it_is(estate: Estate) -> None:
    shadow = estate.sender("shadow")
    assert queries.sender_resolver()(shadow) == ()
    services.promote_sender(PAUL, identity=shadow, deployment=estate.radiology_live)
    (found,) = queries.sender_resolver()(shadow)
    assert found.deployment_id == estate.radiology_live
    assert (found.valid_from_ns, found.valid_until_ns) == (None, None)
    assert (found.site_name, found.tier) == ("Nantes clinic", "workstation")
    assert found.unit_id == estate.clinics
    assert queries.sender_resolver()(estate.sender("other")) == ()


def test_a_rule_made_today_explains_the_past(estate: Estate) -> None:
    services.promote_sender(PAUL, identity=estate.sender(), deployment=estate.radiology_live)
    long_ago = clock.from_ns(0)
    (found,) = queries.sender_resolver(at=long_ago)(estate.sender())
    assert found.deployment_id == estate.radiology_live


def test_a_rule_may_hold_from_a_moment_on(estate: Estate) -> None:
    services.promote_sender(
        PAUL, identity=estate.sender(), deployment=estate.radiology_live, valid_from=clock.now()
    )
    assert queries.sender_resolver(at=clock.from_ns(0))(estate.sender()) == ()
    assert queries.sender_resolver(at=clock.now())(estate.sender())


def test_a_retired_rule_never_was(estate: Estate) -> None:
    rule = services.promote_sender(PAUL, identity=estate.sender(), deployment=estate.radiology_live)
    services.retire_rule(PAUL, rule, version=1, reason="mistaken")
    assert queries.sender_resolver()(estate.sender()) == ()


def test_several_senders_become_one_deployment(estate: Estate) -> None:
    several = [estate.sender(name) for name in ("a", "b", "b")]
    made = services.merge_senders(PAUL, identities=several, deployment=estate.radiology_live)
    assert len(made) == 2
    resolve = queries.sender_resolver()
    assert {resolve(one)[0].deployment_id for one in several} == {estate.radiology_live}
    assert Event.objects.filter(action="inventory.sender.merge").count() == 1


def test_a_merge_is_all_or_nothing(estate: Estate) -> None:
    unheard = sender(estate.shop, "of a key that is none")
    with pytest.raises(Invalid):
        services.merge_senders(PAUL, identities=[estate.sender(), unheard], deployment=estate.radiology_live)
    assert queries.sender_resolver()(estate.sender()) == ()


def test_a_dismissed_sender_comes_back_when_called(estate: Estate) -> None:
    with pytest.raises(Invalid):
        services.dismiss_sender(PAUL, identity=estate.sender(), reason=" ")
    services.dismiss_sender(PAUL, identity=estate.sender(), reason="a load test")
    (found,) = queries.sender_resolver()(estate.sender())
    assert found.state is ResolutionState.DISMISSED
    (row,) = queries.list_dismissals(ADA)
    assert (row.sender_id, row.reason) == (estate.sender().sender_id(), "a load test")
    with pytest.raises((Conflict, Invalid)):
        services.dismiss_sender(PAUL, identity=estate.sender(), reason="twice")
    services.undismiss_sender(PAUL, sender_id=estate.sender().sender_id())
    assert queries.sender_resolver()(estate.sender()) == ()
    with pytest.raises(NotFound):
        services.undismiss_sender(PAUL, sender_id=estate.sender().sender_id())


def test_a_hostile_service_name_captures_at_most_its_own_keys_senders(estate: Estate) -> None:
    services.promote_sender(PAUL, identity=estate.sender("*"), deployment=estate.radiology_live)
    assert queries.sender_resolver()(sender(estate.key.id, "anything")) == ()


def test_a_name_is_taken_as_it_was_written(estate: Estate) -> None:
    for odd in (" spaces ", "x" * 256, "a/b\\c", "<script>", "naïve é"):
        services.promote_sender(PAUL, identity=estate.sender(odd), deployment=estate.radiology_live)
        assert queries.sender_resolver()(estate.sender(odd))[0].deployment_id == estate.radiology_live


def test_a_discovered_sender_can_become_a_new_deployment(estate: Estate) -> None:
    shadow = sender(estate.key.id, "forecast", environment="prod")
    made = services.register_simple(
        ADA,
        system=services.NewSystem(name="Forecast"),
        model=services.NewModel(name="Seasonal", version="1"),
        place=estate.shop,
        sender=shadow,
    )
    (found,) = queries.sender_resolver()(shadow)
    assert (found.deployment_id, found.endpoint_id, found.site_id) == (
        made.deployment,
        made.endpoint,
        estate.shop,
    )


def test_claims_places_and_narrow_keys_speak_without_any_rule(estate: Estate) -> None:
    services.retire_rule(ADA, estate.rule, version=1, reason="not needed")
    resolve = queries.sender_resolver()
    claiming = estate.sender("x", claimed_deployment="radiology-drafts/production")
    assert resolve(claiming)[0].deployment_id == estate.radiology_live
    assert resolve(sender(estate.key.id, "x", place="lyon-shop"))[0].site_id == estate.shop
    narrow = services.make_key(ADA, name="One", scope=KeyScope.DEPLOYMENT, deployment=estate.shop_live)
    assert queries.sender_resolver()(sender(narrow.id, "x"))[0].deployment_id == estate.shop_live


def test_a_key_of_the_clinics_is_never_seen_in_a_shop(estate: Estate) -> None:
    resolve = queries.sender_resolver()
    assert resolve(estate.sender("x", place="nantes-clinic"))[0].site_id == estate.clinic
    assert resolve(estate.sender("x", place="lyon-shop")) == ()


@pytest.mark.parametrize("state", list(DeploymentState)[:3])
def test_a_name_that_telemetry_repeats_is_given_away_by_nobody(
    estate: Estate, state: DeploymentState
) -> None:
    paul = only_in(PAUL, estate.clinics)
    made = services.register_deployment(
        paul, name="First", slug="first", system=estate.radiology, environment="pilot", state=state
    )
    with pytest.raises(Conflict, match="short name is fixed") as refused:
        services.edit_deployment(paul, made, version=None, slug="renamed", note="")
    assert (refused.value.code, list(refused.value.fields)) == ("fixed", ["slug"])
    with pytest.raises(Conflict, match="fixed"):
        services.edit_system(ADA, estate.radiology, version=None, slug="renamed")
    with pytest.raises(Conflict, match="fixed"):
        services.edit_site(ADA, estate.clinic, version=None, slug="renamed")
    services.edit_deployment(paul, made, version=None, slug="first", name="The first")


def test_a_retired_deployments_past_stays_with_its_unit(estate: Estate) -> None:
    before = services.register_deployment(ADA, name="Old", slug="old", system=estate.radiology)
    services.retire_deployment(ADA, before, version=None, reason="replaced")
    with pytest.raises(Invalid):
        services.register_deployment(
            only_in(PAUL, estate.shops), name="Old", slug="old", system=estate.shop_system
        )
    (found,) = queries.sender_resolver()(estate.sender("x", claimed_deployment="old"))
    assert (found.deployment_id, found.unit_id) == (before, estate.clinics)


@pytest.mark.parametrize("claim", ["shop", "shop-assistant/production"])
@pytest.mark.parametrize("twice", [False, True])
def test_who_manages_a_site_draws_no_senders_of_the_units_that_are_placed_there(
    estate: Estate, claim: str, twice: bool
) -> None:
    """A site's key speaks for every deployment at the site, whatever unit it belongs to."""
    services.place_deployment(ADA, deployment=estate.shop_live, site=estate.clinic)
    if twice:
        services.register_deployment(ADA, name="Second", system=estate.shop_system, capture_mode="none")
    paul = only_in(PAUL, estate.clinics)
    key = services.make_key(paul, name="Clinic", scope=KeyScope.SITE, site=estate.clinic)
    services.register_rule(paul, key=key.id, deployment=estate.radiology_live, priority=32767)
    name = Deployment.objects.get(pk=estate.shop_live).slug if claim == "shop" else claim
    claiming = sender(key.id, "till", claimed_deployment=name)

    found = [one.deployment_id for one in queries.sender_resolver()(claiming)]

    assert estate.radiology_live not in found
    assert found == [None if twice and claim != "shop" else estate.shop_live]
    policy = RegisterSenderDirectory().policy(claiming)
    assert policy.capture_mode is not CaptureMode.REDACT
    silent = sender(key.id, "till")
    assert queries.sender_resolver()(silent)[0].deployment_id == estate.radiology_live


def test_what_is_asked_of_the_register_about_some_senders_is_what_it_knows_of_all(estate: Estate) -> None:
    services.make_key(ADA, name="One", scope=KeyScope.DEPLOYMENT, deployment=estate.shop_live)
    services.make_key(ADA, name="Here", scope=KeyScope.SITE, site=estate.clinic)
    ward = services.register_site(ADA, name="Ward", tier="workstation", parent=estate.clinic)
    services.register_deployment(ADA, name="Second", system=estate.radiology)
    services.register_rule(ADA, service_name="f?r*", endpoint=estate.gateway, site=ward)
    services.register_rule(ADA, claimed_deployment="second", deployment=estate.shop_live)
    services.dismiss_sender(ADA, identity=estate.sender("load"), reason="a test")
    everything = queries.load_register()
    claims = ("", "second", "radiology-drafts/production", "shop-assistant/production", "nothing/at/all")
    asked = [
        sender(key, name, claimed_deployment=claim, place=place)
        for key in EndpointKey.objects.values_list("pk", flat=True)
        for name in ("forecast", "load", "radiology-api")
        for claim in claims
        for place in ("", "ward", "lyon-shop", "nowhere")
    ]
    resolve = queries.sender_resolver(about=asked)
    for one in asked:
        assert resolve(one) == domain.resolve(one, everything)
        assert queries.sender_resolver()(one) == resolve(one)


def test_what_is_read_of_the_register_grows_with_the_senders_and_not_with_the_register(
    estate: Estate, django_assert_max_num_queries: Any
) -> None:
    system = System.objects.get(pk=estate.radiology)
    Deployment.objects.bulk_create(
        Deployment(name=f"D {n}", slug=f"d-{n}", system=system, state="live") for n in range(2_000)
    )
    made = list(Deployment.objects.filter(slug__startswith="d-"))
    Placement.objects.bulk_create(Placement(deployment=row, site_id=estate.clinic) for row in made)
    key = EndpointKey.objects.get(pk=estate.clinic_key.id)
    SenderRule.objects.bulk_create(
        SenderRule(key=key, service_name=row.slug, deployment=row) for row in made[::4]
    )
    heard = [estate.sender(f"d-{4 * n}", claimed_deployment=f"d-{n}") for n in range(50)]
    with rows_read() as read, django_assert_max_num_queries(20):
        resolve = queries.sender_resolver(about=heard)
        assert all(resolve(one)[0].deployment_id for one in heard)
    assert max(read) <= 120


def test_a_key_reaches_the_sites_that_it_may_claim(estate: Estate) -> None:
    """Two ways to the same answer: the one for ingest asks for one key, the one for reading for all at once."""
    services.register_site(ADA, name="Shared", tier="colocation")
    services.register_site(ADA, name="Ward", tier="workstation", parent=estate.clinic)
    services.make_key(ADA, name="a", scope=KeyScope.SITE, site=estate.clinic)
    services.make_key(ADA, name="b", scope=KeyScope.DEPLOYMENT, deployment=estate.radiology_live)
    services.make_key(ADA, name="c", scope=KeyScope.UNIT, unit=estate.group)
    reach = queries.load_register().reach or {}
    for row in EndpointKey.objects.all():
        assert reach.get(row.pk.bytes) == claims_of(row).sites


def test_where_a_system_runs_twice_in_an_environment_only_the_slug_tells_which(estate: Estate) -> None:
    services.register_deployment(ADA, name="Second", system=estate.radiology)
    resolve = queries.sender_resolver()
    assert resolve(estate.sender("x", claimed_deployment="radiology-drafts/production")) == ()
    assert resolve(estate.sender("x", claimed_deployment="second"))


def test_the_register_is_loaded_once_until_it_changes(
    estate: Estate, django_assert_num_queries: Any, django_assert_max_num_queries: Any
) -> None:
    several = [estate.sender(f"s{number}") for number in range(50)]
    with django_assert_max_num_queries(15):
        queries.sender_resolver(about=several)
    with django_assert_num_queries(1):
        resolve = queries.sender_resolver(about=several)
        for one in several:
            resolve(one)


def test_every_change_gives_another_stamp(estate: Estate) -> None:
    seen = {queries.last_changed()}
    services.edit_site(ADA, estate.clinic, version=1, name="Nantes hospital")
    seen.add(queries.last_changed())
    services.promote_sender(PAUL, identity=estate.sender(), deployment=estate.radiology_live)
    seen.add(queries.last_changed())
    assert len(seen) == 3
    services.register_dataset(ADA, name="Of no concern to senders")
    assert queries.last_changed() in seen


def test_words_come_in_the_readers_language(estate: Estate) -> None:
    from django.utils import translation

    services.promote_sender(PAUL, identity=estate.sender(), deployment=estate.radiology_live)
    with translation.override("en"):
        assert queries.sender_resolver()(estate.sender())[0].how.startswith("rule: ")


def test_ingest_is_told_how_to_treat_content(estate: Estate) -> None:
    directory = RegisterSenderDirectory(seconds=0)
    unknown = directory.policy(estate.sender("x"))
    assert (unknown.capture_mode, unknown.resolved) == (CaptureMode.HASHED, False)
    known = directory.policy(estate.sender("x", claimed_deployment=estate.radiology_slug))
    assert (known.capture_mode, known.retention_class, known.resolved) == (
        CaptureMode.REDACT,
        RetentionClass.STANDARD,
        True,
    )
    services.edit_deployment(ADA, estate.radiology_live, version=1, capture_mode="none")
    changed = directory.policy(estate.sender("x", claimed_deployment=estate.radiology_slug))
    assert changed.capture_mode is CaptureMode.NONE
    assert directory.resolve(estate.sender("x", claimed_deployment=estate.radiology_slug))


@pytest.mark.django_db(transaction=True)
def test_a_new_capture_mode_is_in_force_within_a_second() -> None:
    from tests.inventory.estate import build

    estate = build()
    directory = RegisterSenderDirectory()
    claiming = estate.sender("x", claimed_deployment=estate.radiology_slug)
    assert directory.policy(claiming).capture_mode is CaptureMode.REDACT
    services.edit_deployment(ADA, estate.radiology_live, version=1, capture_mode="none")
    time.sleep(0.9)
    assert directory.policy(claiming).capture_mode is CaptureMode.NONE
    directory.close()


def test_asking_again_asks_nothing(estate: Estate, django_assert_num_queries: Any) -> None:
    directory = RegisterSenderDirectory(seconds=60)
    directory.policy(estate.sender())
    with django_assert_num_queries(0):
        for number in range(20):
            directory.policy(estate.sender(f"s{number % 3}"))


def test_the_unit_of_each_key_says_who_may_see_its_unknown_senders(estate: Estate) -> None:
    assert queries.units_of_keys() == {
        estate.key.id.bytes: None,
        estate.clinic_key.id.bytes: estate.clinics,
    }
