"""The one simple form: this system, this model, this place. Everything else follows, in one transaction."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from django.utils.translation import gettext as _

from audit.domain import Change, Target
from audit.services import record, verb
from inventory.domain.words import (
    DeploymentState,
    EndpointKind,
    Environment,
    ModelDisclosure,
    ModelKind,
    Tier,
    UseRole,
)
from inventory.models import Deployment, Endpoint, Model, ModelVersion, Placement, Site, System
from inventory.models.labels import ENVIRONMENT
from inventory.services import nouns
from inventory.services.nouns import M, Noun
from inventory.services.senders import exactly
from inventory.services.writing import free_slug, insert, sees
from kernel.actor import Actor
from kernel.contracts.ingest import CaptureMode, SenderIdentity
from kernel.errors import Invalid


@dataclass(frozen=True, slots=True)
class NewSystem:
    """A system that is not on the register yet."""

    name: str
    unit: uuid.UUID | None = None
    owner: uuid.UUID | None = None
    purpose: str = ""


@dataclass(frozen=True, slots=True)
class NewModel:
    """A model that is not on the register yet. `alias` is the name under which telemetry speaks of it."""

    name: str
    version: str
    provider_name: str = ""
    kind: ModelKind = ModelKind.LLM
    alias: str = ""


@dataclass(frozen=True, slots=True)
class NewSite:
    """A place that is not on the register yet. Country: two letters, or empty where not known."""

    name: str
    tier: Tier
    country: str = ""
    unit: uuid.UUID | None = None


@dataclass(frozen=True, slots=True)
class ServicePattern:
    """Which senders the new deployment has, where they do not claim it themselves."""

    key: uuid.UUID | None = None
    service_name: str = ""
    service_namespace: str = ""


@dataclass(frozen=True, slots=True)
class Registered:
    """What the simple form made or found. `model_version` is None for a model that nobody disclosed."""

    system: uuid.UUID
    model_version: uuid.UUID | None
    site: uuid.UUID
    deployment: uuid.UUID
    deployment_slug: str
    endpoint: uuid.UUID
    placement: uuid.UUID
    use: uuid.UUID
    rule: uuid.UUID


@verb("inventory.simple.register")
def register_simple(
    actor: Actor,
    *,
    system: uuid.UUID | NewSystem,
    model: uuid.UUID | NewModel | None,
    place: uuid.UUID | NewSite,
    environment: Environment = Environment.PRODUCTION,
    endpoint: uuid.UUID | None = None,
    endpoint_kind: EndpointKind = EndpointKind.MODEL_SERVER,
    role: UseRole = UseRole.GENERATION,
    capture_mode: CaptureMode = CaptureMode.HASHED,
    state: DeploymentState = DeploymentState.LIVE,
    sender: ServicePattern | SenderIdentity | None = None,
    reason: str = "",
) -> Registered:
    """Make the deployment, the endpoint, the placement, the use and the sender rule; also what is new of the three.

    `model` is the id of a model version, a new model, or None where the operator does not say. `endpoint` names one
    that stands already. `sender` says which telemetry is meant: a service pattern, one discovered sender, or (None)
    whoever claims the new deployment's slug. Raises Invalid, Forbidden or Conflict, and then nothing is made.
    """
    actor.require_somewhere(nouns.DEPLOYMENT.permission)
    the_system = _system(actor, system, reason=reason)
    version = _model_version(actor, model, reason=reason)
    site = _site(actor, place, reason=reason)
    deployment = _make(
        nouns.DEPLOYMENT,
        actor,
        reason,
        name=f"{the_system.name} ({ENVIRONMENT[environment]})",
        slug=_deployment_slug(the_system, environment),
        system=the_system.pk,
        environment=environment.value,
        state=state.value,
        capture_mode=capture_mode.value,
    )
    at = (
        _endpoint(actor, endpoint)
        if endpoint is not None
        else _new_endpoint(actor, the_system, version, site, kind=endpoint_kind, reason=reason)
    )
    placement = _make(nouns.PLACEMENT, actor, reason, deployment=deployment.pk, site=site.pk)
    use = _make(nouns.USE, actor, reason, deployment=deployment.pk, endpoint=at.pk, role=role.value)
    patterns = _patterns(sender, deployment)
    rule = _make(
        nouns.SENDER_RULE, actor, reason, **patterns, deployment=deployment.pk, endpoint=at.pk, site=site.pk
    )
    _record(actor, deployment, placement, reason=reason)
    return Registered(
        system=the_system.pk,
        model_version=version.pk if version else None,
        site=site.pk,
        deployment=deployment.pk,
        deployment_slug=deployment.slug,
        endpoint=at.pk,
        placement=placement.pk,
        use=use.pk,
        rule=rule.pk,
    )


def _make(noun: Noun[M], actor: Actor, reason: str, **fields: object) -> M:
    """One of the rows that the form makes, with an event of its own as if it had been made alone."""
    begins = noun in (nouns.PLACEMENT, nouns.USE, nouns.ENDPOINT_SERVES)
    return insert(
        noun, actor, fields, reason=reason, action=f"{noun.kind}.{'begin' if begins else 'register'}"
    )


def _system(actor: Actor, given: uuid.UUID | NewSystem, *, reason: str) -> System:
    if isinstance(given, uuid.UUID):
        return _existing(nouns.SYSTEM, actor, given, field="system")
    return _make(
        nouns.SYSTEM,
        actor,
        reason,
        name=given.name,
        unit=given.unit,
        owner=given.owner,
        purpose=given.purpose,
    )


def _model_version(actor: Actor, given: uuid.UUID | NewModel | None, *, reason: str) -> ModelVersion | None:
    if given is None:
        return None
    if isinstance(given, uuid.UUID):
        return _existing(nouns.MODEL_VERSION, actor, given, field="model")
    model = _make(
        nouns.MODEL, actor, reason, name=given.name, provider_name=given.provider_name, kind=given.kind.value
    )
    aliases = [given.alias] if given.alias.strip() else []
    return _make(nouns.MODEL_VERSION, actor, reason, model=model.pk, label=given.version, aliases=aliases)


def _site(actor: Actor, given: uuid.UUID | NewSite, *, reason: str) -> Site:
    if isinstance(given, uuid.UUID):
        return _existing(nouns.SITE, actor, given, field="place")
    return _make(
        nouns.SITE,
        actor,
        reason,
        name=given.name,
        tier=given.tier.value,
        country=given.country,
        unit=given.unit,
    )


def _endpoint(actor: Actor, endpoint_id: uuid.UUID) -> Endpoint:
    return _existing(nouns.ENDPOINT, actor, endpoint_id, field="endpoint")


def _new_endpoint(
    actor: Actor, system: System, version: ModelVersion | None, site: Site, *, kind: EndpointKind, reason: str
) -> Endpoint:
    what = Model.objects.get(pk=version.model_id).name if version else system.name
    disclosure = ModelDisclosure.DISCLOSED if version else ModelDisclosure.NOT_DISCLOSED
    endpoint = _make(
        nouns.ENDPOINT,
        actor,
        reason,
        name=f"{what} · {site.name}",
        kind=kind.value,
        site=site.pk,
        unit=system.unit_id,
        processing_regions=[site.country] if site.country else [],
        model_disclosure=disclosure.value,
    )
    if version is not None:
        alias = version.aliases[0] if version.aliases else ""
        _make(
            nouns.ENDPOINT_SERVES,
            actor,
            reason,
            endpoint=endpoint.pk,
            model_version=version.pk,
            alias=alias,
        )
    return endpoint


def _existing(noun: Noun[M], actor: Actor, row_id: uuid.UUID, *, field: str) -> M:
    row = noun.model._default_manager.filter(pk=row_id, retired_at__isnull=True).first()
    if row is None or not sees(noun, actor, row):
        problem = _("There is no such thing, or you may not see it.")
        raise Invalid(problem, fields={field: [problem]})
    return row


def _deployment_slug(system: System, environment: Environment) -> str:
    return free_slug(nouns.DEPLOYMENT, f"{system.slug}-{environment.value}")


def _patterns(sender: ServicePattern | SenderIdentity | None, deployment: Deployment) -> dict[str, object]:
    if sender is None:
        return {"claimed_deployment": deployment.slug}
    if isinstance(sender, SenderIdentity):
        return exactly(sender)
    return {
        "key": sender.key,
        "service_name": sender.service_name,
        "service_namespace": sender.service_namespace,
    }


def _record(actor: Actor, deployment: Deployment, placement: Placement, *, reason: str) -> None:
    record(
        actor,
        target=Target(
            type=nouns.DEPLOYMENT.kind,
            id=str(deployment.pk),
            label=deployment.name,
            unit_id=deployment.system.unit_id,
        ),
        changes=(Change("placement", None, str(placement.pk)),),
        reason=reason,
    )
