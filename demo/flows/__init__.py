"""Who sends what, how often, and through which door: the same for the past and for the live traffic."""

from __future__ import annotations

from demo.flows.flow import SEED, Flow, by_name, load, play

__all__ = ["SEED", "Flow", "by_name", "load", "play"]
