"""What the estate has on the register so far, found by the names that its texts use."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field

from django.db.models import Model

from console.models import User
from inventory import models
from inventory.models.base import Named

Ids = dict[str, uuid.UUID]


@dataclass(slots=True)
class Known:
    """Ids by name: slugs, `model label quantisation` and `dataset label` of versions, addresses of people."""

    units: Ids = field(default_factory=dict)
    entities: Ids = field(default_factory=dict)
    sites: Ids = field(default_factory=dict)
    fleets: Ids = field(default_factory=dict)
    models: Ids = field(default_factory=dict)
    model_versions: Ids = field(default_factory=dict)
    datasets: Ids = field(default_factory=dict)
    dataset_versions: Ids = field(default_factory=dict)
    endpoints: Ids = field(default_factory=dict)
    systems: Ids = field(default_factory=dict)
    deployments: Ids = field(default_factory=dict)
    keys: Ids = field(default_factory=dict)
    people: Ids = field(default_factory=dict)


def look_up() -> Known:
    """All of it, in one query per noun."""
    return Known(
        units=_by_slug(models.Unit),
        entities=_by_slug(models.LegalEntity),
        sites=_by_slug(models.Site),
        fleets=_by_slug(models.Fleet),
        models=_by_slug(models.Model),
        datasets=_by_slug(models.Dataset),
        endpoints=_by_slug(models.Endpoint),
        systems=_by_slug(models.System),
        deployments=_by_slug(models.Deployment),
        model_versions=_model_versions(),
        dataset_versions=_dataset_versions(),
        keys=dict(
            models.EndpointKey.objects.filter(retired_at=None, rotated_to=None).values_list("name", "pk")
        ),
        people=dict(User.objects.values_list("email", "pk")),
    )


def ensure(ids: Ids, name: str, make: Callable[[], uuid.UUID]) -> bool:
    """Make what is not there yet. Says whether it was made."""
    if name in ids:
        return False
    ids[name] = make()
    return True


def absent(model: type[Model], **fields: object) -> bool:
    """Whether no row with these values is there yet."""
    return not model._default_manager.filter(**fields).exists()


def model_version_name(model: str, label: str, quantisation: str) -> str:
    """How the texts name a model version."""
    return " ".join(filter(None, (model, label, quantisation)))


def _by_slug(noun: type[Named]) -> Ids:
    return dict(noun._default_manager.values_list("slug", "pk"))


def _model_versions() -> Ids:
    rows = models.ModelVersion.objects.values_list("model__slug", "label", "quantisation", "pk")
    return {model_version_name(model, label, quantised): pk for model, label, quantised, pk in rows}


def _dataset_versions() -> Ids:
    rows = models.DatasetVersion.objects.values_list("dataset__slug", "label", "pk")
    return {f"{dataset} {label}": pk for dataset, label, pk in rows}
