"""What guardrails show on the pages of other apps, by registration."""

from __future__ import annotations

from functools import partial

from django.utils.translation import gettext_lazy as _

from audit import panels as ledger
from guardrails.panels import overview, step
from guardrails.panels import things as mine
from guardrails.services.nouns import ALL
from guardrails.tables.words import PLACEHOLDER_WORDS
from inventory.panels.said import said
from kernel.actor import Permission
from telemetry.panels import things
from telemetry.tables import additions, conversation
from ui import history, navigation, panels
from ui.navigation import Group, Item
from ui.text import Text

READ = Permission.TELEMETRY_READ

VERB_WORDS: dict[str, Text] = {
    "guardrails.profile.ensure_default": _("made the default profile"),
    "guardrails.profile.make": _("made the profile"),
    "guardrails.profile.edit": _("changed it"),
    "guardrails.profile.retire": _("retired it"),
    "guardrails.profile.assign": _("assigned a profile"),
    "guardrails.profile.unassign": _("took a profile away"),
    "guardrails.checks.retry_dead": _("let checks that were given up be tried again"),
}


def register_all() -> None:
    """Called once, when the app is ready."""
    history.describe(VERB_WORDS)
    for noun in ALL:
        ledger.explain(noun.kind, partial(said, noun.model))
    _register_pages()
    _register_things()
    _register_overview()
    _register_trace()


def _register_pages() -> None:
    navigation.register(
        Item(
            Group.RUNTIME, _("Guardrails"), "guardrails:guardrails", "shield-check", order=30, permission=READ
        )
    )
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


def _register_things() -> None:
    panels.register(
        "inventory.deployment", key="guardrails.deployment.profile", title=_("Guardrail profile in force"),
        render=mine.in_force, order=30, width="third", permission=Permission.REGISTER_READ,
    )  # fmt: skip
    for name, find in (
        ("deployment", things.deployment),
        ("system", things.system),
        ("endpoint", things.endpoint),
        ("site", things.site),
    ):
        panels.register(
            f"inventory.{name}", key=f"guardrails.{name}.covered", title=_("Guardrails, 30 days"),
            render=mine.covered(find), order=31, width="two-thirds" if name == "deployment" else "", permission=READ,
        )  # fmt: skip


def _register_overview() -> None:
    panels.register(
        "console.overview.figures", key="guardrails.figure.coverage", title="", render=overview.coverage_figure,
        order=20, permission=READ, bare=True,
    )  # fmt: skip
    panels.register(
        "console.overview.new", key="guardrails.new", title=_("Findings, 24 hours"), render=overview.new_findings,
        order=10, permission=READ,
    )  # fmt: skip
    panels.register(
        "console.overview.broken", key="guardrails.broken", title=_("Checks"), render=overview.broken, order=30,
        permission=READ,
    )  # fmt: skip


def _register_trace() -> None:
    additions.mark("guardrails.checks", step.marks_of)
    additions.accompany("guardrails.sources", step.sources_of)
    conversation.describe(PLACEHOLDER_WORDS)
    panels.register(
        additions.SLOT,
        key="guardrails.step",
        title=_("Checks"),
        render=step.of_step,
        order=10,
        permission=READ,
    )
