"""The life of an endpoint key, and that its secret is nowhere."""

from __future__ import annotations

import json
import time
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.core import serializers

from audit.models import Disclosure, Event
from inventory import models, queries, services
from inventory.adapters.directories import RegisterKeyDirectory, RegisterSenderDirectory
from inventory.domain.words import KeyScope
from kernel import clock, tokens
from kernel.errors import Conflict, Invalid
from tests.cast import ADA, PAUL
from tests.inventory.estate import Estate, sender


def test_a_key_is_shown_once_and_matches_what_is_kept(estate: Estate) -> None:
    made = services.make_key(PAUL, name="Ward")
    token = tokens.parse(made.token)
    assert token
    facts = RegisterKeyDirectory(seconds=0).find(token.public_id)
    assert facts
    assert tokens.matches(
        token.secret, pepper=settings.TUTELA_SECRETS.key_pepper, expected=facts.secret_digest
    )
    assert made.token not in repr(made)


def test_the_secret_is_in_no_table_no_event_and_no_answer(estate: Estate) -> None:
    made = services.make_key(PAUL, name="Ward")
    services.rotate_key(PAUL, made.id)
    token = tokens.parse(made.token)
    assert token
    digest = tokens.digest(token.secret, pepper=settings.TUTELA_SECRETS.key_pepper).hex()
    stored = serializers.serialize("json", models.EndpointKey.objects.all())
    events = "".join(bytes(body).decode() for body in Event.objects.values_list("body", flat=True))
    events += "".join(Disclosure.objects.values_list("disclosure", flat=True))
    answers = repr(queries.list_keys(ADA)) + repr(queries.key_detail(ADA, made.id))
    for text in (stored, events, answers):
        assert token.secret not in text
    assert digest not in events
    assert digest not in answers
    assert "secret" not in answers


def test_a_rotated_key_works_on_for_a_while_and_only_once(estate: Estate) -> None:
    new = services.rotate_key(PAUL, estate.clinic_key.id, overlap=timedelta(hours=2))
    old = queries.key_detail(ADA, estate.clinic_key.id)
    assert old.expires_at
    assert timedelta(hours=1) < old.expires_at - clock.now() <= timedelta(hours=2)
    made = queries.key_detail(ADA, new.id)
    assert (made.scope, made.unit, made.rotated_from and made.rotated_from.id) == (
        "unit",
        old.unit,
        estate.clinic_key.id,
    )
    with pytest.raises(Conflict):
        services.rotate_key(PAUL, estate.clinic_key.id)


def test_an_overlap_never_lengthens_a_key(estate: Estate) -> None:
    ends = clock.now() + timedelta(minutes=5)
    made = services.make_key(PAUL, name="Short", expires_at=ends)
    services.rotate_key(PAUL, made.id)
    assert queries.key_detail(ADA, made.id).expires_at == ends


def test_a_key_expires(estate: Estate) -> None:
    made = services.make_key(PAUL, name="Short", expires_at=clock.now() + timedelta(minutes=5))
    assert queries.key_detail(ADA, made.id).state == "active"
    with time_machine.travel(clock.now() + timedelta(minutes=6)):
        assert queries.key_detail(ADA, made.id).state == "expired"
    with pytest.raises(Invalid):
        services.make_key(PAUL, name="Late", expires_at=clock.now() - timedelta(seconds=1))


def test_a_revoked_key_is_shut_for_good(estate: Estate) -> None:
    services.revoke_key(PAUL, estate.key.id, reason="leaked")
    assert queries.key_detail(ADA, estate.key.id).state == "revoked"
    facts = RegisterKeyDirectory(seconds=0).find(estate.key.public_id)
    assert facts
    assert facts.revoked_ns
    for again in (services.revoke_key, services.rotate_key):
        with pytest.raises(Conflict):
            again(PAUL, estate.key.id, reason="again")


@pytest.mark.django_db(transaction=True)
def test_a_revocation_bites_within_a_second() -> None:
    made = services.make_key(ADA, name="Ward")
    directory = RegisterKeyDirectory()
    facts = directory.find(made.public_id)
    assert facts
    assert facts.revoked_ns is None
    services.revoke_key(ADA, made.id, reason="leaked")
    time.sleep(0.5)
    facts = directory.find(made.public_id)
    assert facts
    assert facts.revoked_ns


def test_an_unknown_key_is_nobody(estate: Estate) -> None:
    assert RegisterKeyDirectory(seconds=0).find("nobody00") is None
    assert RegisterKeyDirectory(seconds=0).find("' OR '1'='1") is None


@pytest.mark.parametrize(
    ("scope", "thing", "deployments", "sites"),
    [
        (KeyScope.EVERYTHING, None, None, None),
        (
            KeyScope.UNIT,
            "clinics",
            {"radiology-drafts-production", "radiology-drafts/production"},
            {"nantes-clinic"},
        ),
        (KeyScope.SITE, "shop", {"shop-assistant-production", "shop-assistant/production"}, {"lyon-shop"}),
        (
            KeyScope.DEPLOYMENT,
            "radiology_live",
            {"radiology-drafts-production", "radiology-drafts/production"},
            {"nantes-clinic"},
        ),
    ],
)
def test_a_key_may_claim_what_its_scope_holds(
    scope: KeyScope, thing: str | None, deployments: Any, sites: Any, estate: Estate
) -> None:
    where = {scope.value: getattr(estate, thing)} if thing else {}
    made = services.make_key(ADA, name="Scoped", scope=scope, **where)
    facts = RegisterKeyDirectory(seconds=0).find(made.public_id)
    assert facts
    assert (facts.claimable_deployments, facts.claimable_sites) == (deployments, sites)


def test_a_key_of_the_group_reaches_all_units_below_it(estate: Estate) -> None:
    made = services.make_key(ADA, name="Group", scope=KeyScope.UNIT, unit=estate.group)
    facts = RegisterKeyDirectory(seconds=0).find(made.public_id)
    assert facts
    assert facts.claimable_sites == {"nantes-clinic", "lyon-shop"}


def test_a_key_follows_what_is_placed_later(estate: Estate) -> None:
    made = services.make_key(ADA, name="Lyon", scope=KeyScope.SITE, site=estate.shop)
    directory = RegisterKeyDirectory(seconds=0)
    services.place_deployment(ADA, deployment=estate.radiology_live, site=estate.shop)
    facts = directory.find(made.public_id)
    assert facts
    assert facts.claimable_deployments
    assert estate.radiology_slug in facts.claimable_deployments


@pytest.mark.django_db(transaction=True)
def test_the_last_use_is_written_in_the_background_and_is_no_event() -> None:
    made = services.make_key(ADA, name="Ward")
    before = Event.objects.count()
    directory = RegisterSenderDirectory()
    for _ in range(3):
        directory.policy(sender(made.id, "svc"))
    directory.close()
    assert queries.key_detail(ADA, made.id).last_used_at
    assert Event.objects.count() == before
    assert queries.key_detail(ADA, made.id).version == 1


def test_finding_a_key_again_asks_nothing(estate: Estate, django_assert_num_queries: Any) -> None:
    directory = RegisterKeyDirectory(seconds=60)
    directory.find(estate.clinic_key.public_id)
    with django_assert_num_queries(0):
        directory.find(estate.clinic_key.public_id)


def test_a_description_of_the_api_promises_no_secret() -> None:
    from console.management.commands.openapi import described

    text = json.dumps(json.loads(described())["components"]["schemas"])
    assert "secret_digest" not in text
