"""The scripts: what systems are told, asked and answer, read from `texts/*.toml`."""

from __future__ import annotations

import random
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

TEXTS = Path(__file__).with_name("texts")


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool as a script calls it; its texts hold placeholders."""

    name: str
    arguments: Mapping[str, Any]
    result: Any


@dataclass(frozen=True, slots=True)
class Exchange:
    """One conversation: pairs of question and answer, the documents found for it, the tools it uses."""

    language: str
    weight: int
    turns: tuple[tuple[str, str], ...]
    sources: tuple[str, ...] = ()
    tools: tuple[Tool, ...] = ()
    unsupported: bool = False


@dataclass(frozen=True, slots=True)
class Script:
    """Everything a system says. `play` names the shape of its traces."""

    name: str
    play: str
    system: Mapping[str, str]
    documents: Mapping[str, str]
    exchanges: tuple[Exchange, ...]
    data_source: str = ""
    agent: str = ""
    workflow: str = ""
    decision_prefix: str = ""
    outcomes: tuple[str, ...] = ()

    def draw(self, rng: random.Random) -> Exchange:
        """An exchange, the weightier the likelier."""
        weights = [exchange.weight for exchange in self.exchanges]
        return rng.choices(self.exchanges, weights=weights)[0]


@lru_cache(maxsize=32)
def load(name: str) -> Script:
    """The script `texts/<name>.toml`. Raises FileNotFoundError for a name that is none."""
    data = tomllib.loads((TEXTS / f"{name}.toml").read_text("utf-8"))
    return Script(
        name=name,
        play=data["play"],
        system=data.get("system", {}),
        documents={document["id"]: document["text"] for document in data.get("documents", [])},
        exchanges=tuple(_exchange(exchange) for exchange in data["exchanges"]),
        data_source=data.get("data_source", ""),
        agent=data.get("agent", ""),
        workflow=data.get("workflow", ""),
        decision_prefix=data.get("decision_prefix", ""),
        outcomes=tuple(data.get("outcomes", ())),
    )


def names() -> tuple[str, ...]:
    """Every script there is."""
    return tuple(sorted(path.stem for path in TEXTS.glob("*.toml")))


def _exchange(data: Mapping[str, Any]) -> Exchange:
    return Exchange(
        language=data["language"],
        weight=data.get("weight", 1),
        turns=tuple((question, answer) for question, answer in data["turns"]),
        sources=tuple(data.get("sources", ())),
        tools=tuple(
            Tool(name=tool["name"], arguments=tool["arguments"], result=tool["result"])
            for tool in data.get("tools", ())
        ),
        unsupported=data.get("unsupported", False),
    )
