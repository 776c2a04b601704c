"""Where it runs: rows of sites, endpoints, deployments, keys and rules into values."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Collection, Sequence

from django.db.models import Count, Q
from django.db.models.functions import Coalesce

from inventory import models
from inventory.queries import values
from inventory.queries.columns import (
    base,
    columns,
    dataset_version_ref,
    open_now,
    place_of,
    relation,
    version_ref,
)
from inventory.queries.listing import Ref, named, ref, visible
from kernel import clock
from kernel.actor import Actor

_MOST_NAMED = 1000
"""Beyond this many ids a query names none of them: a full scan is cheaper than so long a list."""


def site(row: models.Site, extras: dict[str, dict[uuid.UUID, int]]) -> values.SiteRow:
    """A site, with how many deployments and fleets are there now."""
    plain = columns(
        row, "name", "slug", "tier", "country", "region", "connectivity", "offline_budget_hours", "note"
    )
    return values.SiteRow(
        **base(row),
        **plain,
        operator=ref(row.operator),
        parent=ref(row.parent),
        unit=ref(row.unit),
        deployment_count=extras["deployments"].get(row.pk, 0),
        fleet_count=extras["fleets"].get(row.pk, 0),
    )


def site_extras(actor: Actor, rows: Sequence[models.Site]) -> dict[str, dict[uuid.UUID, int]]:
    """Deployments that the actor may see and fleets, counted per site."""
    found = [row.pk for row in rows]
    placements = models.Placement.objects.filter(
        open_now(), Q(site__in=found) | Q(fleet__site__in=found), deployment__retired_at__isnull=True
    )
    where = visible(actor, placements, "deployment__system__unit_id")
    deployments = (
        where.order_by()
        .annotate(at=Coalesce("site_id", "fleet__site_id"))
        .values_list("at")
        .annotate(Count("deployment_id", distinct=True))
    )
    fleets = (
        models.Fleet.objects.filter(site__in=found, retired_at__isnull=True)
        .order_by()
        .values_list("site_id")
        .annotate(Count("id"))
    )
    return {
        "deployments": dict(deployments),
        "fleets": dict(fleets),
    }


def fleet(row: models.Fleet, _extras: object = None) -> values.FleetRow:
    """A fleet."""
    return values.FleetRow(
        **base(row),
        **columns(row, "name", "slug", "kind", "os", "expected_count", "note"),
        site=named(row.site),
        tier=row.site.tier,
        unit=ref(row.site.unit),
    )


def endpoint(row: models.Endpoint, extras: dict[uuid.UUID, list[Ref]]) -> values.EndpointRow:
    """An endpoint, with the models it serves now."""
    return values.EndpointRow(
        **base(row),
        **columns(row, "name", "slug", "kind", "processing_regions", "host", "observable"),
        **columns(row, "model_disclosure", "note"),
        place=place_of(row),
        operator=ref(row.operator),
        unit=ref(row.unit),
        models=tuple(extras.get(row.pk, ())),
    )


def endpoint_extras(_actor: Actor, rows: Sequence[models.Endpoint]) -> dict[uuid.UUID, list[Ref]]:
    """The model versions that each endpoint serves now."""
    served = (
        models.EndpointServes.objects.filter(open_now(), endpoint__in=[row.pk for row in rows])
        .select_related("model_version__model")
        .order_by("id")
    )
    by_endpoint: defaultdict[uuid.UUID, list[Ref]] = defaultdict(list)
    for item in served:
        by_endpoint[item.endpoint_id].append(version_ref(item.model_version))
    return by_endpoint


def serves(row: models.EndpointServes, _extras: object = None) -> values.ServesRow:
    """A served model."""
    return values.ServesRow(
        **relation(row),
        endpoint=named(row.endpoint),
        model_version=version_ref(row.model_version),
        model=named(row.model_version.model),
        alias=row.alias,
    )


def route(row: models.EndpointRoute, _extras: object = None) -> values.RouteRow:
    """A route of a gateway."""
    return values.RouteRow(
        **relation(row),
        gateway=named(row.gateway),
        upstream=named(row.upstream),
        alias=row.alias,
        priority=row.priority,
    )


def deployment(row: models.Deployment, extras: dict[uuid.UUID, list[values.Place]]) -> values.DeploymentRow:
    """A deployment, with where it is now."""
    return values.DeploymentRow(
        **base(row),
        **columns(row, "name", "slug", "environment", "state", "capture_mode", "retention_class"),
        **columns(row, "expected_count", "calendar", "note"),
        system=named(row.system),
        unit=ref(row.system.unit),
        owner=ref(row.system.owner),
        risk_class=row.system.risk_class,
        places=tuple(extras.get(row.pk, ())),
    )


def deployment_extras(
    _actor: Actor, rows: Sequence[models.Deployment]
) -> dict[uuid.UUID, list[values.Place]]:
    """Where each deployment is now."""
    return places_of([row.pk for row in rows])


def places_of(deployment_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, list[values.Place]]:
    """Where deployments are now, by deployment. One query; many ids are asked for as all."""
    placements = models.Placement.objects.filter(open_now()).select_related("site", "fleet__site")
    if len(deployment_ids) <= _MOST_NAMED:
        placements = placements.filter(deployment__in=deployment_ids)
    wanted = frozenset(deployment_ids)
    by_deployment: defaultdict[uuid.UUID, list[values.Place]] = defaultdict(list)
    for item in placements.order_by("id"):
        place = place_of(item)
        if place is not None and item.deployment_id in wanted:
            by_deployment[item.deployment_id].append(place)
    return by_deployment


def placement(row: models.Placement, _extras: object = None) -> values.PlacementRow:
    """A placement."""
    place = place_of(row)
    assert place is not None, "the table's CHECK names a site or a fleet"  # noqa: S101  # for the type checker
    return values.PlacementRow(**relation(row), deployment=named(row.deployment), place=place)


def use(row: models.DeploymentUse, _extras: object = None) -> values.UseRow:
    """A use of an endpoint."""
    return values.UseRow(
        **relation(row),
        deployment=named(row.deployment),
        endpoint=named(row.endpoint),
        endpoint_kind=row.endpoint.kind,
        role=row.role,
    )


def binding(row: models.Binding, _extras: object = None) -> values.BindingRow:
    """A data binding, with what the data is."""
    version = row.dataset_version
    return values.BindingRow(
        **relation(row),
        deployment=named(row.deployment),
        system=named(row.deployment.system),
        dataset=named(version.dataset),
        dataset_version=dataset_version_ref(version),
        **columns(version, "classification", "personal_data", "special_categories"),
        **columns(row, "purpose", "basis"),
    )


def key(row: models.EndpointKey, _extras: object = None) -> values.KeyRow:
    """An endpoint key, without its secret’s digest."""
    scope = row.deployment or row.site or row.unit
    return values.KeyRow(
        **base(row),
        **columns(row, "name", "public_id", "scope", "expires_at", "last_used_at", "max_senders"),
        scope_name=scope.name if scope else "",
        unit=ref(row.unit),
        site=ref(row.site),
        deployment=ref(row.deployment),
        revoked_at=row.retired_at,
        rotated_from=ref(row.rotated_from),
        created_by=ref(row.created_by),
        state=_key_state(row),
    )


def _key_state(row: models.EndpointKey) -> str:
    if row.retired_at is not None:
        return "revoked"
    return "expired" if row.expires_at is not None and row.expires_at <= clock.now() else "active"


def rule(row: models.SenderRule, _extras: object = None) -> values.RuleRow:
    """A sender rule."""
    return values.RuleRow(
        **relation(row),
        **columns(row, "service_namespace", "service_name", "environment", "place", "claimed_deployment"),
        **columns(row, "priority", "note"),
        key=ref(row.key),
        deployment=ref(row.deployment),
        endpoint=ref(row.endpoint),
        site=ref(row.site),
    )


def dismissal(row: models.SenderDismissal, _extras: object = None) -> values.DismissalRow:
    """A dismissed sender."""
    return values.DismissalRow(
        **base(row),
        **columns(row, "service_namespace", "service_name", "environment", "place", "claimed_deployment"),
        sender_id=bytes.fromhex(row.sender_id),
        key=named(row.key),
        reason=row.reason,
    )
