"""What each capture mode lets through."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

import pytest

from kernel.contracts.ingest import CaptureMode
from telemetry import schema
from telemetry.content import KeyPurpose, capture, open_message
from telemetry.domain import ContentState, DecodedScope, Flag, MessageState, RecordedSpan, SpanStatus
from telemetry.normalise import normalise
from tests.telemetry.making import DAY, START_NS, DerivedKeys, a_sender, a_span, an_event

SECRET = "Mme Martin a un diabète de type 2"

CHAT = {
    "gen_ai.operation.name": "chat",
    "gen_ai.request.model": "gpt-4o",
    "gen_ai.input.messages": json.dumps([{"role": "user", "content": SECRET}]),
    "gen_ai.output.messages": json.dumps([{"role": "assistant", "content": "Compris."}]),
}


def captured(attributes: dict[str, Any], mode: CaptureMode, **fields: Any) -> RecordedSpan:
    return capture(
        normalise(a_span(attributes, **fields)), sender=a_sender(mode), keys=DerivedKeys(), received_ns=7
    )


def content(recorded: RecordedSpan) -> Any:
    return json.loads(recorded.columns["content"])


@pytest.mark.parametrize("mode", CaptureMode)
def test_a_recorded_span_has_exactly_the_columns_of_the_table(mode: CaptureMode):
    columns = captured(CHAT, mode).columns
    assert set(columns) == {column.name for column in schema.spans.columns}
    assert (columns["day"], columns["start_ns"], columns["received_ns"]) == (DAY, START_NS, 7)
    assert columns["duration_ns"] == 2_000_000_000
    assert columns["capture_mode"] == mode.value


@pytest.mark.parametrize(
    ("mode", "state", "rows", "message_state"),
    [
        (CaptureMode.NONE, ContentState.DROPPED, 0, None),
        (CaptureMode.HASHED, ContentState.HASHED, 0, None),
        (CaptureMode.REDACT, ContentState.WAITING, 2, MessageState.WAITING),
        (CaptureMode.FULL, ContentState.FULL, 2, MessageState.FULL),
    ],
)
def test_each_mode_has_its_state(
    mode: CaptureMode, state: ContentState, rows: int, message_state: MessageState | None
):
    recorded = captured(CHAT, mode)
    assert recorded.columns["content_state"] == state.value
    assert len(recorded.messages) == rows
    assert {row.state for row in recorded.messages} <= {message_state}
    assert (recorded.columns["content"] is None) is (mode is CaptureMode.NONE)


def test_ids_are_the_same_in_every_mode_that_has_them():
    ids = [captured(CHAT, mode).columns["content"] for mode in CaptureMode if mode is not CaptureMode.NONE]
    assert len(set(ids)) == 1


@pytest.mark.parametrize("mode", CaptureMode)
def test_a_span_without_content_says_so(mode: CaptureMode):
    recorded = captured({"gen_ai.operation.name": "chat", "gen_ai.request.model": "gpt-4o"}, mode)
    assert recorded.columns["content_state"] == ContentState.NOT_CAPTURED
    assert recorded.columns["content"] is None


def test_an_address_of_content_is_a_reference_and_is_shown_in_full_mode_without_its_query():
    attributes = {
        "gen_ai.operation.name": "chat",
        "gen_ai.input.messages_ref": "https://u:p@store.example/a/b?sig=1",
    }
    full, hashed = captured(attributes, CaptureMode.FULL), captured(attributes, CaptureMode.HASHED)
    assert full.columns["content_state"] == hashed.columns["content_state"] == ContentState.REFERENCE
    assert content(full) == {"reference": "https://store.example/a/b"}
    assert hashed.columns["content"] is None


def test_documents_query_and_tool_traffic_are_messages_too():
    retrieval = {
        "gen_ai.operation.name": "retrieval",
        "gen_ai.retrieval.query.text": "délai",
        "gen_ai.retrieval.documents": [{"id": "faq.md", "score": 0.92, "content": "Trois jours."}],
    }
    recorded = captured(retrieval, CaptureMode.FULL)
    (document,) = content(recorded)["documents"]
    assert (document["score"], document["ref"]) == ("0.92", "faq.md")
    by_id = {row.message_id.hex(): open_message(row, keys=DerivedKeys()) for row in recorded.messages}
    assert by_id[document["id"]].role == "document"
    assert by_id[document["id"]].parts == [{"type": "document", "id": "faq.md", "content": "Trois jours."}]
    assert by_id[content(recorded)["query"]].parts == [{"type": "text", "content": "délai"}]

    tool = {
        "gen_ai.operation.name": "execute_tool",
        "gen_ai.tool.call.arguments": {"n": 1},
        "gen_ai.tool.call.result": "ok",
    }
    recorded = captured(tool, CaptureMode.FULL)
    by_id = {row.message_id.hex(): open_message(row, keys=DerivedKeys()) for row in recorded.messages}
    assert by_id[content(recorded)["tool_arguments"]].parts == [{"type": "json", "content": {"n": 1}}]
    assert by_id[content(recorded)["tool_result"]].parts == [{"type": "json", "content": "ok"}]


@pytest.mark.parametrize("mode", [CaptureMode.HASHED, CaptureMode.REDACT])
def test_a_documents_own_name_shows_in_full_mode_only(mode: CaptureMode):
    documents = {"gen_ai.retrieval.documents": [{"id": "dossier-martin.pdf", "score": 0.9}]}
    recorded = captured(documents, mode)
    (document,) = content(recorded)["documents"]
    assert set(document) == {"id", "score"}
    assert "martin" not in repr(recorded)


def test_what_an_error_quotes_is_content():
    event = an_event("exception", exception__type="ValueError", exception__message=f"cannot parse {SECRET}")
    fields = {"status": SpanStatus.ERROR, "status_message": SECRET, "events": [event]}
    for mode in (CaptureMode.NONE, CaptureMode.HASHED, CaptureMode.REDACT):
        recorded = captured({"gen_ai.operation.name": "chat"}, mode, **fields)
        assert recorded.columns["error_type"] == "ValueError"
        assert "Martin" not in repr(recorded)
    full = captured({"gen_ai.operation.name": "chat"}, CaptureMode.FULL, **fields)
    (row,) = full.messages
    assert (row.role, row.message_id.hex()) == ("status", content(full)["status"])
    assert [part["content"] for part in open_message(row, keys=DerivedKeys()).parts] == [
        SECRET,
        f"cannot parse {SECRET}",
    ]
    assert full.columns["content_state"] == ContentState.NOT_CAPTURED


@pytest.mark.parametrize(
    ("error_type", "shown"),
    [
        ("RateLimitError", "RateLimitError"),
        ("429", "429"),
        ("could not find Jean", "_OTHER"),
        (SECRET, "_OTHER"),
    ],
)
def test_an_error_type_is_a_type_and_no_sentence(error_type: str, shown: str):
    recorded = captured({"error.type": error_type}, CaptureMode.HASHED)
    assert recorded.columns["error_type"] == shown


@pytest.mark.parametrize(
    ("name", "attributes", "shown"),
    [
        ("chat gpt-4o", {}, "chat gpt-4o"),
        ("RunnableSequence", {}, "RunnableSequence"),
        ("POST /v1/chat/completions", {}, "POST /v1/chat/completions"),
        ("GET /search?q=Jean+Dupont", {}, "GET /search"),
        ("execute_tool get_weather", {}, "execute_tool get_weather"),
        (SECRET, {"gen_ai.operation.name": "chat", "gen_ai.request.model": "gpt-4o"}, "chat gpt-4o"),
        (
            "Résume le dossier de Jean",
            {"openinference.span.kind": "AGENT", "agent.name": "Helpdesk"},
            "agent Helpdesk",
        ),
        ('ask "Jean"', {}, "other"),
        ("mail jean@example.com", {}, "other"),
        ("", {}, "other"),
    ],
)
def test_a_name_that_may_be_a_sentence_is_replaced_by_what_was_done(
    name: str, attributes: dict[str, Any], shown: str
):
    for mode in (CaptureMode.NONE, CaptureMode.HASHED, CaptureMode.REDACT):
        assert captured(attributes, mode, name=name).columns["name"] == shown
    assert captured(attributes, CaptureMode.FULL, name=name).columns["name"] == name


@pytest.mark.parametrize("mode", [CaptureMode.NONE, CaptureMode.HASHED, CaptureMode.REDACT])
def test_a_sentence_in_the_place_of_a_word_stays_behind(mode: CaptureMode):
    said = {
        "gen_ai.operation.name": SECRET,
        "gen_ai.openai.response.service_tier": SECRET,
        "tutela.inference.unit": SECRET,
        "tutela.review.outcome": SECRET,
        "server.address": SECRET,
    }
    scope = DecodedScope(name=SECRET, version="1")
    recorded = captured(CHAT | said, mode, name=SECRET, scope=scope)
    assert "Martin" not in str(recorded.columns)


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("api.openai.com", "api.openai.com"),
        ("[::1]:8080", "[::1]:8080"),
        ("https://ada:secret@models.example/v1?key=secret", "models.example"),
        (SECRET, None),
    ],
)
def test_an_endpoint_is_a_host_and_a_port_and_never_what_opens_it(said: str, kept: str | None):
    recorded = captured(CHAT | {"server.address": said}, CaptureMode.FULL)
    assert recorded.columns["endpoint_address"] == kept


def test_a_user_is_kept_as_a_keyed_hash_in_every_mode():
    key = DerivedKeys().key(DAY, a_sender().sender_id, KeyPurpose.USER)
    by_hand = hmac.new(key, b"jean@example.com", hashlib.sha256).digest()[:16]
    for mode in CaptureMode:
        recorded = captured(CHAT | {"user.id": "jean@example.com"}, mode)
        assert recorded.columns["user_hash"] == by_hand
        assert "jean" not in repr(recorded)


@pytest.mark.parametrize(
    "attribute", ["session.id", "gen_ai.conversation.id", "gen_ai.response.id", "tutela.decision.id"]
)
def test_an_id_that_reads_like_a_person_is_hashed_outside_full_mode(attribute: str):
    for mode in (CaptureMode.NONE, CaptureMode.HASHED, CaptureMode.REDACT):
        assert "jean" not in repr(captured({attribute: "jean@example.com"}, mode))
        assert "s-4711" in repr(captured({attribute: "s-4711"}, mode))
    assert "jean@example.com" in repr(captured({attribute: "jean@example.com"}, CaptureMode.FULL))


def test_attributes_outside_the_allow_list_stay_behind_in_every_mode():
    attributes = {
        "gen_ai.request.temperature": 0.2,
        "gen_ai.request.seed": float("nan"),
        "gen_ai.request.top_p": "Martin",
        "http.request.method": "POST",
        "app.patient": "Martin",
        "metadata": '{"patient": "Martin"}',
        "url.full": "https://martin:pw@llm.example:8443/patients/martin?name=Martin#Martin",
        "openinference.span.kind": "LLM",
        "gen_ai.response.finish_reasons": ["stop", "because Martin said so"],
    }
    kept = json.loads(captured(attributes, CaptureMode.REDACT).columns["attributes"])
    assert kept == {
        "gen_ai.request.temperature": 0.2,
        "http.request.method": "POST",
        "openinference.span.kind": "LLM",
        "url.full": "https://llm.example:8443",
        "gen_ai.response.finish_reasons": ["stop"],
    }
    full = json.loads(captured(attributes, CaptureMode.FULL).columns["attributes"])
    assert full["url.full"] == "https://llm.example:8443/patients/martin"
    assert set(full) == set(kept)


def test_resource_attributes_pass_by_a_list_of_their_own():
    resource = {
        "service.version": "1.2",
        "host.name": "pc-of-jean",
        "process.command_line": "run --key s3cret",
    }
    kept = json.loads(captured({}, CaptureMode.FULL, resource=resource).columns["attributes"])
    assert kept == {"resource": {"service.version": "1.2"}}


def test_text_is_cut_to_its_column_and_the_span_says_so():
    recorded = captured(
        {"gen_ai.request.model": "m" * 300, "gen_ai.provider.name": "p" * 65}, CaptureMode.FULL
    )
    assert len(recorded.columns["request_model"]) == 256
    assert len(recorded.columns["provider"]) == 64
    assert json.loads(recorded.columns["flags"]) == [Flag.VALUE_TRUNCATED.value]


def test_control_characters_never_reach_a_column():
    recorded = captured({"gen_ai.request.model": "gpt\x00-4o\n"}, CaptureMode.FULL, name="a\x1b[31mb")
    assert recorded.columns["request_model"] == "gpt\ufffd-4o"
    assert recorded.columns["name"] == "a\ufffd[31mb"


def test_an_end_before_the_start_is_no_duration():
    recorded = captured({}, CaptureMode.HASHED, end_ns=START_NS - 1)
    assert recorded.columns["duration_ns"] == 0
    assert Flag.END_BEFORE_START.value in recorded.columns["flags"]


class NoKeys:
    """Fails the test when anybody asks for a key."""

    def key(self, day: int, sender_id: bytes, purpose: KeyPurpose) -> bytes:
        raise AssertionError(
            f"nothing here needs a key for {purpose} of day {day} and sender {sender_id.hex()}"
        )


@pytest.mark.parametrize(
    ("attributes", "mode"),
    [(CHAT, CaptureMode.NONE), ({"gen_ai.request.model": "gpt-4o", "session.id": "s-1"}, CaptureMode.FULL)],
)
def test_no_key_is_made_where_nothing_is_kept(attributes: dict[str, Any], mode: CaptureMode):
    span = normalise(a_span(attributes))
    assert capture(span, sender=a_sender(mode), keys=NoKeys(), received_ns=1).messages == []


def test_hashed_asks_for_no_key_of_the_queue():
    class IdsOnly(DerivedKeys):
        def key(self, day: int, sender_id: bytes, purpose: KeyPurpose) -> bytes:
            assert purpose is KeyPurpose.ID
            return super().key(day, sender_id, purpose)

    span = normalise(a_span(CHAT))
    assert capture(span, sender=a_sender(CaptureMode.HASHED), keys=IdsOnly(), received_ns=1).columns[
        "content"
    ]
