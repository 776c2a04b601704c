"""Global search: every noun of the register by name, as far as the reader may see it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.urls import reverse

from inventory import queries
from inventory.models import DatasetVersion, ModelVersion
from inventory.queries.columns import dataset_version_ref, version_name
from inventory.views.keys import KEY
from inventory.views.nouns import ALL
from inventory.views.pages import NounPages
from kernel.actor import Actor, Permission
from ui import search
from ui.search import Hit

_NAMES: dict[type[Any], Callable[[Any], str]] = {
    ModelVersion: version_name,
    DatasetVersion: lambda row: dataset_version_ref(row).name,
}
"""Things whose name is more than one column."""
_UNSEARCHED = frozenset({"sender_rule", "unit", "exchange_rate"})
"""Nouns without a name of their own, and those that stand on one short page."""


def register() -> None:
    """Called once, when the app is ready."""
    for order, pages in enumerate((*ALL, KEY), start=10):
        if pages.name not in _UNSEARCHED:
            search.register(
                f"inventory.{pages.plural}",
                title=pages.words.many,
                find=finder(pages),
                order=order,
                permission=Permission.REGISTER_READ,
            )


def finder(pages: NounPages) -> search.Finder:
    """Looks through one noun. One query."""
    name = _NAMES.get(pages.noun.model, str)

    def find(actor: Actor, text: str, limit: int) -> list[Hit]:
        if pages.listing is None:
            return []
        found = queries.find(pages.listing, actor, text, limit=limit, name=name)
        return [
            Hit(ref.name, reverse(f"inventory:{pages.name}", args=[ref.id]), pages.words.one, pages.icon)
            for ref in found
        ]

    return find
