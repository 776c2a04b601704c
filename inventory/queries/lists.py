"""The lists of the register, as functions. Filters, search and orders: see `inventory.queries.listings`."""

from __future__ import annotations

from typing import TypedDict, Unpack

from inventory.models import Unit
from inventory.queries import listings, values
from inventory.queries.listing import Filters, Ref, count, page, visible
from kernel.actor import Actor


class Asked(TypedDict, total=False):
    """What a list may be asked for: see `inventory.queries.listing.page`."""

    filters: Filters | None
    search: str
    order: str
    limit: int
    offset: int


class Counted(TypedDict, total=False):
    """What a count may be asked for."""

    filters: Filters | None
    search: str


def list_systems(actor: Actor, **asked: Unpack[Asked]) -> list[values.SystemRow]:
    """Some of the AI systems that the actor may see."""
    return page(listings.SYSTEMS, actor, **asked)


def count_systems(actor: Actor, **asked: Unpack[Counted]) -> int:
    """How many AI systems `list_systems` has over all pages."""
    return count(listings.SYSTEMS, actor, **asked)


def list_sites(actor: Actor, **asked: Unpack[Asked]) -> list[values.SiteRow]:
    """Some of the sites that the actor may see."""
    return page(listings.SITES, actor, **asked)


def count_sites(actor: Actor, **asked: Unpack[Counted]) -> int:
    """How many sites `list_sites` has over all pages."""
    return count(listings.SITES, actor, **asked)


def list_fleets(actor: Actor, **asked: Unpack[Asked]) -> list[values.FleetRow]:
    """Some of the fleets that the actor may see."""
    return page(listings.FLEETS, actor, **asked)


def count_fleets(actor: Actor, **asked: Unpack[Counted]) -> int:
    """How many fleets `list_fleets` has over all pages."""
    return count(listings.FLEETS, actor, **asked)


def list_entities(actor: Actor, **asked: Unpack[Asked]) -> list[values.EntityRow]:
    """Some of the legal entities that the actor may see."""
    return page(listings.ENTITIES, actor, **asked)


def count_entities(actor: Actor, **asked: Unpack[Counted]) -> int:
    """How many legal entities `list_entities` has over all pages."""
    return count(listings.ENTITIES, actor, **asked)


def list_datasets(actor: Actor, **asked: Unpack[Asked]) -> list[values.DatasetRow]:
    """Some of the datasets that the actor may see."""
    return page(listings.DATASETS, actor, **asked)


def count_datasets(actor: Actor, **asked: Unpack[Counted]) -> int:
    """How many datasets `list_datasets` has over all pages."""
    return count(listings.DATASETS, actor, **asked)


def list_dataset_versions(actor: Actor, **asked: Unpack[Asked]) -> list[values.DatasetVersionRow]:
    """Some of the dataset versions that the actor may see."""
    return page(listings.DATASET_VERSIONS, actor, **asked)


def count_dataset_versions(actor: Actor, **asked: Unpack[Counted]) -> int:
    """How many dataset versions `list_dataset_versions` has over all pages."""
    return count(listings.DATASET_VERSIONS, actor, **asked)


def list_models(actor: Actor, **asked: Unpack[Asked]) -> list[values.ModelRow]:
    """Some of the models that the actor may see."""
    return page(listings.MODELS, actor, **asked)


def count_models(actor: Actor, **asked: Unpack[Counted]) -> int:
    """How many models `list_models` has over all pages."""
    return count(listings.MODELS, actor, **asked)


def list_model_versions(actor: Actor, **asked: Unpack[Asked]) -> list[values.ModelVersionRow]:
    """Some of the model versions that the actor may see."""
    return page(listings.MODEL_VERSIONS, actor, **asked)


def count_model_versions(actor: Actor, **asked: Unpack[Counted]) -> int:
    """How many model versions `list_model_versions` has over all pages."""
    return count(listings.MODEL_VERSIONS, actor, **asked)


def list_endpoints(actor: Actor, **asked: Unpack[Asked]) -> list[values.EndpointRow]:
    """Some of the endpoints that the actor may see."""
    return page(listings.ENDPOINTS, actor, **asked)


def count_endpoints(actor: Actor, **asked: Unpack[Counted]) -> int:
    """How many endpoints `list_endpoints` has over all pages."""
    return count(listings.ENDPOINTS, actor, **asked)


def list_deployments(actor: Actor, **asked: Unpack[Asked]) -> list[values.DeploymentRow]:
    """Some of the deployments that the actor may see."""
    return page(listings.DEPLOYMENTS, actor, **asked)


def count_deployments(actor: Actor, **asked: Unpack[Counted]) -> int:
    """How many deployments `list_deployments` has over all pages."""
    return count(listings.DEPLOYMENTS, actor, **asked)


def list_keys(actor: Actor, **asked: Unpack[Asked]) -> list[values.KeyRow]:
    """Some of the endpoint keys, newest first that the actor may see."""
    return page(listings.KEYS, actor, **asked)


def count_keys(actor: Actor, **asked: Unpack[Counted]) -> int:
    """How many endpoint keys `list_keys` has over all pages."""
    return count(listings.KEYS, actor, **asked)


def list_rules(actor: Actor, **asked: Unpack[Asked]) -> list[values.RuleRow]:
    """Some of the sender rules, newest first that the actor may see."""
    return page(listings.RULES, actor, **asked)


def count_rules(actor: Actor, **asked: Unpack[Counted]) -> int:
    """How many sender rules `list_rules` has over all pages."""
    return count(listings.RULES, actor, **asked)


def list_dismissals(actor: Actor, **asked: Unpack[Asked]) -> list[values.DismissalRow]:
    """Some of the dismissed senders, newest first that the actor may see."""
    return page(listings.DISMISSALS, actor, **asked)


def count_dismissals(actor: Actor, **asked: Unpack[Counted]) -> int:
    """How many dismissed senders `list_dismissals` has over all pages."""
    return count(listings.DISMISSALS, actor, **asked)


def list_units(actor: Actor, *, retired: bool = False) -> list[values.UnitRow]:
    """The units that the actor may see, each after the one it belongs to, with its depth. One query."""
    rows = visible(actor, Unit.objects.select_related("parent").order_by("name", "id"), "id")
    shown = {row.pk: row for row in rows if retired or row.retired_at is None}
    children: dict[object, list[Unit]] = {}
    for row in shown.values():
        above = row.parent_id if row.parent_id in shown else None
        children.setdefault(above, []).append(row)
    found: list[values.UnitRow] = []
    waiting = [(row, 0) for row in reversed(children.get(None, []))]
    while waiting:
        row, depth = waiting.pop()
        found.append(_unit(row, depth))
        waiting += [(child, depth + 1) for child in reversed(children.get(row.pk, []))]
    return found


def _unit(row: Unit, depth: int) -> values.UnitRow:
    return values.UnitRow(
        id=row.pk,
        version=row.version,
        created_at=row.created_at,
        updated_at=row.updated_at,
        retired_at=row.retired_at,
        name=row.name,
        slug=row.slug,
        parent=Ref(row.parent.pk, row.parent.name) if row.parent else None,
        depth=depth,
    )
