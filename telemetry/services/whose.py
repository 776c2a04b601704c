"""Whose a cost is: the system, unit, tier, legal entity… of what a sender was. Read from the register once per page."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from inventory import queries as inventory
from inventory.queries import DeploymentEntry, Ref
from kernel.contracts.ingest import Resolution
from telemetry.queries.bounds import SenderScope
from telemetry.services.estate import Estate, identified


class Whose(StrEnum):
    """What the register can split costs by."""

    SYSTEM = "system"
    DEPLOYMENT = "deployment"
    ENDPOINT = "endpoint"
    SITE = "site"
    TIER = "tier"
    UNIT = "unit"
    ENTITY = "entity"


@dataclass(frozen=True)
class Belongings:
    """What the senders of an estate belong to. A fixed number of queries on the register, each when it is needed."""

    estate: Estate

    @cached_property
    def deployments(self) -> dict[uuid.UUID, DeploymentEntry]:
        """The deployments that senders are, by id."""
        named = {
            item.deployment_id
            for known in self.estate.seen
            for item in known.resolutions
            if item.deployment_id is not None
        }
        return inventory.deployments_index(self.estate.actor, only=named) if named else {}

    @cached_property
    def deployers(self) -> dict[uuid.UUID, tuple[Ref, ...]]:
        """The legal entities that deploy each of their systems."""
        systems = {entry.system.id for entry in self.deployments.values()}
        return inventory.deployers_of(self.estate.actor, systems) if systems else {}

    @cached_property
    def units(self) -> dict[uuid.UUID, str]:
        """The names of units."""
        return {row.id: row.name for row in inventory.list_units(self.estate.actor, retired=True)}

    def system_of(self, resolution: Resolution) -> Ref | None:
        """The system of what a sender was."""
        entry = self.deployments.get(resolution.deployment_id) if resolution.deployment_id else None
        return entry.system if entry is not None else None

    def key(self, by: Whose, resolution: Resolution | None) -> str:
        """What a cost belongs to, as text; empty where nobody says. Several deployers of a system are one key, in order."""
        if resolution is None:
            return ""
        system = self.system_of(resolution)
        match by:
            case Whose.SYSTEM:
                return str(system.id) if system else ""
            case Whose.ENTITY:
                found = self.deployers.get(system.id, ()) if system else ()
                return ",".join(str(ref.id) for ref in found)
            case Whose.TIER:
                return resolution.tier or ""
        ids = {
            Whose.DEPLOYMENT: resolution.deployment_id,
            Whose.ENDPOINT: resolution.endpoint_id,
            Whose.SITE: resolution.site_id,
            Whose.UNIT: resolution.unit_id,
        }
        found_id = ids[by]
        return str(found_id) if found_id else ""

    def names(self, by: Whose) -> dict[str, str]:
        """What the keys are called."""
        if by is Whose.UNIT:
            return {str(pk): name for pk, name in self.units.items()}
        if by is Whose.ENTITY:
            groups = set(self.deployers.values())
            return {
                ",".join(str(ref.id) for ref in refs): ", ".join(ref.name for ref in refs) for refs in groups
            }
        if by is Whose.SYSTEM:
            return {str(entry.system.id): entry.system.name for entry in self.deployments.values()}
        return {key: name for item in self._resolutions() for key, name in [_named(by, item)] if key}

    def _resolutions(self) -> Iterable[Resolution]:
        return (item for known in self.estate.seen for item in known.resolutions)

    def matches(self, wanted: Mapping[Whose, Collection[str]], resolution: Resolution | None) -> bool:
        """Whether what a sender was lies within all of these. Units hold the units below them only if they are named."""
        return all(self._within(by, values, resolution) for by, values in wanted.items())

    def _within(self, by: Whose, values: Collection[str], resolution: Resolution | None) -> bool:
        key = self.key(by, resolution)
        if by is Whose.ENTITY:
            return any(part in values for part in key.split(","))
        return key in values

    def scope(self, wanted: Mapping[Whose, Collection[str]]) -> SenderScope:
        """The senders within all of these that the actor may see; everything visible where nothing is asked."""
        if not wanted:
            return self.estate.visible
        return self.estate.where(lambda item: identified(item) and self.matches(wanted, item))


def with_units_below(ids: Collection[str]) -> frozenset[str]:
    """These units and all below them. One query for each."""
    return frozenset(str(found) for text in ids for found in inventory.unit_and_below(uuid.UUID(text)))


def _named(by: Whose, item: Resolution) -> tuple[str, str]:
    pairs = {
        Whose.DEPLOYMENT: (item.deployment_id, item.deployment_name),
        Whose.ENDPOINT: (item.endpoint_id, item.endpoint_name),
        Whose.SITE: (item.site_id, item.site_name),
        Whose.TIER: (item.tier, item.tier),
    }
    found, name = pairs[by]
    return (str(found), name or "") if found else ("", "")
