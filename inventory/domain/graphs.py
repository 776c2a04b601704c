"""Trees and chains of things, by id: what lies below, and whether a new edge would close a circle."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable

Edge = tuple[uuid.UUID, uuid.UUID]
"""(from, to): child to parent, gateway to upstream, model version to its origin."""


def reachable(edges: Iterable[Edge], start: uuid.UUID) -> frozenset[uuid.UUID]:
    """Everything that a walk along the edges finds, the start included. Circles in the data do not hang it."""
    following: defaultdict[uuid.UUID, list[uuid.UUID]] = defaultdict(list)
    for source, target in edges:
        following[source].append(target)
    found = {start}
    waiting = [start]
    while waiting:
        for target in following[waiting.pop()]:
            if target not in found:
                found.add(target)
                waiting.append(target)
    return frozenset(found)


def below(child_to_parent: Iterable[Edge], root: uuid.UUID) -> frozenset[uuid.UUID]:
    """The root and all that hangs below it in a tree of (child, parent) edges."""
    return reachable(((parent, child) for child, parent in child_to_parent), root)


def closes_circle(edges: Iterable[Edge], new: Edge) -> bool:
    """Whether the new edge would lead from a thing back to itself."""
    source, target = new
    return source in reachable(edges, target)
