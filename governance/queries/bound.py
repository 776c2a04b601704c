"""What an approval of a system or deployment binds, as the register says it now. Eight queries for any number of them.

Bound are: purpose, risk class and Annex III points, decision impact, persons affected, contact with persons, the legal
entities' roles; environments, capture modes; and through the deployments, which models answer (gateways with what they
route to, one step), on which data they work (with its classification and special categories), and where they are placed.
Names are not bound: calling a model otherwise changes nothing.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any

from governance.domain.approvals import Bound, listed
from inventory import models
from inventory.queries.columns import open_now, version_name

Ids = Collection[uuid.UUID]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The bound fields of one thing, and what the ids in them are called."""

    bound: Bound
    names: dict[str, str]


@dataclass(slots=True)
class _Parts:
    """What hangs on each deployment, as texts that begin with an id."""

    models: defaultdict[uuid.UUID, list[str]] = field(default_factory=lambda: defaultdict(list))
    datasets: defaultdict[uuid.UUID, list[str]] = field(default_factory=lambda: defaultdict(list))
    places: defaultdict[uuid.UUID, list[str]] = field(default_factory=lambda: defaultdict(list))
    names: dict[str, str] = field(default_factory=dict)


def bound_of_deployments(ids: Ids) -> dict[uuid.UUID, Snapshot]:
    """For each deployment that is on the register: its own fields and those of its system."""
    rows = list(models.Deployment.objects.filter(pk__in=ids).select_related("system"))
    parts = _parts([row.pk for row in rows])
    roles = _roles([row.system_id for row in rows], parts.names)
    return {row.pk: _snapshot(row.system, [row], parts, roles.get(row.system_id, ())) for row in rows}


def bound_of_systems(ids: Ids) -> dict[uuid.UUID, Snapshot]:
    """For each system that is on the register: its own fields, and those of its deployments together."""
    systems = list(models.System.objects.filter(pk__in=ids))
    rows = models.Deployment.objects.filter(system__in=[row.pk for row in systems], retired_at__isnull=True)
    by_system: defaultdict[uuid.UUID, list[models.Deployment]] = defaultdict(list)
    for row in rows:
        by_system[row.system_id].append(row)
    parts = _parts([row.pk for several in by_system.values() for row in several])
    roles = _roles([row.pk for row in systems], parts.names)
    return {row.pk: _snapshot(row, by_system[row.pk], parts, roles.get(row.pk, ())) for row in systems}


def _snapshot(
    system: models.System, deployments: list[models.Deployment], parts: _Parts, roles: Iterable[str]
) -> Snapshot:
    bound: dict[str, Any] = {
        "purpose": system.purpose,
        "risk_class": system.risk_class,
        "annex_iii_points": listed(system.annex_iii_points),
        "decision_impact": system.decision_impact,
        "persons_affected": listed(system.persons_affected),
        "interacts_with_persons": system.interacts_with_persons,
        "roles": listed(list(roles)),
        "environments": listed([row.environment for row in deployments]),
        "capture_modes": listed([row.capture_mode for row in deployments]),
        "models": listed([text for row in deployments for text in parts.models[row.pk]]),
        "datasets": listed([text for row in deployments for text in parts.datasets[row.pk]]),
        "placements": listed([text for row in deployments for text in parts.places[row.pk]]),
    }
    mentioned = {
        text.partition(" ")[0] for value in bound.values() if isinstance(value, list) for text in value
    }
    return Snapshot(bound, {key: parts.names[key] for key in sorted(mentioned) if key in parts.names})


def _parts(ids: Ids) -> _Parts:
    parts = _Parts()
    _models(ids, parts)
    _datasets(ids, parts)
    _places(ids, parts)
    return parts


def _models(ids: Ids, parts: _Parts) -> None:
    uses = list(
        models.DeploymentUse.objects.filter(open_now(), deployment__in=ids).values_list(
            "deployment", "endpoint"
        )
    )
    routes: defaultdict[uuid.UUID, set[uuid.UUID]] = defaultdict(set)
    used = {endpoint for _deployment, endpoint in uses}
    for gateway, upstream in models.EndpointRoute.objects.filter(open_now(), gateway__in=used).values_list(
        "gateway", "upstream"
    ):
        routes[gateway].add(upstream)
    answering = used | {upstream for several in routes.values() for upstream in several}
    served: defaultdict[uuid.UUID, set[str]] = defaultdict(set)
    rows = models.EndpointServes.objects.filter(open_now(), endpoint__in=answering)
    for row in rows.select_related("model_version__model"):
        served[row.endpoint_id].add(_named(parts, row.model_version_id, version_name(row.model_version)))
    for deployment, endpoint in uses:
        for one in (endpoint, *routes[endpoint]):
            parts.models[deployment] += served[one]


def _datasets(ids: Ids, parts: _Parts) -> None:
    rows = models.Binding.objects.filter(open_now(), deployment__in=ids)
    for row in rows.select_related("dataset_version__dataset"):
        version = row.dataset_version
        key = _named(parts, version.pk, f"{version.dataset.name} {version.label}")
        parts.datasets[row.deployment_id].append(
            " ".join([
                key, row.purpose, version.classification, f"personal_data={version.personal_data}",
                *sorted(version.special_categories),
            ])
        )  # fmt: skip


def _places(ids: Ids, parts: _Parts) -> None:
    rows = models.Placement.objects.filter(open_now(), deployment__in=ids).select_related("site", "fleet")
    for row in rows:
        place = row.site or row.fleet
        if place is not None:
            parts.places[row.deployment_id].append(_named(parts, place.pk, place.name))


def _roles(ids: Ids, names: dict[str, str]) -> dict[uuid.UUID, list[str]]:
    found: defaultdict[uuid.UUID, list[str]] = defaultdict(list)
    rows = models.SystemRole.objects.filter(open_now(), system__in=set(ids)).select_related("entity")
    for row in rows:
        names[str(row.entity_id)] = row.entity.name
        found[row.system_id].append(f"{row.entity_id} {row.role}")
    return found


def _named(parts: _Parts, pk: uuid.UUID, name: str) -> str:
    parts.names[str(pk)] = name
    return str(pk)
