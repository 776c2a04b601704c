"""Approvals of some systems: one in force, one that no longer fits, one whose last day is today, one that waits."""

from __future__ import annotations

import uuid
from datetime import timedelta

from console import queries
from console.models import User
from demo.estate.known import Known, absent
from governance.models import Approval
from governance.services.approvals import ask_approval, decide_approval
from inventory import models, services
from kernel import clock
from kernel.actor import Actor, Source

_APPROVER = "jeanne.treguer@armor.example"
_GIVEN = (
    ("claims-triage", 300, "Revue annuelle faite avec le médecin-conseil ; journal des décisions vérifié."),
    ("nurse-handover", 200, "Résumé pour les équipes seules, rien n’entre au dossier."),
    ("shop-assistant", 0, "Approuvé pour la saison ; à revoir ensuite."),
)
_WAITING = "hr-screening"
_LATER = "Depuis octobre, le résumé peut être versé au dossier du patient."


def build(actor: Actor, known: Known) -> None:
    """Ask and decide, as the people who would. What is there already stays as it is."""
    approver = _acting(_APPROVER)
    for slug, days, reason in _GIVEN:
        system = known.systems[slug]
        if not absent(Approval, system=system):
            continue
        approval = ask_approval(
            _owner_of(slug), system=system, approver=known.people[_APPROVER], reason="Mise en service."
        )
        decide_approval(
            approver,
            approval,
            approve=True,
            reason=reason,
            valid_until=clock.now().date() + timedelta(days=days),
        )
        if slug == "nurse-handover":
            _change(actor, system)
    waiting = known.systems[_WAITING]
    if absent(Approval, system=waiting):
        ask_approval(
            _owner_of(_WAITING),
            system=waiting,
            approver=known.people[_APPROVER],
            reason="Le pilote dure depuis quatorze mois ; il faut décider.",
        )


def _change(actor: Actor, system: uuid.UUID) -> None:
    """What happened after the approval: the purpose grew, and the approval does not cover it."""
    row = models.System.objects.get(pk=system)
    services.edit_system(actor, row.pk, version=None, purpose=f"{row.purpose} {_LATER}")


def _owner_of(slug: str) -> Actor:
    return _acting(models.System.objects.values_list("owner__email", flat=True).get(slug=slug) or _APPROVER)


def _acting(email: str) -> Actor:
    return queries.actor_for(User.objects.get(email=email), source=Source())
