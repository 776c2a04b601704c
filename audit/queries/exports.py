"""Exports that were asked for."""

from __future__ import annotations

import uuid

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from audit.models import Export
from kernel.actor import Actor, Permission
from kernel.errors import NotFound


def visible_exports(actor: Actor) -> QuerySet[Export]:
    """The exports that the actor asked for; everybody's for who audits the whole organisation. Newest first."""
    rows = Export.objects.order_by("-asked_at")
    return rows if actor.may(Permission.AUDIT_READ, unit=None) else rows.filter(asked_by=actor.id)


def find_export(actor: Actor, export_id: uuid.UUID) -> Export:
    """One of them. Raises NotFound."""
    row = visible_exports(actor).filter(pk=export_id).first()
    if row is None:
        raise NotFound(_("There is no such export, or somebody else asked for it."))
    return row
