"""Which profile holds for what a sender said, answered from the register (`guardrails.domain.GuardrailDirectory`)."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass

from guardrails.domain.profiles import DEFAULT_PROFILE, Profile
from guardrails.queries import profiles as queries
from inventory import queries as inventory
from inventory.adapters.directories import FRESH_S, Fresh
from kernel.contracts.ingest import Resolution, SenderIdentity


@dataclass(frozen=True, slots=True)
class _State:
    """One state of the register: who has which rules, and what senders are."""

    default: Profile
    assigned: dict[uuid.UUID, Profile]
    resolve: Callable[[SenderIdentity], tuple[Resolution, ...]]


class RegisterGuardrailDirectory:
    """Answers are less than half a second old, and cost three small queries in that time however often they are asked.

    What senders are is kept by `inventory.queries.sender_resolver` until the register changes.
    """

    def __init__(self, *, seconds: float = FRESH_S) -> None:
        self._state = Fresh(_load, seconds=seconds)

    def profile(self, sender: SenderIdentity, moment_ns: int) -> Profile:
        """The rules that hold now for the deployment that the sender was then; the default for who is none."""
        state = self._state.get()
        for resolution in reversed(state.resolve(sender)):
            if resolution.deployment_id is not None and inventory.holds_at(resolution, moment_ns):
                return state.assigned.get(resolution.deployment_id, state.default)
        return state.default


def _load() -> _State:
    return _State(
        default=queries.default_rules() or DEFAULT_PROFILE,
        assigned=queries.assigned(),
        resolve=inventory.sender_resolver(),
    )
