"""What a policy is made of, and what may come of holding a subject against it. Pure."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from governance.domain.breaches import Evidence, Kind, Severity, SubjectKind

__all__ = [
    "LONGEST_EXPRESSION",
    "MOST_EXAMPLES",
    "Answer",
    "Counts",
    "Example",
    "Judgement",
    "Kind",
    "Mode",
    "Outcome",
    "Rule",
    "Severity",
    "Subject",
    "SubjectKind",
    "Trigger",
    "judge",
]

LONGEST_EXPRESSION = 2_000
"""Characters of an expression. What needs more is two policies."""
MOST_EXAMPLES = 20


class Mode(StrEnum):
    """Whether a policy is evaluated at all, and whether what it finds is held against anybody."""

    OFF = "off"
    SHADOW = "shadow"
    IN_FORCE = "in_force"


class Outcome(StrEnum):
    """What came of one subject. `indeterminate` is never a pass: what is missing is said."""

    PASS = "pass"  # noqa: S105  # a word of policies, no password
    FAIL = "fail"
    INDETERMINATE = "indeterminate"
    NOT_APPLICABLE = "not_applicable"


class Trigger(StrEnum):
    """Why policies were evaluated."""

    CLOCK = "clock"
    REGISTER = "register"
    FINDINGS = "findings"
    POLICY = "policy"


@dataclass(frozen=True, slots=True)
class Judgement:
    """An outcome; `why` says for an indeterminate one what was missing or went wrong."""

    outcome: Outcome
    why: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What one expression came to: a truth value, or None with the reason."""

    value: bool | None
    why: str = ""


def judge(applies: Answer | None, demand: Answer | None) -> Judgement:
    """The outcome of a policy from its two expressions.

    `applies` is None for a policy that applies to all of its subjects; `demand` may be None only where the policy does
    not apply, because then it was not asked.
    """
    if applies is not None and applies.value is None:
        return Judgement(Outcome.INDETERMINATE, applies.why)
    if applies is not None and not applies.value:
        return Judgement(Outcome.NOT_APPLICABLE)
    if demand is None or demand.value is None:
        return Judgement(Outcome.INDETERMINATE, demand.why if demand else "")
    return Judgement(Outcome.PASS if demand.value else Outcome.FAIL)


@dataclass(frozen=True, slots=True)
class Subject:
    """One thing that policies are held against, with its facts.

    `facts` are those under the root name of its kind; what is not known is not in them. `evidence` are references to
    what the facts rest on, `moment_ns` is the latest of these: occurrences happen then.
    """

    kind: SubjectKind
    id: str
    label: str
    unit_id: uuid.UUID | None
    facts: Mapping[str, Any]
    evidence: tuple[Evidence, ...] = ()
    moment_ns: int | None = None
    deployment_id: uuid.UUID | None = None
    system_id: uuid.UUID | None = None

    @property
    def activation(self) -> dict[str, Any]:
        """The facts as expressions name them: `deployment.state`."""
        return {self.kind.value: self.facts}


@dataclass(frozen=True, slots=True)
class Example:
    """A case that the author wrote down: these facts must come to this outcome."""

    name: str
    facts: Mapping[str, Any]
    expect: Outcome


@dataclass(frozen=True, slots=True)
class Counts:
    """How many subjects came to what. `population` is all of them."""

    passed: int = 0
    failed: int = 0
    indeterminate: int = 0
    not_applicable: int = 0

    @property
    def population(self) -> int:
        return self.passed + self.failed + self.indeterminate + self.not_applicable

    @classmethod
    def of(cls, outcomes: Sequence[Outcome]) -> Counts:
        """Count outcomes."""
        return cls(
            passed=outcomes.count(Outcome.PASS),
            failed=outcomes.count(Outcome.FAIL),
            indeterminate=outcomes.count(Outcome.INDETERMINATE),
            not_applicable=outcomes.count(Outcome.NOT_APPLICABLE),
        )


@dataclass(frozen=True, slots=True)
class Rule:
    """The part of a policy that decides: which subjects, when it applies, what it demands."""

    subject: SubjectKind
    expression: str
    applies_when: str = ""
    examples: tuple[Example, ...] = field(default=())
