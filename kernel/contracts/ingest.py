"""What the telemetry core must know of the register, as values and protocols. `inventory` implements them."""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from kernel.canonical import canonical_json

SENDER_ID_BYTES = 16


class CaptureMode(StrEnum):
    """How much of what was said may be kept. An unknown sender is `hashed`."""

    NONE = "none"
    HASHED = "hashed"
    REDACT = "redact"
    FULL = "full"


class RetentionClass(StrEnum):
    """How long a sender's spans and content stay. The days per class are a setting of the installation."""

    STANDARD = "standard"
    SHORT = "short"
    LONG = "long"
    HOLD = "hold"


@dataclass(frozen=True, slots=True)
class KeyFacts:
    """An endpoint key as the receiver needs it.

    `claimable_deployments` and `claimable_sites` are the claims (slugs) that its bearer may make; None means any.
    A claim outside them is ignored and flagged. Expiry and revocation are epoch nanoseconds.
    """

    key_id: bytes
    public_id: str
    name: str
    secret_digest: bytes
    scope: str
    claimable_deployments: frozenset[str] | None = None
    claimable_sites: frozenset[str] | None = None
    expires_ns: int | None = None
    revoked_ns: int | None = None
    max_senders: int = 1000


@dataclass(frozen=True, slots=True)
class SenderIdentity:
    """What telemetry calls itself. Empty strings where nothing was said; a claim the key does not bear is empty too."""

    key_id: bytes
    service_namespace: str
    service_name: str
    environment: str
    place: str
    claimed_deployment: str

    def sender_id(self) -> bytes:
        """16 bytes fixed by the identity alone, so that every process and every retry names the same sender."""
        body = canonical_json(
            [
                self.key_id.hex(),
                self.service_namespace,
                self.service_name,
                self.environment,
                self.place,
                self.claimed_deployment,
            ]
        )
        return hashlib.sha256(body).digest()[:SENDER_ID_BYTES]


@dataclass(frozen=True, slots=True)
class SenderPolicy:
    """What the register decides about a sender's content. The default is that of an unknown sender."""

    capture_mode: CaptureMode = CaptureMode.HASHED
    retention_class: RetentionClass = RetentionClass.STANDARD
    resolved: bool = False


class ResolutionState(StrEnum):
    RESOLVED = "resolved"
    UNKNOWN = "unknown"
    DISMISSED = "dismissed"


@dataclass(frozen=True, slots=True)
class Resolution:
    """What a sender is during [valid_from_ns, valid_until_ns); an open end is None.

    Ids are those of the register; names are for people. `how` says which rule decided, in words.
    """

    state: ResolutionState
    deployment_id: uuid.UUID | None = None
    deployment_name: str | None = None
    endpoint_id: uuid.UUID | None = None
    endpoint_name: str | None = None
    site_id: uuid.UUID | None = None
    site_name: str | None = None
    tier: str | None = None
    unit_id: uuid.UUID | None = None
    rule_id: uuid.UUID | None = None
    how: str = ""
    valid_from_ns: int | None = None
    valid_until_ns: int | None = None


class KeyDirectory(Protocol):
    """Finds endpoint keys. Answers must be at most one second old, so that a revocation bites at once."""

    def find(self, public_id: str) -> KeyFacts | None:
        """The key, revoked or expired ones included (the receiver says which), or None when there is none."""


class SenderDirectory(Protocol):
    """Tells how a sender's content is treated, and what the sender is."""

    def policy(self, sender: SenderIdentity) -> SenderPolicy:
        """The policy now in force. Cheap: called once per sender and batch."""

    def resolve(self, sender: SenderIdentity) -> tuple[Resolution, ...]:
        """What the sender is over time, oldest first; empty when no rule matches."""
