"""What it is: rows of entities, systems, datasets and models into values."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Count

from inventory import models
from inventory.domain.states import runs_unapproved
from inventory.domain.words import Classification, DeploymentState, PersonalData
from inventory.queries import values
from inventory.queries.columns import (
    base,
    columns,
    dataset_version_ref,
    open_now,
    place_of,
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


@dataclass(frozen=True, slots=True)
class SystemFacts:
    """What is true of a system through its deployments that are not retired.

    How many there are and how many live, where they are placed now, and which special categories they work on now:
    None where no data is bound to any of them, because then nobody has said.
    """

    deployments: int = 0
    live: int = 0
    places: tuple[values.Place, ...] = ()
    special_categories: tuple[str, ...] | None = None


def system(row: models.System, extras: dict[uuid.UUID, SystemFacts]) -> values.SystemRow:
    """An AI system, with its deployments counted, its places and the data it touches."""
    facts = extras.get(row.pk, SystemFacts())
    return values.SystemRow(
        **base(row),
        **columns(row, "name", "slug", "purpose", "business_process", "risk_class", "annex_iii_points"),
        **columns(row, "risk_reason", "persons_affected", "persons_estimate", "state"),
        **columns(row, "interacts_with_persons", "decision_impact"),
        owner=ref(row.owner),
        deputy=ref(row.deputy),
        unit=ref(row.unit),
        deployment_count=facts.deployments,
        live_count=facts.live,
        runs_unapproved=runs_unapproved(row.state, live_deployments=facts.live),
        tiers=tuple(sorted({place.tier for place in facts.places})),
        places=facts.places,
        special_categories=facts.special_categories,
    )


def system_extras(_actor: Actor, rows: Sequence[models.System]) -> dict[uuid.UUID, SystemFacts]:
    """Deployments, places and data categories per system. Three queries."""
    found = [row.pk for row in rows]
    states: defaultdict[uuid.UUID, list[str]] = defaultdict(list)
    deployments = models.Deployment.objects.filter(system__in=found, retired_at__isnull=True)
    for system_id, state in deployments.values_list("system_id", "state"):
        states[system_id].append(state)
    places, categories = _places_of_systems(found), _categories_of_systems(found)
    return {
        system_id: SystemFacts(
            deployments=len(states[system_id]),
            live=states[system_id].count(DeploymentState.LIVE),
            places=tuple(dict.fromkeys(places[system_id])),
            special_categories=_union(categories[system_id]) if system_id in categories else None,
        )
        for system_id in found
    }


def _places_of_systems(system_ids: Sequence[uuid.UUID]) -> defaultdict[uuid.UUID, list[values.Place]]:
    placed = models.Placement.objects.filter(
        open_now(), deployment__system__in=system_ids, deployment__retired_at__isnull=True
    ).select_related("deployment", "site", "fleet__site")
    by_system: defaultdict[uuid.UUID, list[values.Place]] = defaultdict(list)
    for item in placed.order_by("id"):
        place = place_of(item)
        if place is not None:
            by_system[item.deployment.system_id].append(place)
    return by_system


def _categories_of_systems(system_ids: Sequence[uuid.UUID]) -> defaultdict[uuid.UUID, list[list[str]]]:
    bound = models.Binding.objects.filter(
        open_now(), deployment__system__in=system_ids, deployment__retired_at__isnull=True
    ).values_list("deployment__system_id", "dataset_version__special_categories")
    by_system: defaultdict[uuid.UUID, list[list[str]]] = defaultdict(list)
    for system_id, categories in bound:
        by_system[system_id].append(categories)
    return by_system


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
