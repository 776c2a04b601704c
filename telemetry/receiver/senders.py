"""What telemetry calls itself: the sender of a resource, within what its key may claim and how many it may have."""

from __future__ import annotations

import hmac
import threading
import time
from typing import Any

from kernel.contracts.ingest import KeyFacts, SenderDirectory, SenderIdentity
from telemetry.domain import Attributes, Flag, Reason, ResolvedSender
from telemetry.receiver.limits import DEVICE_REFRESH_S, MAX_DEVICES_PER_SENDER
from telemetry.receiver.values import Unfit
from telemetry.store import SenderTouch, Store

NAME_CHARACTERS = 256
WORD_CHARACTERS = 64
_REMEMBERED_DEVICES = 100_000
LEARN_EVERY_S = 1.0

DEPLOYMENT_CLAIM = "tutela.deployment"
SITE_CLAIM = "tutela.site"
ENVIRONMENT = ("deployment.environment.name", "deployment.environment")
PLACE = ("k8s.cluster.name", "cloud.region", "cloud.availability_zone", "host.group")
DEVICE = ("device.id", "host.id", "host.name")
"""Not service.instance.id: most SDKs invent a new one at every start, and a device would be counted again each time."""

# Not host.name: on a personal device it is often a person's name, and no capture mode would hide it here.
HINTS = (
    "cloud.provider",
    "cloud.platform",
    "cloud.account.id",
    "cloud.region",
    "cloud.availability_zone",
    "k8s.cluster.name",
    "k8s.namespace.name",
    "k8s.deployment.name",
    "k8s.node.name",
    "container.image.name",
    "host.type",
    "host.arch",
    "os.type",
    "os.description",
    "device.model.name",
    "device.manufacturer",
    "process.runtime.name",
    "process.runtime.version",
    "service.version",
    "telemetry.sdk.name",
    "telemetry.sdk.language",
    "telemetry.sdk.version",
    "telemetry.distro.name",
    "telemetry.distro.version",
)


def identity_of(resource: Attributes, *, key: KeyFacts) -> tuple[SenderIdentity, bool]:
    """The sender's identity, and whether it claimed something that its key does not bear."""
    deployment = _text(resource, (DEPLOYMENT_CLAIM,), NAME_CHARACTERS)
    site = _text(resource, (SITE_CLAIM,), NAME_CHARACTERS)
    deployment_ok = _may_claim(deployment, key.claimable_deployments)
    site_ok = _may_claim(site, key.claimable_sites)
    identity = SenderIdentity(
        key_id=key.key_id,
        service_namespace=_text(resource, ("service.namespace",), NAME_CHARACTERS),
        service_name=_text(resource, ("service.name",), NAME_CHARACTERS),
        environment=_text(resource, ENVIRONMENT, WORD_CHARACTERS),
        place=site if site and site_ok else _text(resource, PLACE, NAME_CHARACTERS),
        claimed_deployment=deployment if deployment_ok else "",
    )
    return identity, not (deployment_ok and site_ok)


def _may_claim(claim: str, claimable: frozenset[str] | None) -> bool:
    return not claim or claimable is None or claim in claimable


def _text(resource: Attributes, names: tuple[str, ...], limit: int) -> str:
    for name in names:
        value = resource.get(name)
        if isinstance(value, str) and value:
            return value[:limit]
    return ""


def hints_of(resource: Attributes) -> dict[str, Any]:
    """The resource attributes that help a person to place the sender, and no others."""
    return {
        name: value[:NAME_CHARACTERS]
        for name in HINTS
        if isinstance(value := resource.get(name), str) and value
    }


class SenderBook:
    """Remembers the senders and devices that this process has seen, so that their limits cost no query a batch.

    Other processes' new senders are learnt when a limit is reached; a key may overshoot by what several processes
    admit within the same moment.
    """

    def __init__(self, store: Store, directory: SenderDirectory, *, device_key: bytes) -> None:
        self._store = store
        self._directory = directory
        self._device_key = device_key
        self._known: dict[bytes, set[bytes]] = {}
        self._learnt: dict[bytes, float] = {}
        self._devices: dict[tuple[bytes, bytes], float] = {}
        self._device_counts: dict[bytes, int] = {}
        self._lock = threading.Lock()

    def resolve(self, identity: SenderIdentity, *, key: KeyFacts) -> ResolvedSender:
        """The sender with its policy. Raises Unfit when the key already has as many senders as it may have."""
        sender_id = identity.sender_id()
        if not self._admit(sender_id, key):
            raise Unfit(
                Reason.SENDER_LIMIT, f"the key already has {key.max_senders} senders; a new one is not taken"
            )
        policy = self._directory.policy(identity)
        return ResolvedSender(
            identity=identity,
            sender_id=sender_id,
            capture_mode=policy.capture_mode,
            retention_class=policy.retention_class,
        )

    def touch(self, identity: SenderIdentity, resource: Attributes, *, claim_ignored: bool) -> SenderTouch:
        """What the batch says of the sender: hints, flags, and the device if it is due to be noted."""
        flags = {Flag.CLAIM_OUTSIDE_KEY.value} if claim_ignored else set()
        return SenderTouch(identity=identity, hints=hints_of(resource), flags=flags)

    def device(self, sender_id: bytes, resource: Attributes) -> bytes | None:
        """The keyed hash of the device, 16 bytes, when it is new or was noted long ago; else None."""
        name = _text(resource, DEVICE, NAME_CHARACTERS)
        if not name:
            return None
        text = name.encode("utf-8", "surrogatepass")
        device = hmac.digest(self._device_key, sender_id + text, "sha256")[:16]
        with self._lock:
            return device if self._device_due(sender_id, device) else None

    def _device_due(self, sender_id: bytes, device: bytes) -> bool:
        now = time.monotonic()
        noted = self._devices.get((sender_id, device))
        if noted is not None and now - noted < DEVICE_REFRESH_S:
            return False
        if noted is None and not self._count_device(sender_id):
            return False
        if len(self._devices) >= _REMEMBERED_DEVICES:
            self._devices.clear()
        self._devices[sender_id, device] = now
        return True

    def _count_device(self, sender_id: bytes) -> bool:
        if sender_id not in self._device_counts:
            self._device_counts[sender_id] = self._store.device_count(sender_id)
        if self._device_counts[sender_id] >= MAX_DEVICES_PER_SENDER:
            return False
        self._device_counts[sender_id] += 1
        return True

    def _admit(self, sender_id: bytes, key: KeyFacts) -> bool:
        known = self._known.get(key.key_id)
        if known is not None and sender_id in known:
            return True
        with self._lock:
            known = self._learn(key.key_id)
            if sender_id not in known and len(known) >= key.max_senders:
                return False
            known.add(sender_id)
            return True

    def _learn(self, key_id: bytes) -> set[bytes]:
        """What other processes have admitted, asked for at most once a second: a flood of names must not be a flood of queries."""
        known = self._known.setdefault(key_id, set())
        now = time.monotonic()
        if now - self._learnt.get(key_id, -LEARN_EVERY_S) >= LEARN_EVERY_S:
            known |= self._store.senders_of(key_id)
            self._learnt[key_id] = now
        return known
