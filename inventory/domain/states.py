"""Which state may follow which, as tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from inventory.domain.words import DeploymentState, ModelState, SystemState


@dataclass(frozen=True, slots=True)
class Step:
    """A permitted change of state. Some want a reason: those that take a permission away or give it back."""

    to: StrEnum
    needs_reason: bool = False


Table = Mapping[StrEnum, tuple[Step, ...]]

SYSTEM_STEPS: Table = {
    SystemState.PROPOSED: (Step(SystemState.IN_ASSESSMENT), Step(SystemState.RETIRED, needs_reason=True)),
    SystemState.IN_ASSESSMENT: (
        Step(SystemState.APPROVED),
        Step(SystemState.PROPOSED, needs_reason=True),
        Step(SystemState.RETIRED, needs_reason=True),
    ),
    SystemState.APPROVED: (
        Step(SystemState.LIVE),
        Step(SystemState.IN_ASSESSMENT, needs_reason=True),
        Step(SystemState.RESTRICTED, needs_reason=True),
        Step(SystemState.SUSPENDED, needs_reason=True),
        Step(SystemState.RETIRED, needs_reason=True),
    ),
    SystemState.LIVE: (
        Step(SystemState.IN_ASSESSMENT, needs_reason=True),
        Step(SystemState.RESTRICTED, needs_reason=True),
        Step(SystemState.SUSPENDED, needs_reason=True),
        Step(SystemState.RETIRED, needs_reason=True),
    ),
    SystemState.RESTRICTED: (
        Step(SystemState.LIVE, needs_reason=True),
        Step(SystemState.IN_ASSESSMENT, needs_reason=True),
        Step(SystemState.SUSPENDED, needs_reason=True),
        Step(SystemState.RETIRED, needs_reason=True),
    ),
    SystemState.SUSPENDED: (
        Step(SystemState.LIVE, needs_reason=True),
        Step(SystemState.RESTRICTED, needs_reason=True),
        Step(SystemState.IN_ASSESSMENT, needs_reason=True),
        Step(SystemState.RETIRED, needs_reason=True),
    ),
    SystemState.RETIRED: (),
}

DEPLOYMENT_STEPS: Table = {
    DeploymentState.PLANNED: (Step(DeploymentState.LIVE), Step(DeploymentState.RETIRED, needs_reason=True)),
    DeploymentState.LIVE: (
        Step(DeploymentState.PAUSED, needs_reason=True),
        Step(DeploymentState.RETIRED, needs_reason=True),
    ),
    DeploymentState.PAUSED: (
        Step(DeploymentState.LIVE, needs_reason=True),
        Step(DeploymentState.RETIRED, needs_reason=True),
    ),
    DeploymentState.RETIRED: (),
}

MODEL_STEPS: Table = {
    ModelState.CANDIDATE: (
        Step(ModelState.APPROVED),
        Step(ModelState.RESTRICTED, needs_reason=True),
        Step(ModelState.BLOCKED, needs_reason=True),
        Step(ModelState.RETIRED, needs_reason=True),
    ),
    ModelState.APPROVED: (
        Step(ModelState.RESTRICTED, needs_reason=True),
        Step(ModelState.BLOCKED, needs_reason=True),
        Step(ModelState.DEPRECATED, needs_reason=True),
        Step(ModelState.RETIRED, needs_reason=True),
    ),
    ModelState.RESTRICTED: (
        Step(ModelState.APPROVED, needs_reason=True),
        Step(ModelState.BLOCKED, needs_reason=True),
        Step(ModelState.DEPRECATED, needs_reason=True),
        Step(ModelState.RETIRED, needs_reason=True),
    ),
    ModelState.BLOCKED: (
        Step(ModelState.CANDIDATE, needs_reason=True),
        Step(ModelState.RESTRICTED, needs_reason=True),
        Step(ModelState.RETIRED, needs_reason=True),
    ),
    ModelState.DEPRECATED: (
        Step(ModelState.APPROVED, needs_reason=True),
        Step(ModelState.BLOCKED, needs_reason=True),
        Step(ModelState.RETIRED, needs_reason=True),
    ),
    ModelState.RETIRED: (),
}


NOT_APPROVED = frozenset({SystemState.PROPOSED, SystemState.IN_ASSESSMENT, SystemState.SUSPENDED})
"""States in which nobody has approved that a system runs, or the approval is withdrawn."""


def runs_unapproved(state: str, *, live_deployments: int) -> bool:
    """Whether a system runs although its own state does not permit it: a contradiction that pages show."""
    return live_deployments > 0 and state in NOT_APPROVED


def next_steps(table: Table, state: str) -> tuple[Step, ...]:
    """What may follow a state; nothing for a word that the table does not know."""
    return next((steps for known, steps in table.items() if known == state), ())


def step(table: Table, before: str, after: str) -> Step | None:
    """The permitted step from one state to another, or None."""
    return next((found for found in next_steps(table, before) if found.to == after), None)
