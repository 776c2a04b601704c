"""The telemetry pages in the sidebar."""

from __future__ import annotations

import time

import sqlalchemy as sa
from django.utils.translation import gettext_lazy as _

from kernel.actor import Actor, Permission
from telemetry.panels.overview import unknown_senders
from telemetry.services import load_estate, reading
from telemetry.services.record import engine
from ui import navigation
from ui.navigation import Group, Item

READ = Permission.TELEMETRY_READ
FRESH_S = 3.0
MOST_COUNTED = 1_000

_counted: dict[sa.Engine, tuple[float, int]] = {}
"""The last answer for the record that this process reads, and when it was given (monotonic seconds)."""


def register_all() -> None:
    """Register every page; called once, when the app is ready."""
    for item in (
        Item(Group.REGISTER, _("Discovered"), "telemetry:discovered", "radar", 80, READ, count=unknown_count),
        Item(Group.RUNTIME, _("Traces"), "telemetry:traces", "chart-no-axes-gantt", 10, READ),
        Item(Group.RUNTIME, _("Sessions"), "telemetry:sessions", "messages-square", 20, READ),
        Item(Group.RUNTIME, _("Costs"), "telemetry:costs", "euro", 40, READ),
        Item(Group.RUNTIME, _("Senders"), "telemetry:senders", "radio", 80, READ),
        Item(Group.RUNTIME, _("Ingest"), "telemetry:ingest", "download", 90, READ),
        Item(Group.SETTINGS, _("Retention"), "telemetry:retention", "clock", 30, READ),
    ):
        navigation.register(item)


def unknown_count(actor: Actor) -> int | None:
    """How many of the senders seen last nobody identified; nothing is said to those who may not see them.

    Every full page asks, so the answer is a few seconds old at most, counts no more than `MOST_COUNTED` senders, and is
    one for everybody who may have it.
    """
    if actor.units(READ) is not None:
        return None
    record, now = engine(), time.monotonic()
    found = _counted.get(record)
    if found is None or now - found[0] >= FRESH_S:
        with reading() as connection:
            count = len(unknown_senders(load_estate(connection, actor, limit=MOST_COUNTED)))
        found = (now, count)
        _counted.clear()
        _counted[record] = found
    return found[1] or None
