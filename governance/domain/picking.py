"""The part of a subject's facts that a policy reads: what its decision rests on, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

NAMES = ("slug", "version")
"""Facts that say which of several things a record is; they stay with what is picked of it."""


def longest(paths: Iterable[str]) -> tuple[str, ...]:
    """Paths that are no beginning of another one: who reads `datasets.slug` and counts `datasets` reads the slugs."""
    known = sorted(set(paths))
    return tuple(path for path in known if not any(other.startswith(f"{path}.") for other in known))


def pick(facts: Mapping[str, Any], paths: Iterable[str]) -> dict[str, Any]:
    """The facts at these paths (`datasets.classification`), at any depth; what is missing stays missing."""
    found: dict[str, Any] = {}
    for path in sorted(paths):
        name, _dot, rest = path.partition(".")
        if name in facts:
            found[name] = _merged(found.get(name), _part(facts[name], rest))
    return found


def _part(value: Any, rest: str) -> Any:
    if not rest:
        return value
    if isinstance(value, Mapping):
        return pick(value, [rest])
    if isinstance(value, list | tuple):
        return [_named(item, rest) if isinstance(item, Mapping) else item for item in value]
    return value


def _named(item: Mapping[str, Any], rest: str) -> dict[str, Any]:
    return {**{name: item[name] for name in NAMES if name in item}, **pick(item, [rest])}


def _merged(one: Any, other: Any) -> Any:
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return {**one, **{name: _merged(one.get(name), value) for name, value in other.items()}}
    if isinstance(one, list) and isinstance(other, list):
        return [_merged(left, right) for left, right in zip(one, other, strict=True)]
    return other
