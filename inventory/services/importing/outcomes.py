"""What an import comes to, row by row. Values only."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum

from audit.domain import Change


class Outcome(StrEnum):
    NEW = "new"
    CHANGED = "changed"
    SAME = "same"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a cell; `cell` is "" where the whole row is meant."""

    cell: str
    column: str
    text: str


@dataclass(frozen=True, slots=True)
class RowOutcome:
    """What one row does, or would do."""

    sheet: str
    row: int
    kind: str
    label: str
    outcome: Outcome
    changes: tuple[Change, ...] = ()
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """All rows of a file. `ignored` names columns and sheets that nothing was done with."""

    rows: tuple[RowOutcome, ...]
    ignored: tuple[str, ...] = ()

    def count(self, outcome: Outcome) -> int:
        return Counter(row.outcome for row in self.rows)[outcome]

    @property
    def good(self) -> bool:
        return not self.count(Outcome.BAD)

    @property
    def changes_anything(self) -> bool:
        return bool(self.count(Outcome.NEW) or self.count(Outcome.CHANGED))
