"""The person behind an actor. What four eyes are asked for, a machine cannot do."""

from __future__ import annotations

import uuid

from django.utils.translation import gettext as _

from kernel.actor import Actor, ActorKind
from kernel.errors import Invalid


def person_of(who: Actor) -> uuid.UUID:
    """The account of whoever acts. Raises Invalid where no person acts."""
    if who.kind is not ActorKind.USER:
        raise Invalid(_("A person has to do this, not the installation itself."), code="no_person")
    return uuid.UUID(who.id)


def said(text: str, field: str, problem: str) -> str:
    """A text that must say something. Raises Invalid with the problem at its field."""
    if not text.strip():
        raise Invalid(problem, code=f"{field}_missing", fields={field: [problem]})
    return text.strip()
