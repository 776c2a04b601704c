"""Which state of a violation, waiver or approval may follow which, as tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from governance.domain.breaches import Kind


class ViolationState(StrEnum):
    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    IN_PROGRESS = "in_progress"
    WAIVED = "waived"
    RESOLVED = "resolved"  # somebody says that it is put right; the next evaluation shows whether that is so
    DISPOSED = "disposed"  # a person has closed an occurrence, and said how
    CLOSED_BY_EVALUATION = "closed_by_evaluation"


STANDING = frozenset(
    {
        ViolationState.OPEN,
        ViolationState.ACKNOWLEDGED,
        ViolationState.IN_PROGRESS,
        ViolationState.WAIVED,
        ViolationState.RESOLVED,
    }
)
"""States of a violation that is not closed: there is at most one such for a policy, subject and reason."""
WAITING = frozenset({ViolationState.OPEN, ViolationState.ACKNOWLEDGED, ViolationState.IN_PROGRESS})
"""States in which somebody has something to do."""


class Disposition(StrEnum):
    """How an occurrence was closed by a person."""

    REMEDIED = "remedied"
    NO_HARM = "no_harm"
    FALSE_ALARM = "false_alarm"
    INCIDENT = "incident"


class WaiverState(StrEnum):
    ASKED = "asked"
    GRANTED = "granted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    ENDED = "ended"  # its last day has passed, or what it waived is closed


class ApprovalState(StrEnum):
    """What is stored. That an approval has expired or gone stale is worked out when it is read."""

    ASKED = "asked"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


class Standing(StrEnum):
    """Where a system or deployment stands with its approvals, now."""

    APPROVED = "approved"
    PENDING = "pending"
    STALE = "stale"
    EXPIRED = "expired"
    NONE = "none"


_BOTH = frozenset(Kind)
_CONDITION = frozenset({Kind.CONDITION})
_OCCURRENCE = frozenset({Kind.OCCURRENCE})


@dataclass(frozen=True, slots=True)
class Step:
    """A permitted change of state, for the kinds that know it. `by_person` is False for what only an evaluation or the clock does."""

    to: ViolationState
    needs_reason: bool = False
    kinds: frozenset[Kind] = _BOTH
    by_person: bool = True


_S = ViolationState
_CLOSES = Step(_S.CLOSED_BY_EVALUATION, kinds=_CONDITION, by_person=False)
_DISPOSES = Step(_S.DISPOSED, needs_reason=True, kinds=_OCCURRENCE)
_RESOLVES = Step(_S.RESOLVED, needs_reason=True, kinds=_CONDITION)
_WAIVES = Step(_S.WAIVED, by_person=False)  # by the decision on a waiver, which has its own two persons

VIOLATION_STEPS: Mapping[ViolationState, tuple[Step, ...]] = {
    _S.OPEN: (Step(_S.ACKNOWLEDGED), Step(_S.IN_PROGRESS), _RESOLVES, _DISPOSES, _WAIVES, _CLOSES),
    _S.ACKNOWLEDGED: (Step(_S.IN_PROGRESS), _RESOLVES, _DISPOSES, _WAIVES, _CLOSES),
    _S.IN_PROGRESS: (_RESOLVES, _DISPOSES, _WAIVES, _CLOSES),
    _S.RESOLVED: (Step(_S.OPEN, needs_reason=True), _CLOSES),
    _S.WAIVED: (Step(_S.OPEN, needs_reason=True), _DISPOSES, _CLOSES),
    _S.DISPOSED: (Step(_S.OPEN, needs_reason=True),),
    _S.CLOSED_BY_EVALUATION: (),
}


def next_steps(state: str, kind: str) -> tuple[Step, ...]:
    """What a person may do next with a violation of this kind."""
    return tuple(step for step in _steps(state, kind) if step.by_person)


def step(before: str, after: str, kind: str) -> Step | None:
    """The permitted step from one state to another, or None. Those of evaluations and the clock count too."""
    return next((found for found in _steps(before, kind) if found.to == after), None)


def _steps(state: str, kind: str) -> tuple[Step, ...]:
    known = next((steps for name, steps in VIOLATION_STEPS.items() if name == state), ())
    return tuple(found for found in known if kind in found.kinds)
