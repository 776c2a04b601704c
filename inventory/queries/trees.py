"""Sites as a tree: each with the sites that lie in it."""

from __future__ import annotations

import uuid
from collections import defaultdict
from dataclasses import dataclass

from inventory.models import Site
from inventory.queries.listing import visible
from kernel.actor import Actor

MOST_SITES = 2000
"""Sites in one tree; an estate with more is read as a list."""


@dataclass(frozen=True, slots=True)
class Branch:
    """A site and those within it."""

    id: uuid.UUID
    name: str
    tier: str
    country: str
    within: tuple[Branch, ...]


def site_tree(actor: Actor) -> tuple[tuple[Branch, ...], bool]:
    """The sites that the actor may see as trees, by name, and whether these are all. One query.

    A site whose parent the actor may not see stands at the top.
    """
    rows = visible(actor, Site.objects.filter(retired_at__isnull=True), "unit_id").order_by("name", "pk")
    sites = list(rows[: MOST_SITES + 1])
    shown = {site.pk for site in sites[:MOST_SITES]}
    below: defaultdict[uuid.UUID | None, list[Site]] = defaultdict(list)
    for site in sites[:MOST_SITES]:
        below[site.parent_id if site.parent_id in shown else None].append(site)
    return tuple(_branch(site, below) for site in below[None]), len(sites) <= MOST_SITES


def _branch(site: Site, below: defaultdict[uuid.UUID | None, list[Site]]) -> Branch:
    """The services refuse circles, so that this ends."""
    within = tuple(_branch(child, below) for child in below[site.pk])
    return Branch(site.pk, site.name, site.tier, site.country, within)
