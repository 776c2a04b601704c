"""The starter set: policies that come with the house, as data, with the examples that prove them."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from importlib import resources
from typing import Any

from governance.domain.policies import Mode
from governance.domain.texts import Words

_TEXTS = ("name", "sentence", "breach", "advice")


@dataclass(frozen=True, slots=True)
class Starter:
    """One policy of the set. `mode` is what the set proposes for it."""

    key: str
    mode: Mode
    why_mode: str
    texts: dict[str, Words]
    rule: dict[str, Any]

    def fields(self) -> dict[str, Any]:
        """The columns of the policy as it is written down."""
        english = {name: words.en for name, words in self.texts.items()}
        french = {f"{name}_fr": words.in_language("fr") for name, words in self.texts.items()}
        return {"slug": self.key, **english, **french, **self.rule}


def _read() -> tuple[Starter, ...]:
    text = resources.files(__package__).joinpath("starter.toml").read_text("utf-8")
    return tuple(_starter(row) for row in tomllib.loads(text)["policies"])


def _starter(row: dict[str, Any]) -> Starter:
    rule = {
        "subject": row["subject"],
        "severity": row["severity"],
        "kind": row["kind"],
        "applies_when": row["applies_when"].strip(),
        "expression": row["expression"].strip(),
        "examples": row["examples"],
    }
    texts = {name: Words(*row[name]) for name in _TEXTS}
    why = row.get("why_mode", "Proposed by the starter set.")
    return Starter(row["key"], Mode(row["mode"]), why, texts, rule)


STARTER = _read()
