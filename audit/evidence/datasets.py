"""Datasets of evidence, and the registry that holds them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from kernel.actor import Actor, Permission
from ui.text import Text


@dataclass(frozen=True, slots=True)
class Scope:
    """What is asked: by whom, as of which moment, for which period [start, end). What happened later is not in it."""

    actor: Actor
    as_of: datetime
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Table:
    """A dataset's answer: column names (stable, for machines), rows as plain values, and what narrowed them.

    `notes` says in words what a reader must know of the rows: bounds that cut them, values that were erased.
    """

    columns: Sequence[str]
    rows: Iterable[Sequence[Any]]
    filters: dict[str, Any] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Dataset:
    """Something that can be taken away. `name` is a file name and an identifier: `register.systems`."""

    name: str
    title: Text
    permission: Permission
    read: Callable[[Scope], Table]
    order: int = 100


_datasets: dict[str, Dataset] = {}


def register(dataset: Dataset) -> None:
    """Add a dataset; the same name again replaces it."""
    _datasets[dataset.name] = dataset


def all_datasets() -> list[Dataset]:
    """Every dataset, in order."""
    return sorted(_datasets.values(), key=lambda item: (item.order, item.name))


def datasets_for(actor: Actor) -> list[Dataset]:
    """The datasets that an actor may take away at least in part."""
    return [item for item in all_datasets() if actor.may_somewhere(item.permission)]
