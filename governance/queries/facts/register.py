"""The register's part of the facts: deployments, systems and datasets."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeVar

from django.db.models import Count, Model, Q, QuerySet

from governance.domain.facts import without_unknown
from governance.domain.policies import Subject, SubjectKind
from governance.domain.states import Standing
from governance.queries.approvals import approval_state
from governance.queries.facts.heard import Heard, HeardOf
from governance.queries.facts.models import declared_names
from governance.queries.facts.places import Place, allowed, of_endpoint, of_site
from inventory import models
from inventory.domain.states import runs_unapproved
from inventory.domain.words import DeploymentState, PersonalData
from inventory.queries.columns import open_now
from kernel import clock

CHUNK = 500
"""Subjects whose facts are read together."""
PER_MILLE = 1000

M = TypeVar("M", bound=Model)


def deployments(heard: Heard) -> list[Subject]:
    """Every deployment that is not retired, and the retired ones that still talk."""
    talking = {
        deployment_id
        for deployment_id, of in heard.deployments.items()
        if _hours(of.last_ns, heard.now_ns, 168)
    }
    rows = models.Deployment.objects.filter(Q(retired_at__isnull=True) | Q(pk__in=talking)).select_related(
        "system"
    )
    return [subject for chunk in _chunks(rows) for subject in _deployment_subjects(chunk, heard)]


def systems() -> list[Subject]:
    """Every system that is not retired."""
    live = Count("deployments", filter=Q(deployments__state=DeploymentState.LIVE))
    rows = models.System.objects.filter(retired_at__isnull=True).annotate(live=live)
    found = []
    for chunk in _chunks(rows):
        standings = approval_state(systems=[row.pk for row in chunk])
        found += [_system_subject(row, standings[row.pk]) for row in chunk]
    return found


def datasets() -> list[Subject]:
    """Every version of a dataset that is not retired."""
    used = Count("bindings__deployment", filter=_open_binding(), distinct=True)
    rows = (
        models.DatasetVersion.objects.filter(retired_at__isnull=True)
        .select_related("dataset")
        .annotate(deployments=used)
    )
    return [_dataset_subject(row) for chunk in _chunks(rows) for row in chunk]


def _open_binding() -> Q:
    return Q(bindings__retired_at__isnull=True, bindings__valid_until__isnull=True)


def _chunks(rows: QuerySet[M]) -> Iterator[list[M]]:
    """Rows by key, 500 at a time; a bounded query each."""
    after: Any = None
    while True:
        query = rows.order_by("pk") if after is None else rows.filter(pk__gt=after).order_by("pk")
        chunk = list(query[:CHUNK])
        if chunk:
            yield chunk
        if len(chunk) < CHUNK:
            return
        after = chunk[-1].pk


@dataclass(slots=True)
class _Ties:
    """What some deployments are connected to, by deployment."""

    places: defaultdict[uuid.UUID, list[Place]] = field(default_factory=lambda: defaultdict(list))
    placed_at: dict[uuid.UUID, Any] = field(default_factory=dict)
    endpoints: defaultdict[uuid.UUID, set[uuid.UUID]] = field(default_factory=lambda: defaultdict(set))
    bindings: defaultdict[uuid.UUID, list[models.Binding]] = field(default_factory=lambda: defaultdict(list))


def _ties(ids: list[uuid.UUID]) -> _Ties:
    found = _Ties()
    placements = models.Placement.objects.filter(open_now(), deployment__in=ids)
    for placement in placements.select_related("site", "fleet__site"):
        site = placement.site or (placement.fleet.site if placement.fleet else None)
        if site is not None:
            found.places[placement.deployment_id].append(of_site(site))
        if placement.valid_from is not None:
            known = found.placed_at.get(placement.deployment_id)
            found.placed_at[placement.deployment_id] = min(
                known or placement.valid_from, placement.valid_from
            )
    uses = models.DeploymentUse.objects.filter(open_now(), deployment__in=ids)
    for use in uses.select_related("endpoint__site", "endpoint__fleet__site"):
        if use.endpoint_id not in found.endpoints[use.deployment_id]:
            found.endpoints[use.deployment_id].add(use.endpoint_id)
            found.places[use.deployment_id].append(_place_of(use.endpoint))
    _routed(found)
    bindings = models.Binding.objects.filter(open_now(), deployment__in=ids)
    for binding in bindings.select_related("dataset_version__dataset").order_by("pk"):
        found.bindings[binding.deployment_id].append(binding)
    return found


def _routed(found: _Ties) -> None:
    """A gateway answers with what it routes to, so models answer there as well; one step."""
    used = {endpoint for ids in found.endpoints.values() for endpoint in ids}
    upstreams: defaultdict[uuid.UUID, dict[uuid.UUID, Place]] = defaultdict(dict)
    routes = models.EndpointRoute.objects.filter(open_now(), gateway__in=used)
    for route in routes.select_related("upstream__site", "upstream__fleet__site"):
        upstreams[route.gateway_id][route.upstream_id] = _place_of(route.upstream)
    for deployment, ids in found.endpoints.items():
        behind = {key: place for gateway in sorted(ids) for key, place in upstreams[gateway].items()}
        found.places[deployment] += [place for key, place in behind.items() if key not in ids]


def _place_of(endpoint: models.Endpoint) -> Place:
    return of_endpoint(endpoint, endpoint.site or (endpoint.fleet.site if endpoint.fleet else None))


def _deployment_subjects(rows: list[models.Deployment], heard: Heard) -> Iterator[Subject]:
    ids = [row.pk for row in rows]
    ties = _ties(ids)
    declared = declared_names(ties.endpoints)
    standings = approval_state(systems={row.system_id for row in rows}, deployments=ids)
    for row in rows:
        of = heard.of(row.pk)
        bound = [_bound(binding, ties.places[row.pk]) for binding in ties.bindings[row.pk]]
        names = declared.get(row.pk, frozenset())
        facts = {
            "slug": row.slug,
            "environment": row.environment,
            "state": row.state,
            "capture_mode": row.capture_mode,
            "retention_class": row.retention_class,
            "places": [place.facts for place in ties.places[row.pk]],
            "datasets": bound,
            "system": _system_facts(row.system, standings[row.system_id]),
            "approval": standings[row.pk].value,
            "approved": Standing.APPROVED in (standings[row.pk], standings[row.system_id]),
            "declared_models": sorted(names),
            "observed_models": sorted(of.models) if of.last_ns is not None else None,
            "undeclared_models": _undeclared(of, names),
            "declares_personal_data": _any(item["contains_personal_data"] for item in bound),
            "heard": of.last_ns is not None,
            "silent_hours": _since(of.last_ns, heard.now_ns),
            "live_days": _days(ties.placed_at.get(row.pk), heard.now_ns),
            "checks": _checks(of),
        }
        yield Subject(
            kind=SubjectKind.DEPLOYMENT,
            id=str(row.pk),
            label=row.name,
            unit_id=row.system.unit_id,
            facts=without_unknown(facts),
            evidence=tuple(reference for _when, reference in of.evidence),
            moment_ns=max((when for when, _reference in of.evidence), default=None),
            deployment_id=row.pk,
            system_id=row.system_id,
        )


def _bound(binding: models.Binding, places: list[Place]) -> dict[str, Any]:
    version = binding.dataset_version
    return {
        "slug": version.dataset.slug,
        "version": version.label,
        "purpose": binding.purpose,
        "basis": binding.basis,
        **_dataset_facts(version),
        "residency_allowed": allowed(version.residency, places),
    }


def _dataset_facts(version: models.DatasetVersion) -> dict[str, Any]:
    return {
        "classification": version.classification,
        "contains_personal_data": _said(version.personal_data),
        "special_categories": list(version.special_categories),
        "data_subjects": list(version.data_subjects),
        "residency": list(version.residency) or None,
    }


def _said(personal_data: str) -> bool | None:
    return None if personal_data == PersonalData.UNKNOWN else personal_data == PersonalData.YES


def _system_facts(row: models.System, standing: Standing) -> dict[str, Any]:
    return {
        "slug": row.slug,
        "risk_class": row.risk_class,
        "state": row.state,
        "decision_impact": row.decision_impact,
        "persons_affected": list(row.persons_affected),
        "annex_iii_points": list(row.annex_iii_points),
        "interacts_with_persons": row.interacts_with_persons,
        "has_owner": row.owner_id is not None,
        "approved": standing is Standing.APPROVED,
        "approval": standing.value,
    }


def _system_subject(row: Any, standing: Standing) -> Subject:
    facts = {
        **_system_facts(row, standing),
        "live_deployments": row.live,
        "runs_unapproved": runs_unapproved(row.state, live_deployments=row.live),
    }
    return Subject(
        SubjectKind.SYSTEM, str(row.pk), row.name, row.unit_id, without_unknown(facts), system_id=row.pk
    )


def _dataset_subject(row: Any) -> Subject:
    facts = {
        "slug": row.dataset.slug,
        "version": row.label,
        **_dataset_facts(row),
        "retention_days": row.retention_days,
        "deployments": row.deployments,
    }
    label = f"{row.dataset.name} {row.label}"
    return Subject(SubjectKind.DATASET, str(row.pk), label, row.dataset.unit_id, without_unknown(facts))


def _undeclared(of: HeardOf, declared: frozenset[str]) -> list[str] | None:
    if of.last_ns is None:
        return None
    return sorted(name for name in of.models if name.lower() not in declared)


def _checks(of: HeardOf) -> dict[str, Any]:
    checks = of.checks
    return {
        "messages_checked": checks.messages_checked,
        "outputs_with_personal_data": checks.outputs_found if checks.messages_checked else None,
        "answers_judged": checks.judged,
        "answers_unsupported": checks.unsupported,
        "unsupported_per_mille": _share(checks.unsupported, checks.judged),
        "judged_per_mille": _share(checks.judged, checks.answers),
        "shadow": checks.shadow,
    }


def _share(part: int, whole: int) -> int | None:
    return part * PER_MILLE // whole if whole > 0 else None


def _any(answers: Iterable[bool | None]) -> bool | None:
    """Yes if one is; no if none is; not known if one is not known."""
    said = list(answers)
    if True in said:
        return True
    return None if None in said else False


def _since(moment_ns: int | None, now_ns: int) -> int | None:
    return None if moment_ns is None else max(0, now_ns - moment_ns) // clock.NANOSECONDS_PER_HOUR


def _hours(moment_ns: int | None, now_ns: int, most: int) -> bool:
    """Whether a moment lies no more than so many hours back."""
    hours = _since(moment_ns, now_ns)
    return hours is not None and hours <= most


def _days(moment: Any, now_ns: int) -> int | None:
    return None if moment is None else max(0, now_ns - clock.to_ns(moment)) // clock.NANOSECONDS_PER_DAY
