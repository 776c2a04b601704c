"""Which things are the same thing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Generic, TypeVar

T = TypeVar("T", bound=Any)


class Unions(Generic[T]):
    """Disjoint sets. The smallest member names its set, so that the names do not depend on the order of the unions."""

    def __init__(self, members: Iterable[T]) -> None:
        self._above: dict[T, T] = {member: member for member in members}

    def find(self, member: T) -> T:
        above = self._above
        root = member
        while above[root] != root:
            root = above[root]
        while above[member] != root:
            above[member], member = root, above[member]
        return root

    def unite(self, one: T, other: T) -> None:
        first, second = sorted((self.find(one), self.find(other)))
        self._above[second] = first
