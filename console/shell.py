"""What the console itself puts into the registries: its pages, and the keeper of saved views."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from console import saved_views
from kernel.actor import Permission
from ui import navigation, saved
from ui.navigation import Group, Item


def register() -> None:
    """Called once, when the app is ready."""
    navigation.register(Item(Group.TOP, _("Overview"), "console:overview", "layout-dashboard", order=0))
    navigation.register(
        Item(
            Group.SETTINGS,
            _("People and roles"),
            "console:people",
            "users",
            order=20,
            permission=Permission.PEOPLE_MANAGE,
        )
    )
    saved.keep(saved.Keeper(saved_views.find, "console:save_view", "console:delete_view"))
