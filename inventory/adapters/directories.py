"""The directories of keys and senders that ingest asks, answered from the register.

Used from many threads of a process without a request cycle. Answers are kept for less than half a second, so that a revocation
or a new capture mode is effective within one; what a key may claim is kept until the register changes.
"""

from __future__ import annotations

import logging
import threading
import time
import uuid
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from django.db import DatabaseError, close_old_connections, connection
from django.db.models import Q

from inventory.domain import senders as domain
from inventory.domain.graphs import below
from inventory.domain.senders import Register
from inventory.domain.words import KeyScope
from inventory.models import Deployment, EndpointKey, Site, Unit
from inventory.queries import senders as queries
from inventory.queries.sender_register import load_register
from kernel import clock
from kernel.contracts.ingest import KeyFacts, Resolution, SenderIdentity, SenderPolicy

FRESH_S = 0.4
"""How old an answer may be, in seconds. A policy stands on a register that may be as old again: within one second."""
MOST_ANSWERS = 20_000
"""Answers kept at once, those about unknown ids included: guessing ids must not fill the memory."""
USED_EVERY_S = 60.0
"""A key's last use is written at most this often, in seconds."""

K = TypeVar("K")
T = TypeVar("T")
log = logging.getLogger("inventory.directories")


class Fresh(Generic[T]):
    """A value that is computed again when it is too old. One thread computes, the others wait for it."""

    def __init__(self, compute: Callable[[], T], *, seconds: float = FRESH_S) -> None:
        self._compute = compute
        self._seconds = seconds
        self._lock = threading.Lock()
        self._value: tuple[float, T] | None = None

    def get(self) -> T:
        known = self._value
        if known is not None and time.monotonic() - known[0] < self._seconds:
            return known[1]
        with self._lock:
            known = self._value
            if known is None or time.monotonic() - known[0] >= self._seconds:
                asked = time.monotonic()  # the answer is as old as the question
                known = self._value = (asked, self._compute())
            return known[1]


class Recent(Generic[K, T]):
    """Answers by question, each forgotten when it is too old, the oldest first when there are too many."""

    def __init__(self, compute: Callable[[K], T], *, seconds: float, most: int = MOST_ANSWERS) -> None:
        self._compute = compute
        self._seconds = seconds
        self._most = most
        self._lock = threading.Lock()
        self._known: OrderedDict[K, tuple[float, T]] = OrderedDict()

    def get(self, question: K) -> T:
        asked = time.monotonic()
        with self._lock:
            known = self._known.get(question)
        if known is not None and asked - known[0] < self._seconds:
            return known[1]
        answer = self._compute(question)
        with self._lock:
            self._known[question] = (asked, answer)
            self._known.move_to_end(question)
            while len(self._known) > self._most:
                self._known.popitem(last=False)
        return answer


@dataclass(frozen=True, slots=True)
class Claims:
    """What a key may claim: deployments and sites by slug; None means any."""

    deployments: frozenset[str] | None = None
    sites: frozenset[str] | None = None


class RegisterKeyDirectory:
    """Finds endpoint keys in the register (`kernel.contracts.ingest.KeyDirectory`)."""

    def __init__(self, *, seconds: float = FRESH_S) -> None:
        self._keys: Recent[str, KeyFacts | None] = Recent(
            lambda public_id: _with_connection(lambda: self._load(public_id))(), seconds=seconds
        )
        self._stamp = Fresh(_with_connection(queries.last_changed), seconds=seconds)
        self._claims: dict[uuid.UUID, tuple[queries.Stamp, Claims]] = {}

    def find(self, public_id: str) -> KeyFacts | None:
        """The key, revoked and expired ones included, or None when there is none."""
        return self._keys.get(public_id)

    def _load(self, public_id: str) -> KeyFacts | None:
        row = (
            EndpointKey.objects.select_related("deployment__system", "site")
            .filter(public_id=public_id)
            .first()
        )
        if row is None:
            return None
        claims = self._claims_of(row)
        return KeyFacts(
            key_id=row.pk.bytes,
            public_id=row.public_id,
            name=row.name,
            secret_digest=bytes(row.secret_digest),
            scope=row.scope,
            claimable_deployments=claims.deployments,
            claimable_sites=claims.sites,
            expires_ns=_ns(row.expires_at),
            revoked_ns=_ns(row.retired_at),
            max_senders=row.max_senders,
        )

    def _claims_of(self, row: EndpointKey) -> Claims:
        stamp = self._stamp.get()
        known = self._claims.get(row.pk)
        if known is not None and known[0] == stamp:
            return known[1]
        claims = claims_of(row)
        self._claims[row.pk] = (stamp, claims)
        return claims


