"""The facts of every subject that policies speak of, read for all subjects of a kind at once.

The number of queries grows with chunks of 500 subjects, never with subjects.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from governance.domain.policies import Subject, SubjectKind
from governance.queries.budgets import budget_facts
from governance.queries.facts.heard import Heard, listen
from governance.queries.facts.register import datasets, deployments, systems
from governance.queries.facts.senders import senders

_OF: Mapping[SubjectKind, Callable[[Heard], list[Subject]]] = {
    SubjectKind.DEPLOYMENT: deployments,
    SubjectKind.SYSTEM: lambda _heard: systems(),
    SubjectKind.DATASET: lambda _heard: datasets(),
    SubjectKind.SENDER: senders,
    SubjectKind.BUDGET: lambda _heard: budget_facts(),
    SubjectKind.BUDGET: lambda _heard: budget_facts(),
}

READABLE = frozenset(_OF)
"""The kinds of subjects that facts can be read of."""


def subjects(kind: SubjectKind, heard: Heard) -> list[Subject]:
    """All subjects of a kind with their facts, by name. `heard` is what the record says, read once for all kinds."""
    return sorted(_OF[kind](heard), key=lambda subject: (subject.label.casefold(), subject.id))


__all__ = ["READABLE", "Heard", "listen", "subjects"]
