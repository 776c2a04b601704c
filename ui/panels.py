"""What apps show on each other's pages. The page of a lower app names a slot; higher apps register panels into it.

A panel is registered once, in the app's `ready()`:

    panels.register("inventory.deployment", key="telemetry.observed", title=_("Observed"), order=20, render=observed)

and `observed(request, subject)` returns safe HTML (or None: nothing to show here). The slot's page decides what the
subject is: a value of the lower app, never a row.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from kernel.actor import Actor, Permission
from ui.text import Text

Render: TypeAlias = Callable[[HttpRequest, object], str | None]


@dataclass(frozen=True, slots=True)
class Panel:
    """One contribution to one slot. `bare` panels bring their own frame (for example `stat`)."""

    slot: str
    key: str
    title: Text
    order: int
    render: Render
    width: str
    permission: Permission | None
    bare: bool


_panels: dict[str, dict[str, Panel]] = defaultdict(dict)


def register(
    slot: str,
    *,
    key: str,
    title: Text,
    render: Render,
    order: int = 100,
    width: str = "",
    permission: Permission | None = None,
    bare: bool = False,
) -> None:
    """Add a panel to a slot. The same key again replaces it, so that a reloaded app does not double its panels."""
    _panels[slot][key] = Panel(slot, key, title, order, render, width, permission, bare)


def registered(slot: str) -> list[Panel]:
    """The panels of a slot, in their order."""
    return sorted(_panels[slot].values(), key=lambda panel: (panel.order, panel.key))


def render(slot: str, *, request: HttpRequest, subject: object = None) -> SafeString:
    """The panels of a slot as HTML: those that the actor may see and that have something to say."""
    allowed = (panel for panel in registered(slot) if _may_see(panel, request))
    drawn = ((panel, panel.render(request, subject)) for panel in allowed)
    return format_html_join("", "{}", ((_frame(panel, body),) for panel, body in drawn if body))


def _may_see(panel: Panel, request: HttpRequest) -> bool:
    actor: Actor | None = getattr(request, "actor", None)
    return panel.permission is None or (actor is not None and actor.may_somewhere(panel.permission))


def _frame(panel: Panel, body: str) -> SafeString:
    if panel.bare:
        return format_html("{}", body)
    return format_html(
        '<section class="card {}" id="panel-{}"><header><h2>{}</h2></header><div class="body">{}</div></section>',
        panel.width,
        panel.key.replace(".", "-"),
        panel.title,
        body,
    )
