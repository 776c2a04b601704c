"""A span's digest: the same for every retry, another for every change."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.json_format import ParseDict
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from kernel.canonical import canonical_json
from kernel.contracts.ingest import CaptureMode
from telemetry import schema
from telemetry.content import capture, span_digest
from telemetry.content.digest import LEFT_OUT
from telemetry.domain import ContentState, DecodedSpan, Flag
from telemetry.normalise import normalise
from telemetry.receiver import decode, decode_json
from tests.telemetry.making import DerivedKeys, a_sender, a_span, an_event

CASES = sorted((Path(__file__).parents[2] / "golden" / "cases").glob("*.json"))


def columns_of(span: DecodedSpan, mode: CaptureMode = CaptureMode.HASHED, **given: Any) -> dict[str, Any]:
    received_ns = given.get("received_ns", 1)
    return capture(
        normalise(span), sender=a_sender(mode), keys=DerivedKeys(), received_ns=received_ns
    ).columns


def full_row() -> dict[str, Any]:
    """A row with a value in every column."""
    row = columns_of(a_span({"gen_ai.request.model": "gpt-4o", "input.value": "Hello"}))
    for column in schema.spans.columns:
        if row[column.name] is None:
            row[column.name] = {"BLOB": b"x" * 8, "VARCHAR": "x", "TEXT": "{}"}.get(
                str(column.type).split("(")[0], 7
            )
    row["digest"] = span_digest(row)
    return row


def test_an_auditor_recomputes_the_digest_by_hand():
    row = full_row()
    form = {}
    for name, value in row.items():
        if name in ("received_ns", "retention_class", "digest"):
            continue
        if name in ("cost_nano_usd", "cost_status", "cost_basis", "price_id"):
            continue
        if isinstance(value, bytes):
            form[name] = value.hex()
        elif isinstance(value, int) and not isinstance(value, bool):
            form[name] = str(value)
        else:
            form[name] = value
    assert hashlib.sha256(canonical_json(form)).digest() == row["digest"]


@pytest.mark.parametrize("name", [str(column.name) for column in schema.spans.columns])
def test_every_change_changes_the_digest_but_those_that_are_left_out(name: str):
    row = full_row()
    value = row[name]
    changed = {bytes: lambda: value + b"!", bool: lambda: not value, int: lambda: value + 1}
    row[name] = changed.get(type(value), lambda: '["altered"]')()
    assert (span_digest(row) == row["digest"] or name == "digest") is (name in LEFT_OUT)


@pytest.mark.parametrize("flag", Flag)
def test_flags_of_the_moment_leave_the_digest_alone(flag: Flag):
    row = full_row()
    row["flags"] = json.dumps([flag.value])
    of_the_moment = flag in (Flag.WINDOW_EDGE, Flag.CLAIM_OUTSIDE_KEY, Flag.CONTENT_BY_LOG)
    assert (span_digest(row) == row["digest"]) is of_the_moment


def test_masking_afterwards_leaves_the_digest_alone():
    row = columns_of(a_span({"input.value": "Hello", "gen_ai.operation.name": "chat"}), CaptureMode.REDACT)
    assert row["content_state"] == ContentState.WAITING
    assert span_digest(row | {"content_state": ContentState.MASKED.value}) == row["digest"]
    assert span_digest(row | {"content_state": ContentState.FULL.value}) != row["digest"]


def test_a_retry_has_the_same_digest_whenever_it_comes():
    attributes = {
        "gen_ai.input.messages": '[{"role": "user", "content": "Hello"}]',
        "gen_ai.request.temperature": 0.7,
    }
    one = columns_of(a_span(attributes), CaptureMode.REDACT, received_ns=1)
    two = columns_of(a_span(dict(reversed(attributes.items()))), CaptureMode.REDACT, received_ns=2)
    assert one["digest"] == two["digest"]


@pytest.mark.parametrize("mode", CaptureMode)
@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_protobuf_and_json_of_a_span_have_one_digest(path: Path, mode: CaptureMode):
    request = json.loads(path.read_text(encoding="utf-8"))["traces"]
    as_json = decode_json.decode_traces(json.dumps(_otlp_json(request)).encode())
    as_protobuf = decode.decode_traces(_protobuf(request))
    assert len(as_json.spans) == len(as_protobuf.spans) > 0
    for one, other in zip(as_json.spans, as_protobuf.spans, strict=True):
        assert columns_of(one, mode)["digest"] == columns_of(other, mode)["digest"]


def test_what_was_said_changes_the_digest_even_where_only_ids_are_kept():
    def digest(words: str) -> bytes:
        found: bytes = columns_of(a_span({"gen_ai.operation.name": "chat", "input.value": words}))["digest"]
        return found

    assert digest("Hello") != digest("Hello!")


def test_an_event_that_is_no_content_changes_nothing():
    quiet, eventful = a_span({"gen_ai.request.model": "m"}), a_span({"gen_ai.request.model": "m"})
    eventful.events.append(an_event("cache.miss", key="x"))
    assert columns_of(quiet)["digest"] == columns_of(eventful)["digest"]


def _otlp_json(value: Any) -> Any:
    """The corpus writes enums by name; OTLP/JSON writes numbers."""
    if isinstance(value, list):
        return [_otlp_json(inner) for inner in value]
    if not isinstance(value, dict):
        return value
    return {
        key: _ENUMS.get(inner, inner) if key in ("kind", "code") else _otlp_json(inner)
        for key, inner in value.items()
    }


_ENUMS = {
    "SPAN_KIND_INTERNAL": 1,
    "SPAN_KIND_SERVER": 2,
    "SPAN_KIND_CLIENT": 3,
    "STATUS_CODE_OK": 1,
    "STATUS_CODE_ERROR": 2,
}


def _protobuf(request: dict[str, Any]) -> bytes:
    import base64

    def base64_ids(value: Any) -> Any:
        if isinstance(value, list):
            return [base64_ids(inner) for inner in value]
        if not isinstance(value, dict):
            return value
        return {
            key: base64.b64encode(bytes.fromhex(inner)).decode() if key.endswith("Id") else base64_ids(inner)
            for key, inner in value.items()
        }

    message: bytes = ParseDict(base64_ids(request), ExportTraceServiceRequest()).SerializeToString()
    return message
