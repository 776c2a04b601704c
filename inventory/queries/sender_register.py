"""What the register says about senders: about some of them, or everything.

Pages ask about the senders that they show, so that a page costs what it shows and not what the organisation has; ingest,
which meets any sender at any moment, loads everything once per change. Both ways go through the same functions: a
`Scope` narrows each question, or leaves it open.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Min, Q

from inventory import models
from inventory.domain import graphs
from inventory.domain.senders import (
    Basis,
    DeploymentFacts,
    During,
    EndpointFacts,
    Register,
    SiteFacts,
    Statement,
    T,
)
from inventory.domain.words import KeyScope
from inventory.models.base import Dated
from kernel import clock
from kernel.contracts.ingest import CaptureMode, RetentionClass, SenderIdentity

Ids = Iterable[uuid.UUID | None]
SiteLine = tuple[uuid.UUID, str, uuid.UUID | None, uuid.UUID | None]
"""A site as id, slug, unit and the site that it is part of."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Which rows can matter. Without identities, all of them."""

    identities: tuple[SenderIdentity, ...] | None = None

    @property
    def everything(self) -> bool:
        return self.identities is None

    def said(self, part: str) -> set[str]:
        """What the senders say in one part of what they call themselves; silence left out."""
        return {text for one in self.identities or () if (text := str(getattr(one, part)))}

    def keys(self) -> set[uuid.UUID]:
        return {uuid.UUID(bytes=one.key_id) for one in self.identities or ()}

    def among(self, column: str, values: Iterable[object]) -> Q:
        """The rows with one of these values in a column; all rows where everything is asked for."""
        return Q() if self.everything else Q(**{f"{column}__in": {one for one in values if one is not None}})

    def rules(self) -> Q:
        """The rules that may fit: patterns with wildcards are tried later, one by one."""
        if self.everything:
            return Q()
        wild = Q(service_name__contains="*") | Q(service_name__contains="?")
        return (
            (Q(key__isnull=True) | Q(key__in=self.keys()))
            & (wild | Q(service_name__in={"", *self.said("service_name")}))
            & Q(claimed_deployment__in={"", *self.said("claimed_deployment")})
            & Q(place__in={"", *self.said("place")})
        )


EVERYTHING = Scope()


def load_register(about: Collection[SenderIdentity] | None = None) -> Register:
    """What the register says about these senders, or about any; retired things included: the past stays explained.

    A fixed number of queries, whose answers grow with the senders asked about and not with the register.
    """
    scope = Scope(None if about is None else tuple(about))
    rules = list(
        models.SenderRule.objects.filter(scope.rules(), retired_at__isnull=True).select_related("key")
    )
    keys = list(models.EndpointKey.objects.filter(scope.among("pk", scope.keys())))
    pairs = _pairs(scope)
    rows = _deployment_rows(scope, rules, keys, pairs)
    uses = list(models.DeploymentUse.objects.filter(_of_these(scope, rows)))
    placements = list(models.Placement.objects.filter(_of_these(scope, rows)).select_related("fleet"))
    endpoint_rows = _endpoint_rows(
        scope, {*(rule.endpoint_id for rule in rules), *(use.endpoint_id for use in uses)}
    )
    lines = _site_lines(scope)
    sites = _sites(
        scope,
        {
            *(rule.site_id for rule in rules),
            *(key.site_id for key in keys),
            *(place.site_id or (place.fleet.site_id if place.fleet else None) for place in placements),
            *(site or fleet_site for _pk, _name, _unit, site, fleet_site in endpoint_rows),
            *(pk for pk, _slug, _unit, _parent in lines),
        },
    )
    endpoints = {
        pk: EndpointFacts(pk, name, unit, _at(sites, site or fleet_site))
        for pk, name, unit, site, fleet_site in endpoint_rows
    }
    deployments = _deployments(rows, _placements(placements, sites), _uses(uses, endpoints))
    by_slug = {row.slug: deployments[row.pk] for row in rows}
    return Register(
        rules=tuple(_rule(row, deployments, endpoints, sites) for row in rules),
        claims={**{pair: by_slug[one.slug] for pair, one in pairs.items() if one.slug}, **by_slug},
        bearers={
            **{pair: one.unit_id for pair, one in pairs.items()},
            **{row.slug: row.system.unit_id for row in rows},
        },
        places={slug: sites[pk] for pk, slug, _unit, _parent in lines},
        keys=_keys(keys, deployments, sites),
        reach=_reach(keys, deployments, lines),
        dismissed=dismissed_sender_ids(scope),
    )


