"""Where a deployment runs and where its models answer, and whether data may be there. Pure rules over rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from governance.domain.facts import PlaceRole
from inventory.models import Endpoint, Site


@dataclass(frozen=True, slots=True)
class Place:
    """A place with the countries or regions in which data is processed there: what its site says, or its operator."""

    facts: dict[str, Any]
    regions: tuple[
        tuple[str, ...], ...
    ]  # alternatives by narrowness: ("FR", "FR-BRE") is one place named twice


def of_site(site: Site) -> Place:
    """Where something runs."""
    names = tuple(name for name in (site.country, site.region) if name)
    return Place(_facts(site, site.slug, PlaceRole.RUNS), (names,))


def of_endpoint(endpoint: Endpoint, site: Site | None) -> Place:
    """Where a model answers; its processing regions, where they are named, say more than its site."""
    facts = _facts(site, endpoint.slug, PlaceRole.ANSWERS)
    if endpoint.processing_regions:
        return Place(facts, tuple((region,) for region in endpoint.processing_regions))
    names = tuple(name for name in (site.country, site.region) if name) if site else ()
    return Place(facts, (names,))


def _facts(site: Site | None, slug: str, role: PlaceRole) -> dict[str, Any]:
    known = {
        "tier": site.tier if site else None,
        "country": (site.country or None) if site else None,
        "region": (site.region or None) if site else None,
        "connectivity": site.connectivity if site else None,
    }
    return {"slug": slug, "role": role.value, **known}


def allowed(residency: Sequence[str], places: Iterable[Place]) -> bool | None:
    """Whether data with this residency may be at all of these places; None where a place or the rule is not known."""
    if not residency:
        return None
    answers = [_lies_within(names, residency) for place in places for names in place.regions]
    if not answers:
        return None
    if False in answers:
        return False
    return None if None in answers else True


def _lies_within(names: Sequence[str], residency: Sequence[str]) -> bool | None:
    """Whether a place that bears these names lies in one of the permitted countries or regions.

    `FR-BRE` lies in `FR`. A place that is only known to be in `FR` may or may not lie in `FR-BRE`.
    """
    if not names:
        return None
    wide = {name for name in names if "-" not in name} | {
        name.split("-", 1)[0] for name in names if _is_subdivision(name)
    }
    if any(permitted in names or permitted in wide for permitted in residency):
        return True
    finer = any(_is_subdivision(permitted) and permitted.split("-", 1)[0] in names for permitted in residency)
    return None if finer and len(names) == 1 else False


def _is_subdivision(name: str) -> bool:
    """Whether a name is a part of a country in ISO 3166-2, such as FR-BRE; `eu-west-3` is not."""
    country, dash, part = name.partition("-")
    return bool(dash and part) and len(country) == len("FR") and country.isupper()
