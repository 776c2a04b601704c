"""What it is: rows of entities, systems, datasets and models into values."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence

from django.db.models import Count

from inventory import models
from inventory.domain.words import Classification, PersonalData
from inventory.queries import values
from inventory.queries.columns import (
    base,
    columns,
    dataset_version_ref,
    open_now,
    relation,
    version_name,
    version_ref,
)
from inventory.queries.listing import named, ref
from kernel.actor import Actor

_STRICTNESS = [member.value for member in Classification]


def entity(row: models.LegalEntity, _extras: object = None) -> values.EntityRow:
    """A legal entity."""
    plain = columns(row, "name", "slug", "country", "registration", "is_own", "website", "contact", "note")
    return values.EntityRow(**base(row), **plain)


def system(row: models.System, extras: dict[uuid.UUID, SystemFacts]) -> values.SystemRow:
    """An AI system, with its deployments counted and its tiers."""
    facts = extras.get(row.pk, (0, 0, ()))
    return values.SystemRow(
        **base(row),
        **columns(row, "name", "slug", "purpose", "business_process", "risk_class", "annex_iii_points"),
        **columns(row, "risk_reason", "persons_affected", "persons_estimate", "state"),
        **columns(row, "interacts_with_persons", "decision_impact"),
        owner=ref(row.owner),
        deputy=ref(row.deputy),
        unit=ref(row.unit),
        deployment_count=facts[0],
        live_count=facts[1],
        tiers=facts[2],
    )


SystemFacts = tuple[int, int, tuple[str, ...]]
"""Deployments not retired, those of them that are live, and the tiers at which they are placed."""


def system_extras(_actor: Actor, rows: Sequence[models.System]) -> dict[uuid.UUID, SystemFacts]:
    """Deployments and tiers per system. Two queries."""
    found = [row.pk for row in rows]
    states = list(
        models.Deployment.objects.filter(system__in=found, retired_at__isnull=True).values_list(
            "system_id", "state"
        )
    )
    placed = models.Placement.objects.filter(
        open_now(), deployment__system__in=found, deployment__retired_at__isnull=True
    ).values_list("deployment__system_id", "site__tier", "fleet__site__tier")
    tiers: defaultdict[uuid.UUID, set[str]] = defaultdict(set)
    for system_id, at_site, in_fleet in placed.distinct():
        tiers[system_id].add(at_site or in_fleet)
    return {
        system_id: (
            sum(1 for owner, _state in states if owner == system_id),
            sum(1 for owner, state in states if owner == system_id and state == "live"),
            tuple(sorted(tiers[system_id])),
        )
        for system_id in found
    }


def role(row: models.SystemRole, _extras: object = None) -> values.RoleRow:
    """The role of a legal entity."""
    return values.RoleRow(**relation(row), system=named(row.system), entity=named(row.entity), role=row.role)


def dataset(row: models.Dataset, extras: dict[uuid.UUID, list[models.DatasetVersion]]) -> values.DatasetRow:
    """A dataset, with what its versions in use hold together."""
    versions = extras.get(row.pk, [])
    return values.DatasetRow(
        **base(row),
        **columns(row, "name", "slug", "purpose"),
        unit=ref(row.unit),
        version_count=len(versions),
        classification=max(
            (version.classification for version in versions), key=_STRICTNESS.index, default=None
        ),
        personal_data=_together({version.personal_data for version in versions}),
        special_categories=_union(version.special_categories for version in versions),
        residency=_union(version.residency for version in versions),
    )


def _together(answers: set[str]) -> str:
    """Yes if one version says yes; no only if all say no; unknown otherwise."""
    if PersonalData.YES in answers:
        return PersonalData.YES.value
    return PersonalData.NO.value if answers == {PersonalData.NO.value} else PersonalData.UNKNOWN.value


def _union(lists: Iterable[Iterable[str]]) -> tuple[str, ...]:
    return tuple(sorted({item for items in lists for item in items}))


def dataset_extras(
    _actor: Actor, rows: Sequence[models.Dataset]
) -> dict[uuid.UUID, list[models.DatasetVersion]]:
    """The versions in use of each dataset."""
    by_dataset: defaultdict[uuid.UUID, list[models.DatasetVersion]] = defaultdict(list)
    versions = models.DatasetVersion.objects.filter(
        dataset__in=[row.pk for row in rows], retired_at__isnull=True
    )
    for version in versions:
        by_dataset[version.dataset_id].append(version)
    return by_dataset


def dataset_version(row: models.DatasetVersion, _extras: object = None) -> values.DatasetVersionRow:
    """A dataset version."""
    return values.DatasetVersionRow(
        **base(row),
        **columns(row, "label", "classification", "personal_data", "special_categories", "data_subjects"),
        **columns(row, "residency", "retention_days", "source", "licence", "note"),
        dataset=named(row.dataset),
        name=f"{row.dataset.name} {row.label}",
    )


def model(row: models.Model, extras: dict[uuid.UUID, int]) -> values.ModelRow:
    """A model, with its versions in use counted."""
    return values.ModelRow(
        **base(row),
        **columns(row, "name", "slug", "family", "kind", "note"),
        provider=ref(row.provider),
        provider_name=row.provider.name if row.provider else row.provider_name,
        version_count=extras.get(row.pk, 0),
    )


def model_extras(_actor: Actor, rows: Sequence[models.Model]) -> dict[uuid.UUID, int]:
    """Versions in use, counted per model."""
    versions = models.ModelVersion.objects.filter(model__in=[row.pk for row in rows], retired_at__isnull=True)
    return dict(versions.order_by().values_list("model_id").annotate(Count("id")))


def model_version(row: models.ModelVersion, _extras: object = None) -> values.ModelVersionRow:
    """A model version."""
    provider = row.model.provider
    return values.ModelVersionRow(
        **base(row),
        **columns(row, "label", "modalities_in", "modalities_out", "parameters", "licence"),
        **columns(row, "quantisation", "digest", "aliases", "state", "note"),
        model=named(row.model),
        name=version_name(row),
        kind=row.model.kind,
        provider_name=provider.name if provider else row.model.provider_name,
    )


def descent(row: models.ModelRelation, _extras: object = None) -> values.DescentRow:
    """How a model version came from another."""
    return values.DescentRow(
        **relation(row),
        child=version_ref(row.child),
        parent=version_ref(row.parent),
        descent=row.descent,
    )


def training(row: models.ModelTraining, _extras: object = None) -> values.TrainingRow:
    """A training on a dataset version."""
    return values.TrainingRow(
        **relation(row),
        model_version=version_ref(row.model_version),
        dataset_version=dataset_version_ref(row.dataset_version),
    )
