"""Message ids that an auditor can recompute, and text that comes back as it went."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.canonical import canonical_json
from kernel.contracts.ingest import CaptureMode
from telemetry.content import KeyPurpose, SealBroken, capture, distinct_messages, message_id, open_message
from telemetry.content.messages import canonical_parts
from telemetry.domain import Message, MessageState
from telemetry.normalise import normalise
from tests.telemetry.making import DAY, DerivedKeys, a_sender, a_span

QUESTION = {
    "gen_ai.input.messages": '[{"role":"user","parts":[{"type":"text","content":"Où est mon colis ?"}]}]'
}


def captured(attributes: dict[str, Any], mode: CaptureMode = CaptureMode.FULL, **fields: Any) -> Any:
    span = normalise(a_span({"gen_ai.operation.name": "chat"} | attributes, **fields))
    return capture(span, sender=a_sender(mode), keys=DerivedKeys(), received_ns=1)


def test_an_auditor_with_the_days_key_recomputes_an_id_by_hand():
    recorded = captured(QUESTION, CaptureMode.HASHED)
    key = DerivedKeys().key(DAY, a_sender().sender_id, KeyPurpose.ID)
    text = '{"parts":[{"content":"Où est mon colis ?","type":"text"}],"role":"user"}'
    by_hand = hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
    assert json.loads(recorded.columns["content"])["input"] == [by_hand]


json_values = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(2**60), 2**60),
        st.floats(),
        st.text(st.characters(exclude_categories=["Cs"]), max_size=12),
        st.binary(max_size=4),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.text(st.characters(exclude_categories=["Cs"]), max_size=6), inner, max_size=3),
    ),
    max_leaves=8,
)


@given(
    st.lists(st.dictionaries(st.sampled_from(["type", "content", "é", "\U0001f600", "\ue000"]), json_values))
)
def test_what_is_stored_is_canonical_json(parts: list[dict[str, Any]]):
    body = canonical_parts(parts)
    assert canonical_json(json.loads(body)) == body


@given(
    st.lists(
        st.dictionaries(st.sampled_from(["type", "content"]), st.text(max_size=30).filter(str.isprintable))
    )
)
def test_an_id_is_the_hmac_of_role_and_parts(parts: list[dict[str, Any]]):
    body = canonical_parts(parts)
    recipe = canonical_json({"parts": json.loads(body), "role": "user"})
    assert message_id("user", body, key=b"k" * 32) == hmac.digest(b"k" * 32, recipe, "sha256")


def test_the_order_of_a_partss_fields_means_nothing():
    assert canonical_parts([{"type": "text", "content": "x"}]) == canonical_parts(
        [{"content": "x", "type": "text"}]
    )


@pytest.mark.parametrize(
    ("value", "written"),
    [(0.5, "0.5"), (2**53, "9007199254740992"), (2**53 - 1, 2**53 - 1), (b"\x00\xff", "AP8="), (True, True)],
)
def test_numbers_that_json_cannot_hold_exactly_are_written_as_text(value: Any, written: Any):
    assert json.loads(canonical_parts([{"type": "json", "content": value}]))[0]["content"] == written


def test_ids_differ_by_role_by_sender_and_by_day():
    keys = DerivedKeys()
    body = canonical_parts([{"type": "text", "content": "Hello"}])
    one = keys.key(1, b"a" * 16, KeyPurpose.ID)
    ids = {
        message_id("user", body, key=one),
        message_id("assistant", body, key=one),
        message_id("user", body, key=keys.key(2, b"a" * 16, KeyPurpose.ID)),
        message_id("user", body, key=keys.key(1, b"b" * 16, KeyPurpose.ID)),
    }
    assert len(ids) == 4


@pytest.mark.parametrize("mode", [CaptureMode.FULL, CaptureMode.REDACT])
def test_a_message_opens_to_what_was_said(mode: CaptureMode):
    (row,) = captured(QUESTION, mode).messages
    assert open_message(row, keys=DerivedKeys()) == Message(
        "user", [{"type": "text", "content": "Où est mon colis ?"}]
    )


def test_waiting_text_opens_only_in_its_own_place():
    (row,) = captured(QUESTION, CaptureMode.REDACT).messages
    assert row.state is MessageState.WAITING
    row.message_id = bytes(32)
    with pytest.raises(SealBroken):
        open_message(row, keys=DerivedKeys())


def test_waiting_text_cannot_be_opened_once_its_key_is_destroyed():
    class NewKeys(DerivedKeys):
        def key(self, day: int, sender_id: bytes, purpose: KeyPurpose) -> bytes:
            return super().key(day + 1, sender_id, purpose)

    (row,) = captured(QUESTION, CaptureMode.REDACT).messages
    with pytest.raises(SealBroken):
        open_message(row, keys=NewKeys())


def test_masked_text_is_read_as_it_stands():
    (row,) = captured(QUESTION, CaptureMode.REDACT).messages
    row.state, row.body = MessageState.MASKED, b'[{"content":"O\xc3\xb9 est [1] ?","type":"text"}]'
    assert open_message(row, keys=DerivedKeys()).parts[0]["content"] == "Où est [1] ?"


def test_a_message_said_twice_is_kept_once_in_a_span_and_once_in_a_batch():
    history = json.dumps([{"role": "user", "content": "Hello"}] * 3)
    one, two = captured({"gen_ai.input.messages": history}), captured({"gen_ai.input.messages": history})
    assert len(one.messages) == 1
    assert len(json.loads(one.columns["content"])["input"]) == 3
    assert distinct_messages([one, two]) == one.messages


def test_the_order_of_a_conversation_is_kept_in_the_ids():
    def ids(*said: str) -> list[str]:
        history = json.dumps([{"role": "user", "content": text} for text in said])
        content: dict[str, list[str]] = json.loads(
            captured({"gen_ai.input.messages": history}).columns["content"]
        )
        return content["input"]

    assert ids("a", "b") == ids("b", "a")[::-1]


def test_a_role_nobody_knows_is_other():
    odd = json.dumps([{"role": "Jean Dupont", "content": "Hello"}, {"role": "human", "content": "Hi"}])
    assert [row.role for row in captured({"gen_ai.input.messages": odd}).messages] == ["other", "user"]
