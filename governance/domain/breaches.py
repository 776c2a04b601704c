"""What an evaluation hands over when something does not hold: breaches, and how they become violations.

A breach is what was seen at one moment. A violation is what the organisation makes of it: one for the same policy, subject
and reason, with an owner and a history.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeAlias

MOST_EVIDENCE = 200
"""References that a violation keeps: the first ones and the last ones. Its count goes on."""
MOST_BREACHES = 1_000
"""Breaches that one call takes; evaluations come in chunks."""
LONGEST_KEY = 80
LONGEST_NAME = 200
LONGEST_SUBJECT = 128
LONGEST_REASON = 300


class Kind(StrEnum):
    """A condition holds or does not; an occurrence has happened and does not unhappen."""

    CONDITION = "condition"
    OCCURRENCE = "occurrence"


class Severity(StrEnum):
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


SEVERITY_ORDER = {severity: order for order, severity in enumerate(Severity)}
"""For sorting: the gravest is the highest."""


class SubjectKind(StrEnum):
    """What a policy speaks of."""

    SYSTEM = "system"
    DEPLOYMENT = "deployment"
    DATASET = "dataset"
    ENDPOINT = "endpoint"
    SITE = "site"
    SENDER = "sender"
    SPAN = "span"
    MESSAGE = "message"
    BUDGET = "budget"


class EvidenceKind(StrEnum):
    """What a reference leads to. Span: `trace id/span id`; trace, finding, message, sender: the id; all in hex."""

    TRACE = "trace"
    SPAN = "span"
    MESSAGE = "message"
    FINDING = "finding"
    SENDER = "sender"
    EVENT = "event"


@dataclass(frozen=True, slots=True)
class Evidence:
    """One reference. Never content: whoever follows it meets the rights that stand before it."""

    kind: EvidenceKind
    ref: str


Key: TypeAlias = tuple[str, str, str, str]
"""(policy key, subject kind, subject id, reason): what makes two breaches the same violation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Breach:
    """Something that does not hold, as one evaluation saw it.

    `reason` is a short, stable text: what makes it this breach and no other of the same subject. `facts` are plain JSON
    without floats and without content, as they were. `unit_id` None is the whole organisation. `deployment_id` and
    `system_id` say on whose pages it belongs, where the subject itself is something else (a sender, a span, a budget).
    `seen_at` is when it was so: of an occurrence, when it happened.
    """

    policy_key: str
    policy_version: int
    policy_name: str
    severity: Severity
    kind: Kind
    subject_kind: SubjectKind
    subject_id: str
    subject_label: str
    unit_id: uuid.UUID | None
    reason: str
    seen_at: datetime
    facts: Mapping[str, Any] = field(default_factory=dict)
    evidence: tuple[Evidence, ...] = ()
    shadow: bool = False
    sentence: str = ""
    deployment_id: uuid.UUID | None = None
    system_id: uuid.UUID | None = None

    @property
    def key(self) -> Key:
        """What makes it the same violation as another breach."""
        return (self.policy_key, self.subject_kind.value, self.subject_id, self.reason)

    @property
    def holds(self) -> tuple[str, str]:
        """What `settle` wants to know of a condition that still holds."""
        return (self.subject_id, self.reason)


@dataclass(frozen=True, slots=True)
class Tally:
    """How often a violation was seen, and what is kept of its evidence. Breaches are added to it one by one."""

    count: int = 0
    first_at: datetime | None = None
    last_at: datetime | None = None
    evidence: tuple[Evidence, ...] = ()

    def plus(self, breach: Breach) -> Tally:
        """With one more breach. One that tells nothing new changes nothing, so that a task that runs twice counts once.

        A condition is counted once per moment of evaluation. An occurrence is known by its evidence; one without any,
        by its moment.
        """
        if self._knows(breach):
            return self
        moments = [breach.seen_at, *(at for at in (self.first_at, self.last_at) if at is not None)]
        return Tally(self.count + 1, min(moments), max(moments), merged(self.evidence, breach.evidence))

    def _knows(self, breach: Breach) -> bool:
        if breach.kind is Kind.OCCURRENCE and breach.evidence:
            return set(breach.evidence) <= set(self.evidence)
        return self.last_at is not None and breach.seen_at <= self.last_at


def problem_of(breach: Breach) -> str | None:
    """Why a breach cannot be kept, in words for the log of whoever evaluated; None for a good one."""
    texts = {
        "policy_key": (breach.policy_key, LONGEST_KEY),
        "policy_name": (breach.policy_name, LONGEST_NAME),
        "subject_id": (breach.subject_id, LONGEST_SUBJECT),
        "reason": (breach.reason, LONGEST_REASON),
    }
    for name, (text, longest) in texts.items():
        if not text.strip() or "\x00" in text:
            return f"{name} is empty or holds a NUL"
        if len(text) > longest:
            return f"{name} is longer than {longest} characters"
    return "seen_at has no time zone" if breach.seen_at.tzinfo is None else None


def by_violation(breaches: Iterable[Breach]) -> dict[Key, list[Breach]]:
    """The breaches of each violation, oldest first, in the order of their keys: the same order in every worker."""
    found: dict[Key, list[Breach]] = {}
    for breach in sorted(breaches, key=lambda item: (item.key, item.seen_at)):
        found.setdefault(breach.key, []).append(breach)
    return found


def tallied(breaches: Iterable[Breach], before: Tally | None = None) -> Tally:
    """All of them added up, on top of what was known before."""
    tally = before or Tally()
    for breach in breaches:
        tally = tally.plus(breach)
    return tally


def merged(
    before: Iterable[Evidence], more: Iterable[Evidence], *, most: int = MOST_EVIDENCE
) -> tuple[Evidence, ...]:
    """Both without repeats. Of too many, the first tenth stays (how it began) and the latest."""
    together = tuple(dict.fromkeys((*before, *more)))
    if len(together) <= most:
        return together
    first = most // 10
    return (*together[:first], *together[len(together) - (most - first) :])