def dismissed_sender_ids(scope: Scope = EVERYTHING) -> frozenset[bytes]:
    """The senders that somebody dismissed, by id."""
    asked = scope.among("sender_id", (one.sender_id().hex() for one in scope.identities or ()))
    found = models.SenderDismissal.objects.filter(asked, retired_at__isnull=True)
    return frozenset(bytes.fromhex(text) for text in found.values_list("sender_id", flat=True))


@dataclass(frozen=True, slots=True)
class _Pair:
    """What `system/environment` names: the slug of the one deployment meant, empty where there is a choice."""

    slug: str
    unit_id: uuid.UUID | None


def _pairs(scope: Scope) -> dict[str, _Pair]:
    """Where a system runs twice in one environment, only the slug says which one is meant. Counted by the database."""
    said = {claim.rpartition("/")[::2] for claim in scope.said("claimed_deployment") if "/" in claim}
    rows = (
        models.Deployment.objects.filter(
            scope.among("system__slug", (system for system, _environment in said)),
            scope.among("environment", (environment for _system, environment in said)),
        )
        .order_by()
        .values("system__slug", "environment", "system__unit_id")
        .annotate(
            in_use=Count("pk", filter=Q(retired_at__isnull=True)),
            total=Count("pk"),
            used=Min("slug", filter=Q(retired_at__isnull=True)),
            any_slug=Min("slug"),
        )
    )
    return {f"{row['system__slug']}/{row['environment']}": _pair(row) for row in rows}


def _pair(row: Mapping[str, Any]) -> _Pair:
    slug = row["used"] if row["in_use"] == 1 else ""
    if not row["in_use"] and row["total"] == 1:
        slug = row["any_slug"]
    return _Pair(slug, row["system__unit_id"])


def _deployment_rows(
    scope: Scope,
    rules: Iterable[models.SenderRule],
    keys: Iterable[models.EndpointKey],
    pairs: Mapping[str, _Pair],
) -> list[models.Deployment]:
    named = {*scope.said("claimed_deployment"), *(pair.slug for pair in pairs.values())}
    pointed_at = scope.among(
        "pk", [*(rule.deployment_id for rule in rules), *(key.deployment_id for key in keys)]
    )
    asked = pointed_at if scope.everything else pointed_at | scope.among("slug", named)
    return list(
        models.Deployment.objects.filter(asked)
        .select_related("system")
        .only("slug", "name", "environment", "capture_mode", "retention_class", "retired_at", "system__unit")
    )


def _of_these(scope: Scope, deployments: Iterable[models.Deployment]) -> Q:
    return scope.among("deployment", (row.pk for row in deployments)) & Q(retired_at__isnull=True)


def _endpoint_rows(
    scope: Scope, ids: Ids
) -> list[tuple[uuid.UUID, str, uuid.UUID | None, uuid.UUID | None, uuid.UUID | None]]:
    rows = models.Endpoint.objects.filter(scope.among("pk", ids))
    return list(rows.values_list("id", "name", "unit_id", "site_id", "fleet__site_id"))


def _site_lines(scope: Scope) -> list[SiteLine]:
    """The sites that can be named, and those that they are part of."""
    columns = ("id", "slug", "unit_id", "parent_id")
    found: dict[uuid.UUID, SiteLine] = {}
    asked = scope.among("slug", scope.said("place"))
    while True:
        found |= {line[0]: line for line in models.Site.objects.filter(asked).values_list(*columns)}
        above = {parent for _pk, _slug, _unit, parent in found.values() if parent is not None} - found.keys()
        if not above:
            return list(found.values())
        asked = Q(pk__in=above)


def _sites(scope: Scope, ids: Ids) -> dict[uuid.UUID, SiteFacts]:
    rows = models.Site.objects.filter(scope.among("pk", ids)).values_list("id", "name", "tier", "unit_id")
    return {pk: SiteFacts(pk, name, tier, unit) for pk, name, tier, unit in rows}


def _deployments(
    rows: Iterable[models.Deployment],
    places: Mapping[uuid.UUID, list[During[SiteFacts]]],
    uses: Mapping[uuid.UUID, list[During[EndpointFacts]]],
) -> dict[uuid.UUID, DeploymentFacts]:
    return {
        row.pk: DeploymentFacts(
            id=row.pk,
            name=row.name,
            environment=row.environment,
            unit_id=row.system.unit_id,
            capture_mode=CaptureMode(row.capture_mode),
            retention_class=RetentionClass(row.retention_class),
            retired=row.retired_at is not None,
            places=tuple(places.get(row.pk, ())),
            uses=tuple(uses.get(row.pk, ())),
        )
        for row in rows
    }


