"""What the record's senders are, and which of them an actor may see.

The record stores senders; the register's dated rules say what a sender is and when. Here the two meet, when read:
a rule made today explains the past, and nothing is ever rewritten. Authorisation follows: a span belongs to the unit of
what its sender was at that moment, and what nobody claims is seen only by those who may read telemetry everywhere.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import sqlalchemy as sa

from inventory import queries as inventory
from kernel.actor import Actor, Permission
from kernel.contracts.ingest import Resolution, ResolutionState
from telemetry.queries import senders as sender_queries
from telemetry.queries.bounds import SenderScope, SenderWindow
from telemetry.queries.senders import SenderRow

Wanted = Callable[[Resolution], bool]


def identified(resolution: Resolution) -> bool:
    """Whether somebody said what the sender is. Where it stands alone (a site's key, a place it names) does not do."""
    return resolution.deployment_id is not None or resolution.endpoint_id is not None


@dataclass(frozen=True, slots=True)
class Known:
    """A sender with what it is over time, oldest first."""

    sender: SenderRow
    resolutions: tuple[Resolution, ...]
    dismissed: bool = False

    def at(self, moment_ns: int) -> Resolution | None:
        """What the sender was at a moment; None when nothing speaks of that time."""
        return next((item for item in reversed(self.resolutions) if _holds(item, moment_ns)), None)

    @property
    def latest(self) -> Resolution | None:
        """What the sender was when it spoke last."""
        return self.at(self.sender.last_seen_ns)

    @property
    def state(self) -> ResolutionState:
        """Resolved, dismissed or unknown, as of the last span."""
        latest = self.latest
        if latest is not None and identified(latest):
            return ResolutionState.RESOLVED
        return ResolutionState.DISMISSED if self.dismissed else ResolutionState.UNKNOWN

    def unidentified(self) -> list[SenderWindow]:
        """The stretches of time in which nobody said what the sender is."""
        return gaps(self.sender.sender_id, [item for item in self.resolutions if identified(item)])


def _holds(resolution: Resolution, moment_ns: int) -> bool:
    return SenderWindow(b"", resolution.valid_from_ns, resolution.valid_until_ns).holds(moment_ns)


@dataclass(frozen=True)
class Estate:
    """The senders with their meanings, as one actor sees them."""

    known: dict[bytes, Known]
    actor: Actor = field(repr=False)

    @cached_property
    def units(self) -> frozenset[uuid.UUID] | None:
        """The units whose telemetry the actor may read; None means the whole organisation."""
        return self.actor.units(Permission.TELEMETRY_READ)

    @property
    def everything(self) -> bool:
        """Whether the actor may read telemetry of the whole organisation, unknown senders included."""
        return self.units is None

    @cached_property
    def visible(self) -> SenderScope:
        """The scope that every query of this actor's must carry."""
        return None if self.units is None else self._windows(self.may_see)

    def may_see(self, resolution: Resolution) -> bool:
        """Whether what the sender was then lies in a unit of the actor's."""
        if self.units is None:
            return True
        return resolution.state is ResolutionState.RESOLVED and resolution.unit_id in self.units

    def where(self, wanted: Wanted) -> tuple[SenderWindow, ...]:
        """The windows in which senders were what `wanted` asks for and the actor may see them."""
        return self._windows(lambda item: self.may_see(item) and wanted(item))

    def _windows(self, wanted: Wanted) -> tuple[SenderWindow, ...]:
        return tuple(
            SenderWindow(sender_id, item.valid_from_ns, item.valid_until_ns)
            for sender_id, known in self.known.items()
            for item in known.resolutions
            if wanted(item)
        )

    def in_state(self, state: ResolutionState) -> tuple[SenderWindow, ...]:
        """The windows in which senders were registered, dismissed or unknown.

        The last two are empty for who may not see the whole organisation.
        """
        if state is ResolutionState.RESOLVED:
            return self.where(identified)
        if self.units is not None:
            return ()
        dismissed = state is ResolutionState.DISMISSED
        wanted = (known for known in self.known.values() if known.dismissed is dismissed)
        return tuple(window for known in wanted for window in known.unidentified())

    @cached_property
    def seen(self) -> tuple[Known, ...]:
        """The senders that the actor may see at all, last seen first."""
        return tuple(known for known in self.known.values() if self.sees(known))

    def sees(self, known: Known) -> bool:
        """Whether the actor may see this sender, in any of its times."""
        return self.units is None or any(map(self.may_see, known.resolutions))

    def resolution(self, sender_id: bytes, moment_ns: int) -> Resolution | None:
        """What a sender was at a moment, if the actor may know."""
        known = self.known.get(sender_id)
        found = known.at(moment_ns) if known else None
        return found if found is not None and self.may_see(found) else None


def gaps(sender_id: bytes, told: Sequence[Resolution]) -> list[SenderWindow]:
    """The stretches of time that none of these resolutions covers."""
    windows: list[SenderWindow] = []
    open_from: int | None = None
    for item in sorted(told, key=lambda one: one.valid_from_ns or 0):
        if item.valid_from_ns is not None and (open_from is None or item.valid_from_ns > open_from):
            windows.append(SenderWindow(sender_id, open_from, item.valid_from_ns))
        if item.valid_until_ns is None:
            return windows
        open_from = max(open_from or 0, item.valid_until_ns)
    return [*windows, SenderWindow(sender_id, open_from, None)]


def load_estate(
    connection: sa.Connection,
    actor: Actor,
    *,
    sender_ids: Iterable[bytes] | None = None,
    limit: int = sender_queries.MAX_SENDERS,
) -> Estate:
    """The senders (or some of them; the `limit` seen last) with their meanings. Raises Forbidden for who may read none.

    One query on the record; on the register one query, and after a change of it a few more, which read what speaks
    about these senders and nothing else.
    """
    actor.require_somewhere(Permission.TELEMETRY_READ)
    if sender_ids is None:
        rows = sender_queries.list_senders(connection, limit=limit)
    else:
        rows = list(sender_queries.find_senders(connection, sender_ids).values())
    resolve = inventory.sender_resolver(about=[row.identity for row in rows])
    dismissed = inventory.dismissed_sender_ids()
    known = {row.sender_id: Known(row, resolve(row.identity), row.sender_id in dismissed) for row in rows}
    return Estate(known, actor)
