"""What all values of rows share: their columns, their dates, the names of what they point to."""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from inventory import models
from inventory.models.base import Dated, Kept
from inventory.queries import values
from inventory.queries.listing import Ref, named, ref
from kernel import clock


def open_now() -> Q:
    """Relations that hold now."""
    now = clock.now()
    begun = Q(valid_from__isnull=True) | Q(valid_from__lte=now)
    return begun & (Q(valid_until__isnull=True) | Q(valid_until__gt=now)) & Q(retired_at__isnull=True)


def base(row: Kept) -> dict[str, Any]:
    """The columns that every row has."""
    return {
        "id": row.pk,
        "version": row.version,
        "created_at": row.created_at,
        "updated_at": row.updated_at,
        "retired_at": row.retired_at,
    }


def relation(row: Dated) -> dict[str, Any]:
    """The columns that every dated relation has, and whether it holds now."""
    now = clock.now()
    begun = row.valid_from is None or row.valid_from <= now
    over = row.valid_until is not None and row.valid_until <= now
    return {
        **base(row),
        "valid_from": row.valid_from,
        "valid_until": row.valid_until,
        "current": begun and not over and row.retired_at is None,
    }


def columns(row: Any, *names: str) -> dict[str, Any]:
    """Some columns by name; lists become tuples."""
    return {name: _frozen(getattr(row, name)) for name in names}


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def place_of(row: Any) -> values.Place | None:
    """The place of a row that is at a site or in a fleet; None where nobody said."""
    fleet = row.fleet
    site = row.site if fleet is None else fleet.site
    if site is None:
        return None
    return values.Place(site=named(site), tier=site.tier, country=site.country, fleet=ref(fleet))


def version_name(row: models.ModelVersion) -> str:
    """`Qwen 3 32B`, with the quantisation where there is one."""
    return " ".join(part for part in (row.model.name, row.label, row.quantisation) if part)


def version_ref(row: models.ModelVersion) -> Ref:
    """A model version under its full name."""
    return Ref(row.pk, version_name(row))


def dataset_version_ref(row: models.DatasetVersion) -> Ref:
    """A dataset version under its full name."""
    return Ref(row.pk, f"{row.dataset.name} {row.label}")
