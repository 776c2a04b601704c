"""What a page must know of a row beside its value: may it be changed, and which relations tell its history too."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from inventory import models
from inventory.models import labels
from inventory.queries.columns import dataset_version_ref, place_of, version_name
from inventory.queries.listing import visible
from inventory.services import nouns
from inventory.services.nouns import Noun
from inventory.services.writing import sees
from kernel.actor import Actor
from kernel.errors import Conflict, NotFound

NOUNS: dict[str, Noun[Any]] = {noun.kind: noun for noun in nouns.ALL}
"""Every noun by the word that names it in the ledger."""
MOST_REMEMBERED = 500
"""Relations of one kind whose events stand in the history of a thing; the audit trail has them all."""


@dataclass(frozen=True, slots=True)
class Tie:
    """A relation as part of a thing: its noun, the column that points to the thing, and the name of the other end.

    `unit_path` leads to the unit of the other end, where the thing itself may belong to nobody in particular.
    """

    noun: Noun[Any]
    home: str
    joins: tuple[str, ...]
    other_end: Callable[[Any], str]
    unit_path: str | None = None


def _place_name(row: models.Placement) -> str:
    place = place_of(row)
    return place.name if place else ""


def _role_name(row: models.SystemRole) -> str:
    return f"{row.entity.name} ({labels.ENTITY_ROLE[row.role]})"


TIES: dict[str, tuple[Tie, ...]] = {
    "inventory.system": (Tie(nouns.SYSTEM_ROLE, "system", ("entity",), _role_name),),
    "inventory.deployment": (
        Tie(nouns.PLACEMENT, "deployment", ("site", "fleet__site"), _place_name),
        Tie(nouns.USE, "deployment", ("endpoint",), lambda row: str(row.endpoint.name)),
        Tie(
            nouns.BINDING,
            "deployment",
            ("dataset_version__dataset",),
            lambda row: dataset_version_ref(row.dataset_version).name,
        ),
    ),
    "inventory.endpoint": (
        Tie(
            nouns.ENDPOINT_SERVES,
            "endpoint",
            ("model_version__model",),
            lambda row: version_name(row.model_version),
        ),
        Tie(
            nouns.ENDPOINT_ROUTE,
            "gateway",
            ("upstream",),
            lambda row: str(row.upstream.name),
            "upstream__unit_id",
        ),
    ),
    "inventory.model_version": (
        Tie(nouns.MODEL_RELATION, "child", ("parent__model",), lambda row: version_name(row.parent)),
        Tie(
            nouns.MODEL_TRAINING,
            "model_version",
            ("dataset_version__dataset",),
            lambda row: dataset_version_ref(row.dataset_version).name,
            "dataset_version__dataset__unit_id",
        ),
    ),
}
"""The relations that belong to a thing: who may change it may change them, and its history tells of them."""


def may_change(actor: Actor, kind: str, row_id: uuid.UUID) -> bool:
    """Whether the actor may change this row, by the same rule that the services ask."""
    noun = NOUNS[kind]
    row = noun.model._default_manager.filter(pk=row_id, retired_at__isnull=True).first()
    return row is not None and all(actor.may(noun.permission, unit=unit) for unit in noun.units_of(row))


def require_change(actor: Actor, kind: str, row_id: uuid.UUID) -> None:
    """Raise Forbidden unless the actor may change this row, Conflict where it is retired, NotFound where it is not."""
    noun = NOUNS[kind]
    row = noun.model._default_manager.filter(pk=row_id).first()
    if row is None:
        raise NotFound(_("There is no such thing, or you may not see it."))
    for unit in noun.units_of(row):
        actor.require(noun.permission, unit=unit)
    if row.retired_at is not None:
        raise Conflict(_("This is retired and can no longer be changed."), code="retired")


def ties_of(actor: Actor, kind: str, row_id: uuid.UUID) -> dict[tuple[str, str], str]:
    """The relations of a thing, also those that are over: (kind, id) to the name of their other end.

    Those whose other end the actor may not know of are left out, as on the page itself. One query for each kind of
    relation. The caller has made sure that the actor may see the thing.
    """
    found = {}
    for tie in TIES.get(kind, ()):
        rows = tie.noun.model._default_manager.filter(**{tie.home: row_id}).select_related(*tie.joins)
        for row in visible(actor, rows, tie.unit_path).order_by("-id")[:MOST_REMEMBERED]:
            found[tie.noun.kind, str(row.pk)] = tie.other_end(row)
    return found


def tie_name(actor: Actor, kind: str, row_id: uuid.UUID) -> tuple[str, uuid.UUID]:
    """The other end of one relation, and the id of the thing that it belongs to. Raises NotFound."""
    tie = next(tie for ties in TIES.values() for tie in ties if tie.noun.kind == kind)
    row = tie.noun.model._default_manager.filter(pk=row_id, retired_at__isnull=True).first()
    if row is None or not sees(tie.noun, actor, row):
        raise NotFound(_("There is no such thing, or you may not see it."))
    return tie.other_end(row), getattr(row, f"{tie.home}_id")
