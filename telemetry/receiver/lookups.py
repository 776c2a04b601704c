"""What the bearer of a key may ask: who am I, and did my span arrive? For `tutela check`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import orjson

from kernel import clock
from kernel.contracts.ingest import KeyFacts, Resolution, ResolutionState, SenderDirectory
from kernel.tokens import Token
from telemetry.receiver.app import Receiver
from telemetry.store.reading import FoundSpan

WHOAMI = "/v1/whoami"
SPANS = "/v1/spans/"
PREFIXES = (WHOAMI, SPANS)
_SPAN_PATH = re.compile(r"/v1/spans/([0-9a-f]{32})/([0-9a-f]{16})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Found:
    """An answer in JSON."""

    status: int
    body: bytes


def answer(receiver: Receiver, path: str, token: Token) -> Found:
    """Blocks on the key and the store. Raises Refused for a key that is not good."""
    key = receiver.key_of(token)
    if path == WHOAMI:
        return Found(200, orjson.dumps(_whoami(key)))
    match = _SPAN_PATH.fullmatch(path.lower())
    if match is None:
        return _not_found()
    trace_id, span_id = bytes.fromhex(match[1]), bytes.fromhex(match[2])
    span = receiver.store.find_span(trace_id, span_id, key_id=key.key_id)
    return _not_found() if span is None else Found(200, orjson.dumps(_span(span, receiver.senders)))


def _not_found() -> Found:
    return Found(404, b'{"found":false}')


def _whoami(key: KeyFacts) -> dict[str, Any]:
    return {
        "key": {"public_id": key.public_id, "name": key.name, "scope": key.scope},
        "time": clock.now().isoformat(),
    }


def _span(span: FoundSpan, senders: SenderDirectory) -> dict[str, Any]:
    sender = span.sender
    return {
        "found": True,
        "received_at": clock.from_ns(span.received_ns).isoformat(),
        "sender": {
            "id": span.sender_id.hex(),
            "service_name": sender.service_name,
            "service_namespace": sender.service_namespace,
            "environment": sender.environment,
            "place": sender.place,
            "claimed_deployment": sender.claimed_deployment,
        },
        "content_mode": span.capture_mode,
        "content_state": span.content_state,
        "kind": span.kind,
        "flags": orjson.loads(span.flags),
        "resolution": _resolution(senders.resolve(sender), at_ns=span.start_ns),
    }


def _resolution(resolutions: tuple[Resolution, ...], *, at_ns: int) -> dict[str, Any]:
    for found in resolutions:
        begun = found.valid_from_ns is None or found.valid_from_ns <= at_ns
        if begun and (found.valid_until_ns is None or at_ns < found.valid_until_ns):
            return {
                "state": found.state.value,
                "deployment": found.deployment_name,
                "endpoint": found.endpoint_name,
                "site": found.site_name,
                "how": found.how,
            }
    unknown = ResolutionState.UNKNOWN.value
    return {"state": unknown, "deployment": None, "endpoint": None, "site": None, "how": "no rule matches"}
