"""What a command found out, as words for people and as JSON for scripts."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from enum import IntEnum
from typing import Any

from tutela._problems import Problem


class ExitCode(IntEnum):
    """How a command ends."""

    ARRIVED = 0
    NOT_ARRIVED = 1
    UNUSABLE = 2


@dataclass(slots=True)
class Report:
    """Filled step by step; what is not known stays None, and is not shown as if it were."""

    command: str
    endpoint: str = ""
    exit_code: ExitCode = ExitCode.ARRIVED
    accepted: bool | None = None
    arrived: bool | None = None
    trace_id: str | None = None
    span_id: str | None = None
    key: dict[str, Any] | None = None
    clock_ahead_s: float | None = None  # how far this machine's clock is ahead of the server's
    span: dict[str, Any] | None = None
    problem: Problem | None = None
    lines: list[str] = field(default_factory=list)

    def say(self, line: str) -> None:
        self.lines.append(line)

    def fail(self, problem: Problem, code: ExitCode = ExitCode.NOT_ARRIVED) -> Report:
        self.problem, self.exit_code = problem, code
        return self

    def as_text(self) -> str:
        """Lines for a terminal."""
        return "\n".join([*self.lines, *self._problem_lines()])

    def as_json(self) -> str:
        """One JSON object with everything that is known."""
        facts = asdict(self)
        facts["exit_code"] = int(self.exit_code)
        facts["ok"] = self.exit_code is ExitCode.ARRIVED
        return json.dumps(facts, ensure_ascii=False, indent=2)

    def _problem_lines(self) -> list[str]:
        if self.problem is None:
            return []
        return [
            f"✗ {self.problem.what}.",
            f"  Why:  {self.problem.why}.",
            f"  Next: {self.problem.next}.",
        ]
