"""What the register has to say on the overview: what waits, what may be asked, and the first step."""

from __future__ import annotations

from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from inventory import queries
from inventory.views.systems import PRESETS
from kernel.actor import Permission
from ui import formats, panels, parts
from ui.access import actor_of
from ui.icons import icon


def register() -> None:
    """Called once, when the app is ready."""
    panels.register(
        "console.overview.actions",
        key="inventory.register",
        title="",
        render=action,
        order=10,
        permission=Permission.ESTATE_EDIT,
        bare=True,
    )
    panels.register(
        "console.overview.waiting",
        key="inventory.questions",
        title=gettext_lazy("Ask the register"),
        render=questions,
        order=20,
        permission=Permission.REGISTER_READ,
    )
    panels.register(
        "console.first_steps.key",
        key="inventory.key",
        title="",
        render=make_key,
        permission=Permission.KEYS_MANAGE,
        bare=True,
    )
    panels.register(
        "console.first_steps.register",
        key="inventory.register",
        title="",
        render=action,
        permission=Permission.ESTATE_EDIT,
        bare=True,
    )


def action(_request: HttpRequest, _subject: object) -> SafeString:
    """The button to the one simple form."""
    return format_html(
        '<a class="button primary" href="{}">{}{}</a>',
        reverse("inventory:simple"),
        icon("plus"),
        _("Register a system"),
    )


def make_key(_request: HttpRequest, _subject: object) -> SafeString:
    """The button to a first key."""
    return format_html(
        '<div class="row"><a class="button" href="{}">{}{}</a></div>',
        reverse("inventory:key_new"),
        icon("key-round"),
        _("Make a key"),
    )


def questions(request: HttpRequest, _subject: object) -> SafeString | None:
    """Questions that officers ask, each with the number of systems that answer it. One count each."""
    actor = actor_of(request)
    if not queries.count_systems(actor):
        return None
    rows = [
        (
            preset.href,
            preset.question,
            parts.door(formats.number(queries.count_systems(actor, filters=preset.asked())), preset.href),
        )
        for preset in PRESETS
    ]
    return format_html(
        '<ul class="work">{}</ul>',
        format_html_join("", '<li><a class="what" href="{}">{}</a>{}</li>', rows),
    )
