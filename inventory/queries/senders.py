"""What senders are: everything the register says about them, loaded once and kept until the register changes."""

from __future__ import annotations

import threading
import uuid
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Max, Sum, Value
from django.utils.translation import get_language, gettext

from inventory import models
from inventory.domain import graphs
from inventory.domain import senders as domain
from inventory.domain.senders import (
    Basis,
    DeploymentFacts,
    During,
    EndpointFacts,
    Register,
    SiteFacts,
    Statement,
)
from inventory.domain.words import KeyScope
from inventory.models.base import Dated, Kept
from kernel import clock
from kernel.contracts.ingest import CaptureMode, Resolution, RetentionClass, SenderIdentity

Stamp = tuple[object, ...]
_WATCHED: tuple[type[Kept], ...] = (
    models.Unit,
    models.Site,
    models.Fleet,
    models.System,
    models.Endpoint,
    models.Deployment,
    models.Placement,
    models.DeploymentUse,
    models.EndpointKey,
    models.SenderRule,
    models.SenderDismissal,
)
_MOST_REMEMBERED = 50_000
"""Answers kept per state of the register; beyond it they are simply computed again."""


def last_changed() -> Stamp:
    """A stamp that is another one after every change of what senders can be. One query.

    Versions only grow, so their sums name the state of each table even if clocks stand still; the moments tell apart
    two registers that happen to have the same sums.
    """
    parts = [
        model._default_manager.order_by()
        .annotate(_table=Value(number))
        .values("_table")
        .annotate(_versions=Sum("version"), _moment=Max("updated_at"))
        .values_list("_table", "_versions", "_moment")
        for number, model in enumerate(_WATCHED)
    ]
    return tuple(sorted(parts[0].union(*parts[1:], all=True)))


def sender_resolver(*, at: datetime | None = None) -> Callable[[SenderIdentity], tuple[Resolution, ...]]:
    """A function that says what senders are, over all time or (`at`) at one moment; oldest first.

    The register is loaded once per change of it; asking again costs one query for all senders together.
    """
    loaded = _current()
    phrases = _phrases()
    language = get_language() or ""

    def resolve(identity: SenderIdentity) -> tuple[Resolution, ...]:
        answer = loaded.answer(identity, language, phrases)
        return answer if at is None else tuple(one for one in answer if holds_at(one, clock.to_ns(at)))

    return resolve


def holds_at(resolution: Resolution, moment_ns: int) -> bool:
    """Whether a resolution speaks of this moment."""
    begun = resolution.valid_from_ns is None or resolution.valid_from_ns <= moment_ns
    return begun and (resolution.valid_until_ns is None or moment_ns < resolution.valid_until_ns)


def dismissed_sender_ids() -> frozenset[bytes]:
    """The senders that somebody dismissed, by id."""
    found = models.SenderDismissal.objects.filter(retired_at__isnull=True)
    return frozenset(bytes.fromhex(text) for text in found.values_list("sender_id", flat=True))


def units_of_keys() -> dict[bytes, uuid.UUID | None]:
    """The unit that each key speaks for, by key id; None is the whole organisation. Who may see unknown senders."""
    rows = models.EndpointKey.objects.select_related("site", "deployment__system")
    return {row.pk.bytes: _unit_of_key(row) for row in rows}


def load_register() -> Register:
    """Everything that the register says about senders, retired things included: the past stays explained."""
    sites = _sites()
    endpoints = _endpoints(sites)
    deployments, claims = _deployments(sites, endpoints)
    return Register(
        rules=_rules(deployments, endpoints, sites),
        claims=claims,
        places={slug: sites[pk] for slug, pk in models.Site.objects.values_list("slug", "id")},
        keys=_keys(deployments, sites),
        reach=_reach(deployments),
        dismissed=dismissed_sender_ids(),
    )


@dataclass(slots=True)
class _Loaded:
    """One state of the register, with the answers given from it."""

    stamp: Stamp
    register: Register
    answers: dict[tuple[str, SenderIdentity], tuple[Resolution, ...]] = field(default_factory=dict)

    def answer(
        self, identity: SenderIdentity, language: str, phrases: Mapping[Basis, str]
    ) -> tuple[Resolution, ...]:
        known = self.answers.get((language, identity))
        if known is not None:
            return known
        found = domain.resolve(identity, self.register, phrases=phrases)
        if len(self.answers) < _MOST_REMEMBERED:
            self.answers[language, identity] = found
        return found


