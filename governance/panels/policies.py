"""Policies in the sidebar, in the search, in histories and in the audit trail."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from audit import panels as ledger
from governance.queries import policies as queries
from kernel.actor import Actor, Permission
from ui import history, navigation, search
from ui.navigation import Group, Item
from ui.search import Hit

WORDS = {
    "governance.policy.write": _("wrote it down"),
    "governance.policy.edit": _("wrote a new version"),
    "governance.policy.switch": _("switched it"),
    "governance.policy.retire": _("retired it"),
    "governance.policy.install_starter": _("wrote it down from the starter set"),
}


def register() -> None:
    """Called once, when the app is ready."""
    navigation.register(
        Item(
            Group.RULES,
            _("Policies"),
            "governance:policies",
            "scale",
            order=10,
            permission=Permission.REGISTER_READ,
            count=queries.count_in_force,
        )
    )
    search.register(
        "governance.policies", title=_("Policies"), find=find, order=60, permission=Permission.REGISTER_READ
    )
    history.describe(WORDS)
    ledger.name_kind(
        "governance.policy",
        ledger.Kind(_("Policy"), lambda row_id: reverse("governance:policy", args=[row_id])),
    )


def find(actor: Actor, text: str, limit: int) -> list[Hit]:
    """Policies by name and sentence."""
    return [
        Hit(row.name, reverse("governance:policy", args=[row.id]), row.sentence, "scale")
        for row in queries.find(actor, text, limit)
    ]
