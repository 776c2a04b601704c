"""The shape of a ledger event, made of values. No database here.

Form: canonical JSON with a nonce; personal fields and free text are disclosures in the style of RFC 9901
(`base64url(JSON([salt, name, value]))`), of which the event holds only sorted SHA-256 digests.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from kernel.actor import Actor
from kernel.canonical import canonical_json

EVENT_VERSION = 1
SALT_BYTES = 16


class Outcome(StrEnum):
    SUCCESS = "success"
    FAILURE = "failure"
    DENIED = "denied"


@dataclass(frozen=True, slots=True)
class Target:
    """The thing that was acted on. `label` may name a person and is disclosed apart.

    `person_id` says that the target is a person: its label and the personal changes are then theirs, not the actor's.
    """

    type: str
    id: str
    label: str = ""
    unit_id: uuid.UUID | None = None
    person_id: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """One field, before and after. JSON values without floats; None is unknown or absent."""

    path: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class BuiltEvent:
    """An event ready to be stored: its body and the disclosures whose digests the body holds."""

    id: uuid.UUID
    time: datetime
    body: bytes
    disclosures: tuple[tuple[str, str], ...]  # (digest, disclosure)


def diff(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[Change, ...]:
    """The fields whose value differs, sorted by path. A missing field counts as None."""
    paths = sorted(set(before) | set(after))
    return tuple(
        Change(path, before.get(path), after.get(path))
        for path in paths
        if before.get(path) != after.get(path)
    )


def build(
    *,
    event_id: uuid.UUID,
    time: datetime,
    action: str,
    actor: Actor,
    target: Target,
    outcome: Outcome,
    changes: Iterable[Change] = (),
    personal: frozenset[str] = frozenset(),
    reason: str = "",
) -> BuiltEvent:
    """Make the event's bytes.

    `personal` names the change paths whose values are personal or free text: the body then says only that the field
    changed, its values go into disclosures.
    """
    changes = tuple(changes)
    hidden = _hidden_fields(actor=actor, target=target, reason=reason, changes=changes, personal=personal)
    disclosures = sorted(_disclose(name, value) for name, value in hidden)
    body: dict[str, Any] = {
        "v": EVENT_VERSION,
        "id": str(event_id),
        "nonce": _b64(secrets.token_bytes(SALT_BYTES)),
        "time": timestamp(time),
        "action": action,
        "outcome": outcome.value,
        "actor": {"type": actor.kind.value, "id": actor.id},
        "source": _source(actor),
        "target": _without_none(
            {"type": target.type, "id": target.id, "unit": str(target.unit_id) if target.unit_id else None}
        ),
        "changes": [_change(change, personal) for change in changes],
        "_sd": [digest for digest, _ in disclosures],
        "_sd_alg": "sha-256",
    }
    return BuiltEvent(event_id, time, canonical_json(body), tuple(disclosures))


def timestamp(time: datetime) -> str:
    """UTC, microseconds, `Z`: one text per moment."""
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def disclosure_digest(disclosure: str) -> str:
    """RFC 9901 section 4.2.3: base64url of SHA-256 over the ASCII disclosure."""
    return _b64(hashlib.sha256(disclosure.encode("ascii")).digest())


def read_disclosure(disclosure: str) -> tuple[str, Any]:
    """The name and value inside a disclosure. Raises ValueError when it is none."""
    padded = disclosure + "=" * (-len(disclosure) % 4)
    _salt, name, value = json.loads(base64.urlsafe_b64decode(padded))
    return name, value


def _hidden_fields(
    *, actor: Actor, target: Target, reason: str, changes: tuple[Change, ...], personal: frozenset[str]
) -> list[tuple[str, Any]]:
    fields: list[tuple[str, Any]] = [
        ("actor.label", actor.label),
        ("actor.email", actor.email),
        ("target.label", target.label),
        ("reason", reason),
    ]
    for change in changes:
        if change.path in personal:
            fields += [
                (f"changes.{change.path}.before", change.before),
                (f"changes.{change.path}.after", change.after),
            ]
    return [(name, value) for name, value in fields if value not in (None, "")]


def _disclose(name: str, value: Any) -> tuple[str, str]:
    text = json.dumps([_b64(secrets.token_bytes(SALT_BYTES)), name, value], ensure_ascii=False)
    disclosure = _b64(text.encode("utf-8"))
    return disclosure_digest(disclosure), disclosure


def _change(change: Change, personal: frozenset[str]) -> dict[str, Any]:
    if change.path in personal:
        return {"path": change.path}
    return {"path": change.path, "before": change.before, "after": change.after}


def _source(actor: Actor) -> dict[str, Any]:
    source = actor.source
    return _without_none(
        {
            "channel": source.channel.value,
            "ip_prefix": source.ip_prefix,
            "ua_family": source.user_agent_family,
            "request_id": source.request_id,
            "route": source.route,
        }
    )


def _without_none(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}


def _b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")
