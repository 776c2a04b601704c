"""What an event of the register looks like: canonical, with a nonce, personal fields apart."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from audit import queries
from audit.domain import disclosure_digest
from audit.models import Disclosure, Event, QueueEntry
from inventory import services
from kernel.actor import Channel, Source
from kernel.canonical import canonical_json
from tests.cast import ADA

pytestmark = pytest.mark.django_db

SOURCE = Source(
    channel=Channel.WEB, ip_prefix="192.0.2.0/24", request_id="r-1", route="inventory:system_edit"
)
ADA_AT_HER_DESK = replace(ADA, source=SOURCE)


def edited() -> Event:
    system = services.register_system(ADA, name="Triage")
    services.edit_system(
        ADA_AT_HER_DESK,
        system,
        version=1,
        purpose="Sorts letters to Mr Example",
        persons_estimate=5,
        reason="asked",
    )
    return Event.objects.get(action="inventory.system.edit")


def test_the_body_is_canonical_json_with_who_what_when_and_where_from() -> None:
    event = edited()
    body = json.loads(bytes(event.body))
    assert canonical_json(body) == bytes(event.body)
    assert body["actor"] == {"type": "user", "id": ADA.id}
    assert body["source"] == {
        "channel": "web", "ip_prefix": "192.0.2.0/24", "request_id": "r-1", "route": "inventory:system_edit",
    }  # fmt: skip
    assert body["target"]["type"] == "inventory.system"
    assert {"path": "persons_estimate", "before": None, "after": 5} in body["changes"]
    assert body["nonce"]


def test_names_and_free_text_are_not_in_the_body() -> None:
    event = edited()
    text = bytes(event.body).decode()
    for secret in ("Mr Example", ADA.label, ADA.email, "asked"):
        assert secret not in text
    assert {"path": "purpose"} in json.loads(text)["changes"]


def test_every_disclosure_is_pinned_by_its_digest() -> None:
    event = edited()
    digests = json.loads(bytes(event.body))["_sd"]
    kept = Disclosure.objects.filter(event=event)
    assert sorted(digests) == sorted(item.digest for item in kept)
    assert all(disclosure_digest(item.disclosure) == item.digest for item in kept)


def test_the_history_of_a_thing_tells_all_of_it() -> None:
    event = edited()
    (last, first) = queries.history("inventory.system", event.target_id)
    assert (last.action, last.reason, last.actor_label) == ("inventory.system.edit", "asked", ADA.label)
    purpose = next(change for change in last.changes if change.path == "purpose")
    assert not purpose.before
    assert purpose.after == "Sorts letters to Mr Example"
    assert first.action == "inventory.system.register"


def test_an_erased_disclosure_leaves_the_event_standing() -> None:
    event = edited()
    Disclosure.objects.filter(event=event).delete()
    (last, _first) = queries.history("inventory.system", event.target_id)
    assert last.actor_label is None
    assert last.reason is None


def test_an_event_waits_for_its_place_in_the_log() -> None:
    assert QueueEntry.objects.filter(event=edited()).exists()