_lock = threading.Lock()
_kept: list[_Loaded] = []


def _current() -> _Loaded:
    stamp = last_changed()
    with _lock:
        if _kept and _kept[0].stamp == stamp:
            return _kept[0]
    loaded = _Loaded(stamp, load_register())
    with _lock:
        _kept[:] = [loaded]
    return loaded


def _phrases() -> dict[Basis, str]:
    return {
        Basis.RULE: gettext("rule: %(what)s"),
        Basis.CLAIM: gettext("claimed by the sender: %(what)s"),
        Basis.PLACE: gettext("place named by the sender: %(what)s"),
        Basis.KEY: gettext("the key speaks for it alone"),
    }


def _sites() -> dict[uuid.UUID, SiteFacts]:
    rows = models.Site.objects.values_list("id", "name", "tier", "unit_id")
    return {pk: SiteFacts(pk, name, tier, unit) for pk, name, tier, unit in rows}


def _endpoints(sites: Mapping[uuid.UUID, SiteFacts]) -> dict[uuid.UUID, EndpointFacts]:
    rows = models.Endpoint.objects.values_list("id", "name", "unit_id", "site_id", "fleet__site_id")
    return {
        pk: EndpointFacts(pk, name, unit, _at(sites, site or fleet_site))
        for pk, name, unit, site, fleet_site in rows
    }


def _deployments(
    sites: Mapping[uuid.UUID, SiteFacts], endpoints: Mapping[uuid.UUID, EndpointFacts]
) -> tuple[dict[uuid.UUID, DeploymentFacts], dict[str, DeploymentFacts]]:
    """Deployments by id, and by what senders may claim: slug, or system and environment where that is one only."""
    places = _placements(sites)
    uses = _uses(endpoints)
    by_id: dict[uuid.UUID, DeploymentFacts] = {}
    slugs: dict[str, DeploymentFacts] = {}
    pairs: defaultdict[str, list[DeploymentFacts]] = defaultdict(list)
    for row in models.Deployment.objects.select_related("system"):
        facts = DeploymentFacts(
            id=row.pk,
            name=row.name,
            environment=row.environment,
            unit_id=row.system.unit_id,
            capture_mode=CaptureMode(row.capture_mode),
            retention_class=RetentionClass(row.retention_class),
            retired=row.retired_at is not None,
            places=tuple(places[row.pk]),
            uses=tuple(uses[row.pk]),
        )
        by_id[row.pk] = slugs[row.slug] = facts
        pairs[f"{row.system.slug}/{row.environment}"].append(facts)
    return by_id, {**_unambiguous(pairs), **slugs}


def _unambiguous(pairs: Mapping[str, list[DeploymentFacts]]) -> dict[str, DeploymentFacts]:
    """Where a system runs twice in one environment, only the slug says which one is meant."""
    found: dict[str, DeploymentFacts] = {}
    for claim, options in pairs.items():
        in_use = [option for option in options if not option.retired] or options
        if len(in_use) == 1:
            found[claim] = in_use[0]
    return found


def _placements(sites: Mapping[uuid.UUID, SiteFacts]) -> defaultdict[uuid.UUID, list[During[SiteFacts]]]:
    found: defaultdict[uuid.UUID, list[During[SiteFacts]]] = defaultdict(list)
    for row in models.Placement.objects.filter(retired_at__isnull=True).select_related("fleet"):
        at = row.fleet.site_id if row.fleet is not None else row.site_id
        if at is not None:
            found[row.deployment_id].append(_during(sites[at], row))
    return found


def _uses(
    endpoints: Mapping[uuid.UUID, EndpointFacts],
) -> defaultdict[uuid.UUID, list[During[EndpointFacts]]]:
    found: defaultdict[uuid.UUID, list[During[EndpointFacts]]] = defaultdict(list)
    for row in models.DeploymentUse.objects.filter(retired_at__isnull=True):
        found[row.deployment_id].append(_during(endpoints[row.endpoint_id], row))
    return found


