"""Verbs on sites and fleets."""

from __future__ import annotations

import uuid
from typing import TypedDict, Unpack

from django.utils.translation import gettext as _

from audit.services import verb
from inventory.domain.graphs import closes_circle
from inventory.models import Site
from inventory.services.nouns import FLEET, SITE
from inventory.services.writing import change, insert, retire
from kernel.actor import Actor
from kernel.errors import Invalid


class SiteFields(TypedDict, total=False):
    name: str
    slug: str
    tier: str
    country: str
    region: str
    connectivity: str
    offline_budget_hours: int | None
    operator: uuid.UUID | None
    parent: uuid.UUID | None
    unit: uuid.UUID | None
    note: str


class FleetFields(TypedDict, total=False):
    name: str
    slug: str
    site: uuid.UUID
    kind: str
    os: str
    expected_count: int | None
    note: str


@verb("inventory.site.register")
def register_site(actor: Actor, *, reason: str = "", **fields: Unpack[SiteFields]) -> uuid.UUID:
    """Add a place where AI runs or data lies. Its slug is what senders name as their place."""
    return insert(SITE, actor, fields, reason=reason).pk


@verb("inventory.site.edit")
def edit_site(
    actor: Actor, site_id: uuid.UUID, *, version: int | None, reason: str = "", **fields: Unpack[SiteFields]
) -> int:
    """Change a site; returns the new version. Raises Invalid where the tree would close a circle."""
    _refuse_circle(site_id, fields.get("parent"))
    return change(SITE, actor, site_id, fields, version=version, reason=reason).version


@verb("inventory.site.retire")
def retire_site(actor: Actor, site_id: uuid.UUID, *, version: int | None, reason: str) -> int:
    """Close a site where nothing is placed any more."""
    return retire(SITE, actor, site_id, version=version, reason=reason).version


@verb("inventory.fleet.register")
def register_fleet(actor: Actor, *, reason: str = "", **fields: Unpack[FleetFields]) -> uuid.UUID:
    """Add many alike devices of a site, counted and not listed."""
    return insert(FLEET, actor, fields, reason=reason).pk


@verb("inventory.fleet.edit")
def edit_fleet(
    actor: Actor, fleet_id: uuid.UUID, *, version: int | None, reason: str = "", **fields: Unpack[FleetFields]
) -> int:
    """Change a fleet; returns the new version."""
    return change(FLEET, actor, fleet_id, fields, version=version, reason=reason).version


@verb("inventory.fleet.retire")
def retire_fleet(actor: Actor, fleet_id: uuid.UUID, *, version: int | None, reason: str) -> int:
    """Take a fleet out of use on which nothing is placed any more."""
    return retire(FLEET, actor, fleet_id, version=version, reason=reason).version


def _refuse_circle(site_id: uuid.UUID, parent_id: uuid.UUID | None) -> None:
    if parent_id is None:
        return
    edges = Site.objects.filter(parent__isnull=False).values_list("id", "parent_id")
    if closes_circle(((child, parent) for child, parent in edges if parent), (site_id, parent_id)):
        problem = _("A site cannot lie inside itself.")
        raise Invalid(problem, code="circle", fields={"parent": [problem]})
