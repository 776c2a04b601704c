"""The engine of secrets: a look for keywords, then the shapes whose keywords stand in the text."""

from __future__ import annotations

from collections.abc import Iterator

from guardrails.domain import Check, Finding, Scan
from guardrails.engines.masking import disjoint
from guardrails.engines.secrets.rules import RULES, VERSION, SecretRule


class SecretsEngine:
    """Provider rules. Plain prose costs some substring searches."""

    check = Check.SECRETS
    version = f"secrets {VERSION}"

    def load(self) -> None:
        """Nothing to read: the rules are compiled with their module."""

    def scan(self, text: str, *, threshold: float) -> Scan:
        """Every secret found with at least this score. Takes any text."""
        lowered = text.lower()
        found = [
            finding
            for rule in RULES
            if rule.score >= threshold and _may_hold(rule, text, lowered)
            for finding in _findings(rule, text)
        ]
        return Scan(tuple(disjoint(found, len(text))) if found else ())


def _may_hold(rule: SecretRule, text: str, lowered: str) -> bool:
    where = lowered if rule.any_case else text
    return any(keyword in where for keyword in rule.keywords)


def _findings(rule: SecretRule, text: str) -> Iterator[Finding]:
    group = "v" if "v" in rule.shape.groupindex else 0
    for match in rule.shape.finditer(text):
        if rule.holds(match[group]):
            yield Finding(rule.type, *match.span(group), rule.score)
