"""What the console itself puts into the registries: its pages, and the keeper of saved views."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from audit import panels as ledger
from audit.panels import Kind
from console import panels, saved_views
from kernel.actor import Permission
from ui import history, lists, navigation, saved
from ui.navigation import Group, Item

_WORDS = {
    "console.person.create": _("made the account"),
    "console.person.rename": _("changed the name"),
    "console.person.set_password": _("set a new password"),
    "console.person.deactivate": _("closed the account"),
    "console.person.reactivate": _("opened the account again"),
    "console.person.change_preferences": _("changed preferences"),
    "console.role.grant": _("gave a role"),
    "console.role.revoke": _("took a role away"),
    "console.session.start": _("signed in"),
    "console.session.refuse": _("was refused at sign-in"),
    "console.session.end": _("signed out"),
    "console.saved_view.save": _("kept a view"),
    "console.saved_view.delete": _("deleted a view"),
    "console.list.export": _("took a list away as a file"),
}


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
    history.describe(_WORDS)
    _name_kinds()
    panels.register()
    lists.watch(saved_views.exported)
    saved.keep(saved.Keeper(saved_views.find, "console:save_view", "console:delete_view"))


def _name_kinds() -> None:
    """What the console's own events are about, for the audit trail."""
    ledger.name_kind("console.person", Kind(_("Person"), lambda pk: reverse("console:person", args=[pk])))
    ledger.name_kind("console.saved_view", Kind(_("Kept view")))
    ledger.name_kind("console.list", Kind(_("List")))
