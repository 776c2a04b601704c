"""What an approval binds, and whether it still holds. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeAlias

from governance.domain.states import Standing
from kernel.canonical import canonical_json, sha256

Bound: TypeAlias = Mapping[str, Any]
"""The fields that an approval binds, by name: texts, flags, or sorted lists of texts. Things stand there by their ids."""


def digest_of(bound: Bound) -> str:
    """SHA-256 of the canonical JSON (RFC 8785), in hex: what was approved, in one line."""
    return sha256(canonical_json(dict(bound))).hex()


@dataclass(frozen=True, slots=True)
class Changed:
    """A bound field that is not what was approved. Of lists, only what came and what went."""

    field: str
    before: Any
    after: Any


def changed_since(approved: Bound, now: Bound) -> tuple[Changed, ...]:
    """The bound fields that differ, by name."""
    return tuple(
        _difference(name, approved.get(name), now.get(name))
        for name in sorted(set(approved) | set(now))
        if approved.get(name) != now.get(name)
    )


def _difference(name: str, before: Any, after: Any) -> Changed:
    if isinstance(before, list) and isinstance(after, list):
        return Changed(
            name, [one for one in before if one not in after], [one for one in after if one not in before]
        )
    return Changed(name, before, after)


@dataclass(frozen=True, slots=True)
class Given:
    """An approval that was given: until which day it holds, and whether what it binds is still so."""

    until: date
    intact: bool


def standing(given: Given | None, *, asked: bool, today: date) -> Standing:
    """Where something stands: `given` is the latest approval, `asked` whether another one waits for a decision.

    An approval in force wins over a request that waits; a request wins over one that has expired or gone stale.
    """
    if given is not None and given.intact and given.until >= today:
        return Standing.APPROVED
    if asked:
        return Standing.PENDING
    if given is None:
        return Standing.NONE
    return Standing.EXPIRED if given.until < today else Standing.STALE


def listed(values: Sequence[str]) -> list[str]:
    """Texts as a bound field holds them: sorted, none twice."""
    return sorted(set(values))