def _placements(
    rows: Iterable[models.Placement], sites: Mapping[uuid.UUID, SiteFacts]
) -> dict[uuid.UUID, list[During[SiteFacts]]]:
    found: defaultdict[uuid.UUID, list[During[SiteFacts]]] = defaultdict(list)
    for row in rows:
        at = row.fleet.site_id if row.fleet is not None else row.site_id
        if at is not None:
            found[row.deployment_id].append(_during(sites[at], row))
    return found


def _uses(
    rows: Iterable[models.DeploymentUse], endpoints: Mapping[uuid.UUID, EndpointFacts]
) -> dict[uuid.UUID, list[During[EndpointFacts]]]:
    found: defaultdict[uuid.UUID, list[During[EndpointFacts]]] = defaultdict(list)
    for row in rows:
        found[row.deployment_id].append(_during(endpoints[row.endpoint_id], row))
    return found


def _rule(
    row: models.SenderRule,
    deployments: Mapping[uuid.UUID, DeploymentFacts],
    endpoints: Mapping[uuid.UUID, EndpointFacts],
    sites: Mapping[uuid.UUID, SiteFacts],
) -> Statement:
    return Statement(
        Basis.RULE,
        id=row.pk,
        key_id=row.key_id.bytes if row.key_id else None,
        key_public_id=row.key.public_id if row.key else "",
        service_namespace=row.service_namespace,
        service_name=row.service_name,
        environment=row.environment,
        place=row.place,
        claimed_deployment=row.claimed_deployment,
        priority=row.priority,
        from_ns=_ns(row.valid_from),
        until_ns=_ns(row.valid_until),
        deployment=deployments[row.deployment_id] if row.deployment_id else None,
        endpoint=endpoints[row.endpoint_id] if row.endpoint_id else None,
        site=sites[row.site_id] if row.site_id else None,
    )


def _keys(
    rows: Iterable[models.EndpointKey],
    deployments: Mapping[uuid.UUID, DeploymentFacts],
    sites: Mapping[uuid.UUID, SiteFacts],
) -> dict[bytes, Statement]:
    """What the scope of a key alone says: a key of one deployment speaks for it, whatever its sender is called."""
    return {
        row.pk.bytes: Statement(
            Basis.KEY,
            key_id=row.pk.bytes,
            deployment=deployments[row.deployment_id] if row.deployment_id else None,
            site=sites[row.site_id] if row.site_id else None,
        )
        for row in rows
        if row.scope in (KeyScope.DEPLOYMENT, KeyScope.SITE)
    }


def _reach(
    rows: Iterable[models.EndpointKey],
    deployments: Mapping[uuid.UUID, DeploymentFacts],
    sites: Collection[SiteLine],
) -> dict[bytes, frozenset[str]]:
    """At which of these sites (slugs) each bounded key may be; the rule is that of `inventory.adapters.directories`."""
    slugs = {pk: slug for pk, slug, _unit, _parent in sites}
    above = [(pk, parent) for pk, _slug, _unit, parent in sites if parent is not None]
    units = models.Unit.objects.filter(parent__isnull=False).values_list("id", "parent_id")
    unit_above = [(child, parent) for child, parent in units if parent is not None]

    def reach(row: models.EndpointKey) -> frozenset[str]:
        if row.deployment_id is not None:
            placed = (place.what.id for place in deployments[row.deployment_id].places)
            return frozenset(slugs[pk] for pk in placed if pk in slugs)
        if row.site_id is not None:
            return frozenset(slugs[pk] for pk in graphs.below(above, row.site_id) if pk in slugs)
        inside = graphs.below(unit_above, row.unit_id) if row.unit_id else frozenset()
        return frozenset(slug for _pk, slug, unit, _parent in sites if unit is None or unit in inside)

    return {row.pk.bytes: reach(row) for row in rows if row.scope != KeyScope.EVERYTHING}


def _at(sites: Mapping[uuid.UUID, SiteFacts], site_id: uuid.UUID | None) -> SiteFacts | None:
    return sites[site_id] if site_id is not None else None


def _during(what: T, row: Dated) -> During[T]:
    return During(what, _ns(row.valid_from), _ns(row.valid_until))


def _ns(moment: datetime | None) -> int | None:
    return None if moment is None else clock.to_ns(moment)
