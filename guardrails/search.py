"""Global search: guardrail profiles by name, as far as the reader may see them."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from guardrails.queries.profiles import PROFILES
from inventory import queries
from kernel.actor import Actor, Permission
from ui import search
from ui.search import Hit


def register() -> None:
    """Called once, when the app is ready."""
    search.register(
        "guardrails.profiles",
        title=_("Guardrail profiles"),
        find=find_profiles,
        order=40,
        permission=Permission.REGISTER_READ,
    )


def find_profiles(actor: Actor, text: str, limit: int) -> list[Hit]:
    """Profiles whose name holds the text. One query."""
    found = queries.find(PROFILES, actor, text, limit=limit)
    return [
        Hit(ref.name, reverse("guardrails:profile", args=[ref.id]), _("Guardrail profile"), "shield")
        for ref in found
    ]
