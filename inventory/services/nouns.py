"""Each noun of the register, described once: its table, the right it asks for, the unit it belongs to."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from inventory import models
from inventory.models.base import Dated, Kept
from kernel.actor import Permission

M = TypeVar("M", bound=Kept)
R = TypeVar("R", bound=Dated)
UnitId = uuid.UUID | None


@dataclass(frozen=True, slots=True)
class Blocker:
    """Something that must end before a thing can retire: what it is called and how to find it."""

    what: str | Promise
    find: Callable[[uuid.UUID], QuerySet[models.Unit] | QuerySet[Kept]]


@dataclass(frozen=True, slots=True)
class Noun(Generic[M]):
    """A kind of row.

    `kind` names it in the ledger, `permission` guards changes, `units_of` gives the units in all of which the actor needs
    it; the first one decides who may see the row. `free_text` columns may name persons: the ledger keeps them apart.
    `unrecorded` columns never reach the ledger. `own_verbs` are columns that only a verb of their own may change, `fixed`
    ones are said once, when the row is made.
    `verbatim` columns keep spaces at their ends: they repeat what telemetry wrote.
    """

    model: type[M]
    kind: str
    permission: Permission
    units_of: Callable[[M], tuple[UnitId, ...]]
    free_text: frozenset[str] = frozenset({"note"})
    unrecorded: frozenset[str] = frozenset()
    own_verbs: frozenset[str] = frozenset()
    fixed: frozenset[str] = frozenset()
    verbatim: frozenset[str] = frozenset()
    blockers: tuple[Blocker, ...] = ()


def unit_of_key(key: models.EndpointKey | None) -> UnitId:
    """The unit that a key speaks for; None is the whole organisation, also where no key is named."""
    if key is None:
        return None
    if key.deployment is not None:
        return key.deployment.system.unit_id
    return key.site.unit_id if key.site is not None else key.unit_id


def units_of_rule(rule: models.SenderRule) -> tuple[UnitId, ...]:
    """The unit of what the rule points to, and that of the key whose senders it takes.

    Without the second, somebody could draw another unit's telemetry to a deployment of their own. A rule for senders
    that claim this very deployment takes nothing from anybody: keys bound claims.
    """
    target = _unit_of_target(rule)
    deployment = rule.deployment
    if deployment is not None and rule.claimed_deployment in claims_of(deployment):
        return (target,)
    return (target, unit_of_key(rule.key))


def claims_of(deployment: models.Deployment) -> tuple[str, str]:
    """What a sender may write to claim a deployment: its slug, or system and environment."""
    return (deployment.slug, f"{deployment.system.slug}/{deployment.environment}")


def _unit_of_target(rule: models.SenderRule) -> UnitId:
    if rule.deployment is not None:
        return rule.deployment.system.unit_id
    if rule.endpoint is not None:
        return rule.endpoint.unit_id
    return rule.site.unit_id if rule.site is not None else None


def _open() -> Q:
    return Q(retired_at__isnull=True, valid_until__isnull=True)


def _blocker(what: str | Promise, model: type[Kept], field: str, **also: bool) -> Blocker:
    """Rows of a model that point here by a field and are not retired."""
    return Blocker(
        what, lambda pk: model._default_manager.filter(**{field: pk}, retired_at__isnull=True, **also)
    )


def _relation(what: str | Promise, model: type[Dated], field: str, **also: bool) -> Blocker:
    """Open relations that point here by a field."""
    return Blocker(what, lambda pk: model._default_manager.filter(_open(), **{field: pk}, **also))


_CLAIMED = frozenset({"slug"})
"""Senders name systems, deployments and sites by their slug, and the record repeats it for ever: a slug that could be
given away would hand its past to whoever takes it next. Retired rows keep theirs, so that none is ever borne twice."""

UNIT = Noun(
    models.Unit,
    "inventory.unit",
    Permission.REGISTER_EDIT,
    lambda row: (row.parent_id,) if row._state.adding else (row.pk,),
    blockers=(
        _blocker(_("units"), models.Unit, "parent"),
        _blocker(_("systems"), models.System, "unit"),
        _blocker(_("datasets"), models.Dataset, "unit"),
        _blocker(_("sites"), models.Site, "unit"),
        _blocker(_("endpoints"), models.Endpoint, "unit"),
        _blocker(_("endpoint keys"), models.EndpointKey, "unit"),
    ),
)
ENTITY = Noun(
    models.LegalEntity,
    "inventory.entity",
    Permission.REGISTER_EDIT,
    lambda _row: (None,),
    free_text=frozenset({"note", "contact"}),
    blockers=(
        _relation(_("roles"), models.SystemRole, "entity", system__retired_at__isnull=True),
        _blocker(_("models"), models.Model, "provider"),
        _blocker(_("sites"), models.Site, "operator"),
        _blocker(_("endpoints"), models.Endpoint, "operator"),
    ),
)
SITE = Noun(
    models.Site,
    "inventory.site",
    Permission.ESTATE_EDIT,
    lambda row: (row.unit_id,),
    fixed=_CLAIMED,
    blockers=(
        _blocker(_("sites"), models.Site, "parent"),
        _blocker(_("fleets"), models.Fleet, "site"),
        _blocker(_("endpoints"), models.Endpoint, "site"),
        _blocker(_("endpoint keys"), models.EndpointKey, "site"),
        _relation(_("placements"), models.Placement, "site", deployment__retired_at__isnull=True),
    ),
)
FLEET = Noun(
    models.Fleet,
    "inventory.fleet",
    Permission.ESTATE_EDIT,
    lambda row: (row.site.unit_id,),
    blockers=(
        _blocker(_("endpoints"), models.Endpoint, "fleet"),
        _relation(_("placements"), models.Placement, "fleet", deployment__retired_at__isnull=True),
    ),
)
SYSTEM = Noun(
    models.System,
    "inventory.system",
    Permission.REGISTER_EDIT,
    lambda row: (row.unit_id,),
    free_text=frozenset({"purpose", "risk_reason"}),
    own_verbs=frozenset({"state", "risk_class", "annex_iii_points", "risk_reason"}),
    fixed=_CLAIMED,
    blockers=(_blocker(_("deployments"), models.Deployment, "system"),),
)
SYSTEM_ROLE = Noun(
    models.SystemRole,
    "inventory.system_role",
    Permission.REGISTER_EDIT,
    lambda row: (row.system.unit_id,),
)
MODEL = Noun(
    models.Model,
    "inventory.model",
    Permission.REGISTER_EDIT,
    lambda _row: (None,),
    blockers=(_blocker(_("versions"), models.ModelVersion, "model"),),
)
MODEL_VERSION = Noun(
    models.ModelVersion,
    "inventory.model_version",
    Permission.REGISTER_EDIT,
    lambda _row: (None,),
    own_verbs=frozenset({"state"}),
    blockers=(
        _relation(_("endpoints"), models.EndpointServes, "model_version", endpoint__retired_at__isnull=True),
    ),
)
MODEL_RELATION = Noun(
    models.ModelRelation, "inventory.model_relation", Permission.REGISTER_EDIT, lambda _row: (None,)
)
MODEL_TRAINING = Noun(
    models.ModelTraining, "inventory.model_training", Permission.REGISTER_EDIT, lambda _row: (None,)
)
DATASET = Noun(
    models.Dataset,
    "inventory.dataset",
    Permission.REGISTER_EDIT,
    lambda row: (row.unit_id,),
    free_text=frozenset({"purpose"}),
    blockers=(_blocker(_("versions"), models.DatasetVersion, "dataset"),),
)
DATASET_VERSION = Noun(
    models.DatasetVersion,
    "inventory.dataset_version",
    Permission.REGISTER_EDIT,
    lambda row: (row.dataset.unit_id,),
    blockers=(
        _relation(_("data bindings"), models.Binding, "dataset_version", deployment__retired_at__isnull=True),
    ),
)
ENDPOINT = Noun(
    models.Endpoint,
    "inventory.endpoint",
    Permission.ESTATE_EDIT,
    lambda row: (row.unit_id,),
    blockers=(
        _relation(_("deployments"), models.DeploymentUse, "endpoint", deployment__retired_at__isnull=True),
        _relation(_("routes"), models.EndpointRoute, "upstream", gateway__retired_at__isnull=True),
    ),
)
ENDPOINT_ROUTE = Noun(
    models.EndpointRoute,
    "inventory.endpoint_route",
    Permission.ESTATE_EDIT,
    lambda row: (row.gateway.unit_id,),
)
ENDPOINT_SERVES = Noun(
    models.EndpointServes,
    "inventory.endpoint_serves",
    Permission.ESTATE_EDIT,
    lambda row: (row.endpoint.unit_id,),
)
DEPLOYMENT = Noun(
    models.Deployment,
    "inventory.deployment",
    Permission.ESTATE_EDIT,
    lambda row: (row.system.unit_id,),
    own_verbs=frozenset({"state"}),
    fixed=_CLAIMED,
    blockers=(_blocker(_("endpoint keys"), models.EndpointKey, "deployment"),),
)
PLACEMENT = Noun(
    models.Placement,
    "inventory.placement",
    Permission.ESTATE_EDIT,
    lambda row: (row.deployment.system.unit_id,),
)
USE = Noun(
    models.DeploymentUse,
    "inventory.deployment_use",
    Permission.ESTATE_EDIT,
    lambda row: (row.deployment.system.unit_id,),
)
BINDING = Noun(
    models.Binding,
    "inventory.binding",
    Permission.ESTATE_EDIT,
    lambda row: (row.deployment.system.unit_id,),
)
KEY = Noun(
    models.EndpointKey,
    "inventory.endpoint_key",
    Permission.KEYS_MANAGE,
    lambda row: (unit_of_key(row),),
    unrecorded=frozenset({"secret_digest", "last_used_at"}),
    own_verbs=frozenset({"public_id", "secret_digest", "scope", "unit", "site", "deployment"}),
)
_SAID = frozenset({"service_namespace", "service_name", "environment", "place", "claimed_deployment"})
SENDER_RULE = Noun(
    models.SenderRule, "inventory.sender_rule", Permission.ESTATE_EDIT, units_of_rule, verbatim=_SAID
)
DISMISSAL = Noun(
    models.SenderDismissal,
    "inventory.sender_dismissal",
    Permission.ESTATE_EDIT,
    lambda row: (unit_of_key(row.key),),
    free_text=frozenset({"reason"}),
    verbatim=_SAID,
)
COST_PROFILE = Noun(
    models.CostProfile,
    "inventory.cost_profile",
    Permission.PRICES_MANAGE,
    lambda row: (row.endpoint.unit_id,),
)
SEAT_PRICE = Noun(
    models.SeatPrice,
    "inventory.seat_price",
    Permission.PRICES_MANAGE,
    lambda row: (row.system.unit_id if row.system is not None else None,),
)
EXCHANGE_RATE = Noun(
    models.ExchangeRate, "inventory.exchange_rate", Permission.PRICES_MANAGE, lambda _row: (None,)
)
OWN_PRICE = Noun(models.OwnPrice, "inventory.own_price", Permission.PRICES_MANAGE, lambda _row: (None,))
COST_SETTINGS = Noun(
    models.CostSettings, "inventory.cost_settings", Permission.PRICES_MANAGE, lambda _row: (None,)
)

ALL: tuple[Noun[Kept], ...] = (  # type: ignore[assignment]  # each noun knows its own row; a list of all forgets which
    UNIT, ENTITY, SITE, FLEET, SYSTEM, SYSTEM_ROLE, MODEL, MODEL_VERSION, MODEL_RELATION, MODEL_TRAINING, DATASET,
    DATASET_VERSION, ENDPOINT, ENDPOINT_ROUTE, ENDPOINT_SERVES, DEPLOYMENT, PLACEMENT, USE, BINDING, KEY, SENDER_RULE,
    DISMISSAL, COST_PROFILE, SEAT_PRICE, EXCHANGE_RATE, COST_SETTINGS, OWN_PRICE,
)  # fmt: skip
BY_MODEL: dict[type[Kept], Noun[Any]] = {noun.model: noun for noun in ALL}
"""Every noun by its table, those of higher apps included."""


def join(noun: Noun[Any]) -> None:
    """Let relations of a higher app point to its own noun; the same table again replaces it."""
    BY_MODEL[noun.model] = noun
