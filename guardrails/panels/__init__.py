"""What guardrails show on the pages of other apps, by registration."""

from __future__ import annotations

from functools import partial

from django.utils.translation import gettext_lazy as _

from audit import panels as ledger
from guardrails.services.nouns import ALL
from inventory.panels.said import said
from kernel.actor import Permission
from ui import history, navigation
from ui.navigation import Group, Item
from ui.text import Text

VERB_WORDS: dict[str, Text] = {
    "guardrails.profile.ensure_default": _("made the default profile"),
    "guardrails.profile.make": _("made the profile"),
    "guardrails.profile.edit": _("changed it"),
    "guardrails.profile.retire": _("retired it"),
    "guardrails.profile.assign": _("assigned a profile"),
    "guardrails.profile.unassign": _("took a profile away"),
}


def register_all() -> None:
    """Called once, when the app is ready."""
    history.describe(VERB_WORDS)
    for noun in ALL:
        ledger.explain(noun.kind, partial(said, noun.model))
    navigation.register(
        Item(
            Group.SETTINGS,
            _("Guardrail profiles"),
            "guardrails:profiles",
            "shield",
            order=5,
            permission=Permission.REGISTER_READ,
        )
    )
