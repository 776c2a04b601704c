"""Flows as values, read from `flows.toml`."""

from __future__ import annotations

import random
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from demo.conversations import compose, predictions, scripts
from demo.conversations.engine import Engine
from demo.conversations.steps import Scene

SEED = 20_260_901
"""The seed of everybody who is invented."""

_FILE = Path(__file__).with_name("flows.toml")


@dataclass(frozen=True, slots=True)
class Change:
    """What became different so many days ago."""

    days_ago: int
    engine: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Flow:
    """One system's telemetry. See `flows.toml` for what the fields mean."""

    name: str
    key: str
    via: str
    dialect: str
    per_day: float
    hours: str
    live_every_s: float
    sites: tuple[str, ...]
    resource: Mapping[str, str]
    script: str = ""
    play: str = ""
    growth: float = 1.0
    since_days: int = 90
    devices: int = 0
    link: tuple[int, int] | None = None  # hours of the day, UTC, in which telemetry gets out
    storms: tuple[tuple[int, int], ...] = ()  # days ago, from and to, without any link
    troubled: bool = False
    noise: bool = False  # spans of no AI travel along, as through a Collector
    silent: bool = False  # content never leaves the endpoint
    witness: str = ""  # the flow of a gateway that reports the same calls
    engine: Engine = field(default_factory=lambda: Engine(""))
    changes: tuple[Change, ...] = ()

    def engine_at(self, days_ago: float) -> Engine:
        """The endpoint as it was so many days ago."""
        engine = self.engine
        for change in self.changes:
            if days_ago <= change.days_ago:
                engine = replace(engine, **change.engine)
        return engine

    def resource_at(self, site: str, device: int | None = None) -> dict[str, str]:
        """The resource attributes of a sender at a site, of one of its devices."""
        attributes = dict(self.resource)
        if site:
            attributes["tutela.site"] = site
        if device is not None:
            attributes["host.id"] = f"{self.name}-{site or 'x'}-{device:04d}"
        return attributes


@lru_cache(maxsize=1)
def load() -> tuple[Flow, ...]:
    """Every flow."""
    return tuple(_flow(row) for row in tomllib.loads(_FILE.read_text("utf-8"))["flows"])


def by_name(name: str) -> Flow:
    """The flow of this name. Raises StopIteration when there is none."""
    return next(flow for flow in load() if flow.name == name)


def play(flow: Flow, *, engine: Engine, rng: random.Random) -> list[Scene]:
    """One conversation, inspection or forecast of the flow, as scenes in order of time."""
    if flow.play == "inspection":
        return predictions.inspection(engine=engine, rng=rng)
    if flow.play == "forecast":
        return predictions.forecast(engine=engine, rng=rng)
    return compose.conversation(scripts.load(flow.script), engine=engine, rng=rng, seed=SEED)


def _flow(row: Mapping[str, Any]) -> Flow:
    values = dict(row)
    for name in ("sites", "link"):
        if name in values:
            values[name] = tuple(values[name])
    values["storms"] = tuple((first, last) for first, last in row.get("storms", ()))
    values["engine"] = Engine(**row["engine"]) if "engine" in row else Engine("")
    values["changes"] = tuple(
        Change(change["days_ago"], change["engine"]) for change in row.get("changes", ())
    )
    return Flow(**values)
