"""What an event is made of."""

from __future__ import annotations

import base64
import hashlib
import json
from datetime import UTC, datetime

import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from audit.domain import Change, Outcome, Target, build, diff, disclosure_digest, read_disclosure, timestamp
from kernel import ids
from kernel.actor import Actor, ActorKind

ODILE = Actor(kind=ActorKind.USER, id="u_2", label="Odile Marchand", email="odile@example.org")
NOON = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text("abc.", min_size=1), inner, max_size=3)
    ),
    max_leaves=6,
)


def an_event(**fields):
    defaults = {
        "event_id": ids.uuid7(),
        "time": NOON,
        "action": "inventory.system.edit",
        "actor": ODILE,
        "target": Target(type="inventory.system", id="42", label="Triage des sinistres"),
        "outcome": Outcome.SUCCESS,
    }
    return build(**(defaults | fields))


def test_the_body_is_byte_identical_to_its_own_canonical_form():
    body = an_event(changes=[Change("risk_class", "minimal", "high")]).body
    assert rfc8785.dumps(json.loads(body)) == body


def test_names_addresses_reasons_and_labels_are_never_in_the_body():
    event = an_event(reason="Demande de Mme Durand")
    for private in ("Odile", "odile@example.org", "Durand", "Triage"):
        assert private.encode() not in event.body
    disclosed = dict(read_disclosure(text) for _, text in event.disclosures)
    assert disclosed == {
        "actor.label": "Odile Marchand",
        "actor.email": "odile@example.org",
        "target.label": "Triage des sinistres",
        "reason": "Demande de Mme Durand",
    }


def test_a_personal_change_says_only_that_the_field_changed():
    event = an_event(changes=[Change("purpose", "old words", "new words")], personal=frozenset({"purpose"}))
    assert json.loads(event.body)["changes"] == [{"path": "purpose"}]
    disclosed = dict(read_disclosure(text) for _, text in event.disclosures)
    assert disclosed["changes.purpose.before"] == "old words"
    assert disclosed["changes.purpose.after"] == "new words"


def test_every_disclosure_is_named_by_its_digest_in_the_body():
    event = an_event(reason="because")
    digests = json.loads(event.body)["_sd"]
    assert digests == sorted(disclosure_digest(text) for _, text in event.disclosures)


def test_the_digest_of_a_disclosure_is_that_of_rfc_9901():
    salt, name, value = "_26bc4LT-ac6q2KI6cBW5es", "family_name", "Möbius"
    encoded = base64.urlsafe_b64encode(f'["{salt}", "{name}", "{value}"]'.encode()).rstrip(b"=").decode()
    assert disclosure_digest(encoded) == "X9yH0Ajrdm1Oij4tWso9UzzKJvPoDxwmuEcO3XAdRC0"


def test_two_events_of_the_same_change_do_not_share_a_byte_string():
    event_id = ids.uuid7()
    assert an_event(event_id=event_id).body != an_event(event_id=event_id).body


def test_moments_are_written_in_utc_with_microseconds():
    assert timestamp(NOON) == "2026-01-01T12:00:00.000000Z"


@given(
    st.dictionaries(st.text("abc", min_size=1), json_values),
    st.dictionaries(st.text("abc", min_size=1), json_values),
)
def test_a_diff_turns_before_into_after(before, after):
    rebuilt = dict(before)
    for change in diff(before, after):
        rebuilt[change.path] = change.after
    assert {name: value for name, value in rebuilt.items() if value is not None} == {
        name: value for name, value in after.items() if value is not None
    }


@given(json_values, json_values)
def test_any_json_value_survives_in_an_event(before, after):
    body = an_event(changes=[Change("field", before, after)]).body
    assert json.loads(body)["changes"] == [{"path": "field", "before": before, "after": after}]
    assert len(hashlib.sha256(body).digest()) == 32
