"""Questions that officers ask, and indexes that other rooms of the house need. A handful of queries each."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth import get_user_model
from django.db.models import Count, Max, Q
from django.db.models.functions import Coalesce

from inventory import models
from inventory.domain.states import runs_unapproved
from inventory.domain.words import DeploymentState, SpecialCategory, Tier
from inventory.queries import estate_rows
from inventory.queries.columns import open_now, version_name
from inventory.queries.listing import MOST_ROWS, Ref, holding, named, ref, visible
from inventory.queries.values import BindingRow, Place
from kernel.actor import Actor, Permission

_BY_SYSTEM = "deployment__system__unit_id"


@dataclass(frozen=True, slots=True)
class TouchingSystem:
    """A system that works with data of a kind: which data, where, and who owns it. No owner is None, and is said."""

    system: Ref
    owner: Ref | None
    deputy: Ref | None
    unit: Ref | None
    risk_class: str
    state: str
    runs_unapproved: bool
    deployments: tuple[Ref, ...]
    places: tuple[Place, ...]
    datasets: tuple[Ref, ...]


def systems_touching(
    actor: Actor, *, special_category: SpecialCategory, only_live: bool = True
) -> list[TouchingSystem]:
    """Which (live) systems touch data of a special category, where, and who owns them. Two queries.

    A system counts through any deployment that is bound now to a dataset version with the category. Live means that
    the deployment is live, whatever the state of its system: one that runs unapproved is told, and marked.
    """
    bindings = holding(
        models.Binding.objects.filter(open_now(), deployment__retired_at__isnull=True),
        "dataset_version__special_categories",
        [special_category.value],
    ).select_related("deployment__system__owner", "deployment__system__deputy", "deployment__system__unit")
    if only_live:
        bindings = bindings.filter(deployment__state=DeploymentState.LIVE)
    rows = list(
        visible(actor, bindings, _BY_SYSTEM)
        .select_related("dataset_version__dataset")
        .order_by("deployment__system__name", "deployment__name")[: 20 * MOST_ROWS]
    )
    places = estate_rows.places_of({row.deployment_id for row in rows})
    by_system: defaultdict[uuid.UUID, list[models.Binding]] = defaultdict(list)
    for row in rows:
        by_system[row.deployment.system_id].append(row)
    return [_touching(found, places) for found in by_system.values()]


def _touching(bindings: list[models.Binding], places: dict[uuid.UUID, list[Place]]) -> TouchingSystem:
    system = bindings[0].deployment.system
    deployments = _unique(named(row.deployment) for row in bindings)
    live = sum(row.deployment.state == DeploymentState.LIVE for row in bindings)
    return TouchingSystem(
        system=named(system),
        owner=ref(system.owner),
        deputy=ref(system.deputy),
        unit=ref(system.unit),
        risk_class=system.risk_class,
        state=system.state,
        runs_unapproved=runs_unapproved(system.state, live_deployments=live),
        deployments=deployments,
        places=tuple(dict.fromkeys(place for item in deployments for place in places.get(item.id, ()))),
        datasets=_unique(named(row.dataset_version.dataset) for row in bindings),
    )


def _unique(refs: Iterable[Ref]) -> tuple[Ref, ...]:
    return tuple(dict.fromkeys(refs))


@dataclass(frozen=True, slots=True)
class DeploymentEntry:
    """A deployment as other rooms need it: to name it, to filter by it, to link to it."""

    id: uuid.UUID
    name: str
    slug: str
    system: Ref
    unit_id: uuid.UUID | None
    environment: str
    state: str
    places: tuple[Place, ...]


def deployments_index(
    actor: Actor, *, only: Collection[uuid.UUID] | None = None, system: uuid.UUID | None = None
) -> dict[uuid.UUID, DeploymentEntry]:
    """The deployments that the actor may see, retired ones included, by id: all, `only` these, those of a `system`.

    Two queries. All of them are asked for by forms alone: a page names those that it shows.
    """
    actor.require_somewhere(Permission.REGISTER_READ)
    asked = models.Deployment.objects.select_related("system")
    if only is not None:
        asked = asked.filter(pk__in=only)
    if system is not None:
        asked = asked.filter(system=system)
    rows = list(visible(actor, asked, "system__unit_id").order_by("name"))
    places = estate_rows.places_of([row.pk for row in rows])
    return {
        row.pk: DeploymentEntry(
            id=row.pk,
            name=row.name,
            slug=row.slug,
            system=named(row.system),
            unit_id=row.system.unit_id,
            environment=row.environment,
            state=row.state,
            places=tuple(places.get(row.pk, ())),
        )
        for row in rows
    }


@dataclass(frozen=True, slots=True)
class TierCount:
    """How much of the estate stands on one tier."""

    tier: str
    sites: int
    deployments: int
    live: int


def estate_by_tier(actor: Actor) -> list[TierCount]:
    """The nine tiers in their order, with sites, deployments placed there now, and how many of these are live."""
    sites = visible(actor, models.Site.objects.filter(retired_at__isnull=True), "unit_id")
    site_counts = dict(sites.order_by().values_list("tier").annotate(Count("id")))
    placed = visible(
        actor,
        models.Placement.objects.filter(open_now(), deployment__retired_at__isnull=True),
        _BY_SYSTEM,
    )
    running = Count("deployment", distinct=True, filter=Q(deployment__state=DeploymentState.LIVE))
    counted = {
        tier: (deployments, live)
        for tier, deployments, live in placed.order_by()
        .annotate(tier=Coalesce("site__tier", "fleet__site__tier"))
        .values("tier")
        .annotate(deployments=Count("deployment", distinct=True), live=running)
        .values_list("tier", "deployments", "live")
    }
    return [
        TierCount(tier.value, site_counts.get(tier.value, 0), *counted.get(tier.value, (0, 0)))
        for tier in Tier
    ]


def declared_models(actor: Actor, deployment_id: uuid.UUID) -> dict[str, Ref]:
    """The names under which telemetry may truthfully speak of a deployment's models now, each with its version.

    Names are those of the endpoint's alias and of the version itself, in lower case; gateways count with what they
    route to, one step. Compare with the observed names; what is missing on either side is drift.
    """
    uses = visible(
        actor, models.DeploymentUse.objects.filter(open_now(), deployment=deployment_id), _BY_SYSTEM
    )
    endpoints = set(uses.values_list("endpoint_id", flat=True))
    routes = models.EndpointRoute.objects.filter(open_now(), gateway__in=endpoints)
    aliases: dict[str, uuid.UUID] = {}
    for alias, upstream in routes.values_list("alias", "upstream_id"):
        endpoints.add(upstream)
        if alias:
            aliases[alias.lower()] = upstream
    served = models.EndpointServes.objects.filter(open_now(), endpoint__in=endpoints).select_related(
        "model_version__model"
    )
    names: dict[str, Ref] = {}
    for item in served:
        version = item.model_version
        known = Ref(version.pk, version_name(version))
        for name in (item.alias, version.model.name, version_name(version), *version.aliases):
            if name:
                names.setdefault(name.lower(), known)
        for alias, upstream in aliases.items():
            if upstream == item.endpoint_id:
                names.setdefault(alias, known)
    return names


def people_choices() -> list[Ref]:
    """Everybody who can own a system: active accounts by name."""
    people = get_user_model()._default_manager.filter(is_active=True).order_by("name", "pk")
    return [Ref(pk, name) for pk, name in people.values_list("pk", "name")]


CHOICES = {
    "unit": (models.Unit, "id"),
    "entity": (models.LegalEntity, None),
    "site": (models.Site, "unit_id"),
    "fleet": (models.Fleet, "site__unit_id"),
    "system": (models.System, "unit_id"),
    "dataset": (models.Dataset, "unit_id"),
    "model": (models.Model, None),
    "endpoint": (models.Endpoint, "unit_id"),
    "deployment": (models.Deployment, "system__unit_id"),
}
"""What forms may offer by name, and where its unit stands."""
MOST_CHOICES = 1000


def choices(
    actor: Actor,
    kind: str,
    *,
    search: str = "",
    only: Sequence[uuid.UUID] | None = None,
    limit: int = MOST_CHOICES,
) -> list[Ref]:
    """Things of a kind of `CHOICES` that a form may offer the actor, by name, at most `limit`.

    `only` asks for these alone, also for retired ones: to name what stands in an address.
    """
    model, unit_path = CHOICES[kind]
    rows = visible(actor, model._default_manager.all(), unit_path)
    rows = rows.filter(retired_at__isnull=True) if only is None else rows.filter(pk__in=only)
    if search.strip():
        rows = rows.filter(Q(name__icontains=search.strip()) | Q(slug__icontains=search.strip()))
    return [
        Ref(pk, name)
        for pk, name in rows.order_by("name").values_list("pk", "name")[: min(limit, MOST_CHOICES)]
    ]


def model_version_choices(actor: Actor) -> list[Ref]:
    """Model versions that a form may offer, under their full names."""
    actor.require_somewhere(Permission.REGISTER_READ)
    rows = models.ModelVersion.objects.filter(retired_at__isnull=True).select_related("model")
    return [Ref(row.pk, version_name(row)) for row in rows.order_by("model__name", "label")[:MOST_CHOICES]]


def dataset_version_choices(actor: Actor) -> list[Ref]:
    """Dataset versions that a form may offer the actor, under their full names."""
    rows = models.DatasetVersion.objects.filter(retired_at__isnull=True).select_related("dataset")
    found = visible(actor, rows, "dataset__unit_id").order_by("dataset__name", "label")
    return [Ref(row.pk, f"{row.dataset.name} {row.label}") for row in found[:MOST_CHOICES]]


def bindings_of(actor: Actor, deployment_id: uuid.UUID) -> list[BindingRow]:
    """The data that a deployment is bound to now."""
    rows = models.Binding.objects.filter(open_now(), deployment=deployment_id).select_related(
        "deployment__system", "dataset_version__dataset"
    )
    return [estate_rows.binding(row) for row in visible(actor, rows, _BY_SYSTEM).order_by("-id")]


def last_changed_at(actor: Actor) -> datetime | None:
    """When a system, deployment or endpoint that the actor may see was last changed; None for an empty register."""
    found = [
        visible(actor, models.System.objects.all(), "unit_id").aggregate(last=Max("updated_at"))["last"],
        visible(actor, models.Deployment.objects.all(), "system__unit_id").aggregate(last=Max("updated_at"))[
            "last"
        ],
        visible(actor, models.Endpoint.objects.all(), "unit_id").aggregate(last=Max("updated_at"))["last"],
    ]
    return max((moment for moment in found if moment is not None), default=None)
