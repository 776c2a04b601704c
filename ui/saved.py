"""Saved views: a person's own names for addresses of a list. Kept by whoever registers as the keeper (`console`)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from kernel.actor import Actor


@dataclass(frozen=True, slots=True)
class SavedView:
    """A named address of a list. `id` is the keeper's own."""

    id: str
    name: str
    href: str


Find: TypeAlias = Callable[[Actor, str], list[SavedView]]


@dataclass(frozen=True, slots=True)
class Keeper:
    """Finds the views of (actor, path), and names the routes that save and delete one."""

    find: Find
    save_route: str
    delete_route: str


_keepers: list[Keeper] = []


def keep(keeper: Keeper) -> None:
    """Make this the one keeper."""
    _keepers[:] = [keeper]


def keeper() -> Keeper | None:
    """The keeper, or None where nobody keeps views: lists then offer none."""
    return _keepers[0] if _keepers else None