class RegisterSenderDirectory:
    """Tells what senders are and how their content is treated (`kernel.contracts.ingest.SenderDirectory`)."""

    def __init__(self, *, seconds: float = FRESH_S) -> None:
        self._register = Fresh(_with_connection(self._load), seconds=seconds)
        self._policies = Recent(self._policy, seconds=seconds)
        self._loaded: tuple[queries.Stamp, Register] | None = None
        self._used = _LastUse()

    def policy(self, sender: SenderIdentity) -> SenderPolicy:
        """The policy now in force. Asking for it says that the key was used: only an accepted batch comes so far."""
        self._used.mark(sender.key_id)
        return self._policies.get(sender)

    def resolve(self, sender: SenderIdentity) -> tuple[Resolution, ...]:
        """What the sender is over time, oldest first; empty when nothing explains it."""
        return domain.resolve(sender, self._register.get())

    def close(self) -> None:
        """Write the last uses that still wait."""
        self._used.close()

    def _policy(self, sender: SenderIdentity) -> SenderPolicy:
        return domain.policy(sender, self._register.get(), now_ns=clock.now_ns())

    def _load(self) -> Register:
        stamp = queries.last_changed()
        if self._loaded is None or self._loaded[0] != stamp:
            self._loaded = (stamp, load_register())
        return self._loaded[1]


class _LastUse:
    """Writes when keys were last used, in a thread of its own: no sender waits for it, no event tells of it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._written: dict[bytes, float] = {}
        self._writer = ThreadPoolExecutor(max_workers=1, thread_name_prefix="key-last-use")

    def mark(self, key_id: bytes) -> None:
        moment = time.monotonic()
        with self._lock:
            before = self._written.get(key_id)
            if before is not None and moment - before < USED_EVERY_S:
                return
            self._written[key_id] = moment
        self._writer.submit(self._write, key_id, clock.now())

    def close(self) -> None:
        self._writer.shutdown(wait=True)

    def _write(self, key_id: bytes, moment: datetime) -> None:
        earlier = Q(last_used_at__isnull=True) | Q(last_used_at__lt=moment)
        rows = EndpointKey.objects.filter(earlier, pk=uuid.UUID(bytes=key_id))
        try:
            rows.update(last_used_at=moment)
        except DatabaseError as error:
            # Nobody depends on this moment; the next minute writes another.
            log.warning("key.last_use_not_written", extra={"key_id": key_id.hex(), "error": str(error)})
        finally:
            connection.close()  # this thread sleeps most of the time and keeps none


def claims_of(row: EndpointKey) -> Claims:
    """What a key of this scope may claim, as slugs. Deployments also as `system/environment`."""
    match row.scope:
        case KeyScope.DEPLOYMENT:
            return _of_deployment(row)
        case KeyScope.SITE:
            return _of_sites(_below(Site, row.site_id))
        case KeyScope.UNIT:
            units = _below(Unit, row.unit_id)
            return Claims(
                _deployment_claims(Q(system__unit__in=units)),
                # A site of no unit belongs to everybody.
                _site_slugs(Q(unit__in=units) | Q(unit__isnull=True)),
            )
        case _:
            return Claims()


def _of_deployment(row: EndpointKey) -> Claims:
    here = Q(placements__deployment=row.deployment_id) | Q(fleets__placements__deployment=row.deployment_id)
    return Claims(_deployment_claims(Q(pk=row.deployment_id)), _site_slugs(here))


def _of_sites(sites: frozenset[uuid.UUID]) -> Claims:
    placed = Q(placements__site__in=sites) | Q(placements__fleet__site__in=sites)
    return Claims(_deployment_claims(placed), _site_slugs(Q(pk__in=sites)))


def _below(model: type[Unit | Site], root: uuid.UUID | None) -> frozenset[uuid.UUID]:
    if root is None:
        return frozenset()
    edges = model._default_manager.filter(parent__isnull=False).values_list("id", "parent_id")
    return below(list(edges), root)


def _deployment_claims(which: Q) -> frozenset[str]:
    rows = Deployment.objects.filter(which).values_list("slug", "system__slug", "environment")
    return frozenset(claim for slug, system, where in rows for claim in (slug, f"{system}/{where}"))


def _site_slugs(which: Q) -> frozenset[str]:
    return frozenset(Site.objects.filter(which).values_list("slug", flat=True))


def _with_connection(ask: Callable[[], T]) -> Callable[[], T]:
    """Ask with a healthy connection, and keep none that is too old: no request cycle does it for these threads."""

    def asking() -> T:
        if connection.in_atomic_block:  # a caller's own transaction; its connection is not ours to close
            return ask()
        close_old_connections()
        try:
            return ask()
        finally:
            close_old_connections()

    return asking


def _ns(moment: datetime | None) -> int | None:
    return None if moment is None else clock.to_ns(moment)