def _rules(
    deployments: Mapping[uuid.UUID, DeploymentFacts],
    endpoints: Mapping[uuid.UUID, EndpointFacts],
    sites: Mapping[uuid.UUID, SiteFacts],
) -> tuple[Statement, ...]:
    rows = models.SenderRule.objects.filter(retired_at__isnull=True).select_related("key")
    bearers = _bearers()
    return tuple(
        Statement(
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
        for row in rows
        if not _takes_a_name(row, deployments, bearers)
    )


def _bearers() -> dict[str, set[uuid.UUID | None]]:
    """The units of the deployments that bear each name that senders may claim."""
    units: defaultdict[str, set[uuid.UUID | None]] = defaultdict(set)
    for row in models.Deployment.objects.select_related("system"):
        for claim in (row.slug, f"{row.system.slug}/{row.environment}"):
            units[claim].add(row.system.unit_id)
    return units


def _takes_a_name(
    rule: models.SenderRule,
    deployments: Mapping[uuid.UUID, DeploymentFacts],
    bearers: Mapping[str, set[uuid.UUID | None]],
) -> bool:
    """Whether a rule would draw senders that claim another unit's deployment to its own.

    Who may make a rule for the name of a deployment of theirs may give that name away later, to whoever registers it
    next. A rule that names the key has been allowed by those who manage it.
    """
    if rule.key_id is not None or rule.deployment_id is None:
        return False
    units = bearers.get(rule.claimed_deployment, set())
    return bool(units) and deployments[rule.deployment_id].unit_id not in units


def _keys(
    deployments: Mapping[uuid.UUID, DeploymentFacts], sites: Mapping[uuid.UUID, SiteFacts]
) -> dict[bytes, Statement]:
    """What the scope of a key alone says: a key of one deployment speaks for it, whatever its sender is called."""
    narrow = models.EndpointKey.objects.filter(scope__in=[KeyScope.DEPLOYMENT, KeyScope.SITE])
    return {
        row.pk.bytes: Statement(
            Basis.KEY,
            key_id=row.pk.bytes,
            deployment=deployments[row.deployment_id] if row.deployment_id else None,
            site=sites[row.site_id] if row.site_id else None,
        )
        for row in narrow
    }


def _reach(deployments: Mapping[uuid.UUID, DeploymentFacts]) -> dict[bytes, frozenset[str]]:
    """The sites (slugs) where each bounded key may be; the rule is that of `inventory.adapters.directories`."""
    sites = list(models.Site.objects.values_list("id", "slug", "unit_id", "parent_id"))
    slugs = {pk: slug for pk, slug, _unit, _parent in sites}
    above = [(pk, parent) for pk, _slug, _unit, parent in sites if parent is not None]
    units = models.Unit.objects.filter(parent__isnull=False).values_list("id", "parent_id")
    unit_above = [(child, parent) for child, parent in units if parent is not None]

    def reach(row: models.EndpointKey) -> frozenset[str]:
        if row.deployment_id is not None:
            return frozenset(slugs[place.what.id] for place in deployments[row.deployment_id].places)
        if row.site_id is not None:
            return frozenset(slugs[pk] for pk in graphs.below(above, row.site_id))
        inside = graphs.below(unit_above, row.unit_id) if row.unit_id else frozenset()
        return frozenset(slug for _pk, slug, unit, _parent in sites if unit is None or unit in inside)

    bounded = models.EndpointKey.objects.exclude(scope=KeyScope.EVERYTHING)
    return {row.pk.bytes: reach(row) for row in bounded}


def _unit_of_key(row: models.EndpointKey) -> uuid.UUID | None:
    if row.deployment is not None:
        return row.deployment.system.unit_id
    return row.site.unit_id if row.site is not None else row.unit_id


def _at(sites: Mapping[uuid.UUID, SiteFacts], site_id: uuid.UUID | None) -> SiteFacts | None:
    return sites[site_id] if site_id is not None else None


def _during(what: domain.T, row: Dated) -> During[domain.T]:
    return During(what, _ns(row.valid_from), _ns(row.valid_until))


def _ns(moment: datetime | None) -> int | None:
    return None if moment is None else clock.to_ns(moment)
