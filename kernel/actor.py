"""Who acts, with which rights, from where. Built at the edge, handed to every service and query."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from enum import StrEnum

from kernel.errors import Forbidden, Thing


class Role(StrEnum):
    """What a person is in an organisation's AI governance. Given per unit, or for all."""

    ADMINISTRATOR = "administrator"
    OFFICER = "officer"
    ENGINEER = "engineer"
    AUDITOR = "auditor"


class Permission(StrEnum):
    """One right. Services ask for exactly one of these."""

    REGISTER_READ = "register.read"
    REGISTER_EDIT = "register.edit"  # systems, models, datasets, legal entities: what people decide
    ESTATE_EDIT = "estate.edit"  # sites, fleets, endpoints, deployments, sender rules: where it runs
    KEYS_MANAGE = "keys.manage"
    PEOPLE_MANAGE = "people.manage"
    TELEMETRY_READ = "telemetry.read"  # spans without their content
    CONTENT_READ = "content.read"  # what was said; never implied by a role
    GUARDRAILS_MANAGE = (
        "guardrails.manage"  # guardrail profiles: what is checked, how often, with which thresholds
    )
    PRICES_MANAGE = "prices.manage"  # price book, cost profiles, seats, exchange rates, budgets
    POLICIES_MANAGE = "policies.manage"  # write policies, switch them on
    VIOLATIONS_WORK = "violations.work"  # assign, comment, dispose, ask for a waiver
    APPROVALS_DECIDE = "approvals.decide"  # approve or reject what somebody else asked for
    RETENTION_MANAGE = "retention.manage"  # how long what is kept
    AUDIT_READ = "audit.read"
    EXPORT = "export"


_EVERYONE = frozenset({Permission.REGISTER_READ, Permission.TELEMETRY_READ})

ROLE_PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.ADMINISTRATOR: frozenset(Permission) - {Permission.CONTENT_READ},
    Role.OFFICER: _EVERYONE
    | {
        Permission.REGISTER_EDIT,
        Permission.ESTATE_EDIT,
        Permission.GUARDRAILS_MANAGE,
        Permission.PRICES_MANAGE,
        Permission.POLICIES_MANAGE,
        Permission.VIOLATIONS_WORK,
        Permission.APPROVALS_DECIDE,
        Permission.AUDIT_READ,
        Permission.EXPORT,
    },
    Role.ENGINEER: _EVERYONE
    | {Permission.ESTATE_EDIT, Permission.KEYS_MANAGE, Permission.VIOLATIONS_WORK, Permission.EXPORT},
    Role.AUDITOR: _EVERYONE | {Permission.AUDIT_READ, Permission.EXPORT},
}


@dataclass(frozen=True, slots=True)
class Grant:
    """A role over some units.

    `units` holds the ids of the granted unit and of all units below it; None means the whole organisation.
    """

    role: Role
    units: frozenset[uuid.UUID] | None = None
    read_content: bool = False

    def permissions(self) -> frozenset[Permission]:
        own = ROLE_PERMISSIONS[self.role]
        return own | {Permission.CONTENT_READ} if self.read_content else own


class ActorKind(StrEnum):
    USER = "user"
    SERVICE = "service"
    AGENT = "agent"
    SYSTEM = "system"


class Channel(StrEnum):
    """The door through which the actor came."""

    WEB = "web"
    API = "api"
    CLI = "cli"
    TASK = "task"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Source:
    """Where a request came from, without what would identify a person's device."""

    channel: Channel = Channel.SYSTEM
    ip_prefix: str | None = None
    user_agent_family: str | None = None
    request_id: str | None = None
    route: str | None = None


@dataclass(frozen=True, slots=True)
class Actor:
    """Someone or something that acts. `label` and `email` are personal: the ledger keeps them apart."""

    kind: ActorKind
    id: str
    label: str = ""
    email: str = ""
    grants: tuple[Grant, ...] = ()
    source: Source = field(default_factory=Source)

    def units(self, permission: Permission) -> frozenset[uuid.UUID] | None:
        """The units in which the actor holds the permission: a set of ids, or None for the whole organisation."""
        found: set[uuid.UUID] = set()
        for grant in self.grants:
            if permission in grant.permissions():
                if grant.units is None:
                    return None
                found |= grant.units
        return frozenset(found)

    def may(self, permission: Permission, *, unit: uuid.UUID | None) -> bool:
        """Whether the actor holds the permission for a thing of this unit.

        A thing without a unit (None) belongs to the whole organisation and asks for a grant over all of it.
        """
        units = self.units(permission)
        return units is None or (unit is not None and unit in units)

    def may_somewhere(self, permission: Permission) -> bool:
        """Whether the actor holds the permission in at least one unit."""
        units = self.units(permission)
        return units is None or bool(units)

    def require(self, permission: Permission, *, unit: uuid.UUID | None, thing: Thing | None = None) -> None:
        """Raise Forbidden unless `may`. The refusal names the `thing` that the right was needed for, if one is given."""
        if not self.may(permission, unit=unit):
            raise _refusal(permission, thing)

    def require_somewhere(self, permission: Permission) -> None:
        """Raise Forbidden unless `may_somewhere`."""
        if not self.may_somewhere(permission):
            raise _refusal(permission)


def _refusal(permission: Permission, thing: Thing | None = None) -> Forbidden:
    return Forbidden(
        f"This needs the right “{permission.value}”, which your roles do not give you here. "
        "Ask an administrator for a role in this unit.",
        code="missing_permission",
        thing=thing,
    )


def system_actor(name: str, *, source: Source | None = None) -> Actor:
    """The installation itself, for what no person asked for: set-up, sweeps, the demo estate."""
    grants = (Grant(role=Role.ADMINISTRATOR),)
    return Actor(kind=ActorKind.SYSTEM, id=name, label=name, grants=grants, source=source or Source())
