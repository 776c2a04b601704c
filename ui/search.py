"""Global search, by registration: the palette (Ctrl-K) and the search page ask every source for a few hits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from django.urls import reverse
from django.utils.translation import gettext as _

from kernel.actor import Actor, Permission
from ui import navigation
from ui.text import Text

LONGEST_QUERY = 200  # characters; more is no name of anything


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing that was found. `detail` tells it from its namesakes."""

    title: Text
    href: str
    detail: Text = ""
    icon: str = "arrow-right"


Finder: TypeAlias = Callable[[Actor, str, int], list[Hit]]


@dataclass(frozen=True, slots=True)
class Source:
    """Where to look: a heading, and a function from (actor, text, limit) to hits. It must do its own authorisation."""

    name: str
    title: Text
    find: Finder
    order: int
    permission: Permission | None


@dataclass(frozen=True, slots=True)
class Results:
    """The hits of one source."""

    title: Text
    hits: tuple[Hit, ...]


_sources: dict[str, Source] = {}


def register(
    name: str, *, title: Text, find: Finder, order: int = 100, permission: Permission | None = None
) -> None:
    """Add a source; the same name again replaces it."""
    _sources[name] = Source(name, title, find, order, permission)


def search(actor: Actor, text: str, *, limit: int = 6) -> list[Results]:
    """What the actor may find: pages first, then every source, each at most `limit` hits, none without hits."""
    wanted = text.strip()[:LONGEST_QUERY]
    groups = [Results(_("Pages"), tuple(pages(actor, wanted)[:limit]))]
    if wanted:
        allowed = (s for s in _sources.values() if s.permission is None or actor.may_somewhere(s.permission))
        groups += [
            Results(source.title, tuple(source.find(actor, wanted, limit)[:limit]))
            for source in sorted(allowed, key=lambda source: (source.order, source.name))
        ]
    return [group for group in groups if group.hits]


def pages(actor: Actor, text: str) -> list[Hit]:
    """The pages of the sidebar whose name contains the text; all of them for none."""
    wanted = text.casefold()
    return [
        Hit(item.label, reverse(item.route), navigation.GROUP_LABELS[item.group], item.icon)
        for item in navigation.items_for(actor)
        if wanted in str(item.label).casefold()
    ]
