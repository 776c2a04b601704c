"""Holding facts against a policy: its expressions compiled, its examples tried, subjects judged. No database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from governance.adapters.cel import ExpressionError, Program, compile_expression
from governance.domain.facts import problems, without_unknown
from governance.domain.picking import longest
from governance.domain.policies import Example, Judgement, Outcome, Rule, SubjectKind, judge

compiled = compile_expression


@dataclass(frozen=True, slots=True)
class Ready:
    """A policy whose expressions are compiled."""

    applies: Program | None
    demand: Program

    def judge(self, activation: Mapping[str, Any]) -> Judgement:
        """The outcome for one subject's facts. Never raises."""
        applies = self.applies.ask(activation) if self.applies else None
        if applies is not None and not applies.value:
            return judge(applies, None)
        return judge(applies, self.demand.ask(activation))

    @property
    def reads(self) -> tuple[str, ...]:
        """The facts that it reads, by path without the root."""
        return longest((*(self.applies.reads if self.applies else ()), *self.demand.reads))


@dataclass(frozen=True, slots=True)
class Tried:
    """An example and what came of it. `unknown` are paths in its facts that are no facts."""

    example: Example
    judgement: Judgement
    unknown: tuple[str, ...] = ()

    @property
    def holds(self) -> bool:
        return not self.unknown and self.judgement.outcome is self.example.expect


def rule_of(definition: Mapping[str, Any]) -> Rule:
    """The deciding part of a policy from its stored columns."""
    return Rule(
        subject=SubjectKind(definition["subject"]),
        expression=definition["expression"],
        applies_when=definition["applies_when"],
        examples=tuple(
            Example(item["name"], item["facts"], Outcome(item["expect"])) for item in definition["examples"]
        ),
    )


def definition_of(row: Any) -> dict[str, Any]:
    """The deciding columns of a policy's row."""
    return {name: getattr(row, name) for name in ("subject", "expression", "applies_when", "examples")}


def ready(rule: Rule) -> Ready:
    """Compile both expressions. Raises ExpressionError."""
    applies = compiled(rule.subject, rule.applies_when) if rule.applies_when else None
    return Ready(applies, compiled(rule.subject, rule.expression))


def try_examples(rule: Rule) -> list[Tried]:
    """Every example held against the rule; one that cannot be compiled leaves them all indeterminate."""
    try:
        program = ready(rule)
    except ExpressionError as error:
        failed = Judgement(Outcome.INDETERMINATE, str(error))
        return [Tried(example, failed) for example in rule.examples]
    return [_tried(rule, program, example) for example in rule.examples]


def _tried(rule: Rule, program: Ready, example: Example) -> Tried:
    unknown = problems(rule.subject, example.facts)
    judgement = program.judge({rule.subject.value: without_unknown(example.facts)})
    return Tried(example, judgement, tuple(unknown))
