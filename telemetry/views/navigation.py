"""The telemetry pages in the sidebar."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from inventory.queries.senders import last_changed
from kernel.actor import Actor, Permission
from telemetry.panels.overview import unknown_senders
from telemetry.queries.senders import count_senders
from telemetry.services import load_estate, reading
from telemetry.services.record import engine
from ui import navigation
from ui.navigation import Group, Item

READ = Permission.TELEMETRY_READ


def register_all() -> None:
    """Register every page; called once, when the app is ready."""
    for item in (
        Item(Group.REGISTER, _("Discovered"), "telemetry:discovered", "radar", 80, READ, count=unknown_count),
        Item(Group.RUNTIME, _("Traces"), "telemetry:traces", "chart-no-axes-gantt", 10, READ),
        Item(Group.RUNTIME, _("Sessions"), "telemetry:sessions", "messages-square", 20, READ),
        Item(Group.RUNTIME, _("Senders"), "telemetry:senders", "radio", 80, READ),
        Item(Group.RUNTIME, _("Ingest"), "telemetry:ingest", "download", 90, READ),
    ):
        navigation.register(item)


_counted: dict[tuple[object, ...], int] = {}
"""The last answer, by the state of register and record for which it holds: pages ask on every request."""


def unknown_count(actor: Actor) -> int | None:
    """How many senders nobody identified; nothing is said to those who may not see them."""
    if actor.units(READ) is not None:
        return None
    with reading() as connection:
        state = (str(engine().url), last_changed(), count_senders(connection))
        found = _counted.get(state)
        if found is None:
            found = len(unknown_senders(load_estate(connection, actor)))
            _counted.clear()
            _counted[state] = found
    return found or None
