"""The sidebar, by registration: every app names its pages, the shell shows those that the reader may open."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from kernel.actor import Actor, Permission
from ui.text import Text


class Group(StrEnum):
    """Where a page stands. The order is that of the sidebar."""

    TOP = "top"
    REGISTER = "register"
    RUNTIME = "runtime"
    RULES = "rules"
    ASSURANCE = "assurance"
    SETTINGS = "settings"


GROUP_LABELS: dict[Group, Promise | str] = {
    Group.TOP: "",
    Group.REGISTER: pgettext_lazy("group of pages", "Register"),
    Group.RUNTIME: _("Runtime"),
    Group.RULES: _("Rules"),
    Group.ASSURANCE: _("Assurance"),
    Group.SETTINGS: _("Settings"),
}


@dataclass(frozen=True, slots=True)
class Item:
    """A page of the sidebar.

    `route` is a URL name without arguments. `count` says how many things wait there (None: say nothing); it runs on
    every full page and must be one cheap query. `permission` None means: whoever is signed in.
    """

    group: Group
    label: Text
    route: str
    icon: str
    order: int = 100
    permission: Permission | None = None
    count: Callable[[Actor], int | None] | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """An item as this reader sees it on this page."""

    label: Text
    href: str
    icon: str
    current: bool
    count: int | None


@dataclass(frozen=True, slots=True)
class Section:
    """A group with at least one link."""

    name: str
    label: Text
    links: tuple[Link, ...]


_items: dict[str, Item] = {}


def register(item: Item) -> None:
    """Add a page to the sidebar; the same route again replaces it."""
    _items[item.route] = item


def items_for(actor: Actor | None) -> list[Item]:
    """The pages that the actor may open, in order."""
    if actor is None:
        return []
    allowed = (
        item for item in _items.values() if item.permission is None or actor.may_somewhere(item.permission)
    )
    return sorted(allowed, key=lambda item: (item.order, item.route))


def sections(request: HttpRequest) -> list[Section]:
    """The sidebar of this request."""
    actor: Actor | None = getattr(request, "actor", None)
    items = items_for(actor)
    addresses = {item.route: reverse(item.route) for item in items}
    current = _current(request.path, addresses)
    found = []
    for group in Group:
        links = tuple(
            _link(item, addresses[item.route], actor, current=item.route == current)
            for item in items
            if item.group is group
        )
        if links:
            found.append(Section(group.value, GROUP_LABELS[group], links))
    return found


def _link(item: Item, href: str, actor: Actor | None, *, current: bool) -> Link:
    count = item.count(actor) if item.count is not None and actor is not None else None
    return Link(item.label, href, item.icon, current, count)


def _current(path: str, addresses: dict[str, str]) -> str | None:
    """The route whose address is the longest beginning of this path; the root counts only for itself."""
    fitting = [
        (len(href), route)
        for route, href in addresses.items()
        if path == href or (href != "/" and path.startswith(href))
    ]
    return max(fitting)[1] if fitting else None
