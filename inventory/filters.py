"""Filters of the register's lists. Their names are those of the listings in `inventory.queries`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from inventory import queries
from kernel.actor import Actor
from ui.filters import BooleanFilter, Choice, ChoiceFilter, Filter, RelationFilter, TextFilter
from ui.text import Text

MOST_OFFERED = 200
"""Things that a filter offers at once; others are found by search, and named when they stand in the address."""


def search(label: Text) -> Filter:
    """The search field of a list."""
    return TextFilter(name="q", label=label)


def word(name: str, label: Text, labels: Mapping[Any, Text]) -> Filter:
    """One of several words of a vocabulary."""
    return ChoiceFilter(
        name=name, label=label, choices=[Choice(str(key), text) for key, text in labels.items()]
    )


def yes_no(name: str, label: Text) -> Filter:
    """Yes or no."""
    return BooleanFilter(name=name, label=label)


def retired() -> Filter:
    """Retired rows are left out unless somebody asks for them."""
    return ChoiceFilter(
        name="retired",
        label=_("Retired"),
        choices=[Choice("any", _("shown too")), Choice("yes", _("shown alone"))],
    )


def relation(name: str, label: Text, actor: Actor, kind: str) -> Filter:
    """Another thing of the register that the actor may see."""

    def offered() -> Sequence[Choice]:
        return [Choice(str(ref.id), ref.name) for ref in _refs(actor, kind)[:MOST_OFFERED]]

    def lookup(values: Sequence[str]) -> Sequence[Choice]:
        wanted = {value for value in values if _is_id(value)}
        return [Choice(str(ref.id), ref.name) for ref in _named(actor, kind, wanted)]

    return RelationFilter(name=name, label=label, choices=offered, lookup=lookup)


def _refs(actor: Actor, kind: str) -> Sequence[queries.Ref]:
    return queries.people_choices() if kind == "person" else queries.choices(actor, kind, limit=MOST_OFFERED)


def _named(actor: Actor, kind: str, wanted: set[str]) -> Sequence[queries.Ref]:
    if kind == "person":
        return [ref for ref in queries.people_choices() if str(ref.id) in wanted]
    return queries.choices(actor, kind, only=[UUID(value) for value in sorted(wanted)])


def _is_id(value: str) -> bool:
    try:
        UUID(value)
    except ValueError:
        return False
    return True
