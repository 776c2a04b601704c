"""The lists of the register: what they may be filtered by, searched in and ordered by."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.db.models import (
    BooleanField,
    Case,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    SmallIntegerField,
    Value,
    When,
)
from django.db.models.functions import Coalesce

from inventory import models
from inventory.domain.words import DeploymentState, RiskClass, SystemState
from inventory.models.base import Dated
from inventory.queries import estate_rows, register_rows
from inventory.queries.columns import open_now
from inventory.queries.listing import By, Filter, Listing, holding

_NAMES = {"name": "name", "updated": "updated_at", "created": "created_at"}


def _open(relation: type[Dated], owner: str, path: str) -> Callable[[Sequence[Any]], Q]:
    """Rows that stand in a relation which holds now."""
    return lambda wanted: Q(
        pk__in=relation._default_manager.filter(open_now(), **{path: wanted}).values(owner)
    )


def _at_sites(wanted: Sequence[Any]) -> Q:
    """Placed at the site itself or in a fleet there."""
    here = Q(site_id__in=wanted) | Q(fleet__site_id__in=wanted)
    return Q(pk__in=models.Placement.objects.filter(open_now(), here).values("deployment_id"))


def _at_tiers(wanted: Sequence[Any]) -> Q:
    here = Q(site__tier__in=wanted) | Q(fleet__site__tier__in=wanted)
    return Q(pk__in=models.Placement.objects.filter(open_now(), here).values("deployment_id"))


def _systems_at_tiers(wanted: Sequence[Any]) -> Q:
    placed = models.Deployment.objects.filter(_at_tiers(wanted), retired_at__isnull=True)
    return Q(pk__in=placed.values("system_id"))


def _systems_touching(wanted: Sequence[Any]) -> Q:
    """Systems with a deployment, not retired, that works now on data of one of the categories."""
    bound = models.Binding.objects.filter(open_now(), deployment__retired_at__isnull=True)
    touching = holding(bound, "dataset_version__special_categories", wanted)
    return Q(pk__in=touching.values("deployment__system_id"))


def _is_running() -> ExpressionWrapper[Q]:
    """Whether a system runs: its own state says so, or a deployment of it is live, approved or not."""
    live = models.Deployment.objects.filter(
        system=OuterRef("pk"), state=DeploymentState.LIVE, retired_at__isnull=True
    )
    by_state = Q(state__in=[SystemState.LIVE, SystemState.RESTRICTED])
    return ExpressionWrapper(by_state | Q(Exists(live)), output_field=BooleanField())


def _severity() -> Case:
    """Risk classes in the order in which an officer reads them, the most severe first; not yet classified is last."""
    return Case(
        *(When(risk_class=word, then=Value(rank)) for rank, word in enumerate(RiskClass)),
        output_field=SmallIntegerField(),
    )


def _versions(column: str) -> Callable[[Sequence[Any]], Q]:
    """Datasets with a version in use of which this is true."""
    return lambda wanted: Q(
        pk__in=models.DatasetVersion.objects.filter(
            retired_at__isnull=True, **{f"{column}__in": wanted}
        ).values("dataset_id")
    )


def _of_categories(wanted: Sequence[Any]) -> Q:
    versions = models.DatasetVersion.objects.filter(retired_at__isnull=True)
    return Q(pk__in=holding(versions, "special_categories", wanted).values("dataset_id"))


def _model_states(wanted: Sequence[Any]) -> Q:
    return Q(pk__in=models.ModelVersion.objects.filter(state__in=wanted).values("model_id"))


ENTITIES = Listing(
    models.LegalEntity.objects.all,
    register_rows.entity,
    filters={"country": Filter("country"), "own": Filter("is_own", By.FLAG)},
    search=("name", "slug", "registration"),
    orders={**_NAMES, "country": "country"},
)
SITES = Listing(
    lambda: models.Site.objects.select_related("operator", "parent", "unit"),
    estate_rows.site,
    unit_path="unit_id",
    filters={
        "tier": Filter("tier"),
        "country": Filter("country"),
        "connectivity": Filter("connectivity"),
        "operator": Filter("operator_id", By.ID),
        "parent": Filter("parent_id", By.ID),
        "unit": Filter("unit_id", By.UNIT),
    },
    search=("name", "slug", "region"),
    orders={**_NAMES, "tier": "tier", "country": "country"},
    extras=estate_rows.site_extras,
)
FLEETS = Listing(
    lambda: models.Fleet.objects.select_related("site__unit"),
    estate_rows.fleet,
    unit_path="site__unit_id",
    filters={
        "site": Filter("site_id", By.ID),
        "tier": Filter("site__tier"),
        "kind": Filter("kind"),
        "unit": Filter("site__unit_id", By.UNIT),
    },
    search=("name", "slug", "os"),
    orders={**_NAMES, "site": "site__name", "count": "expected_count"},
)
SYSTEMS = Listing(
    lambda: models.System.objects.annotate(
        has_owner=ExpressionWrapper(Q(owner__isnull=False), output_field=BooleanField()),
        running=_is_running(),
        severity=_severity(),
    ).select_related("owner", "deputy", "unit"),
    register_rows.system,
    unit_path="unit_id",
    filters={
        "state": Filter("state"),
        "risk_class": Filter("risk_class"),
        "owner": Filter("owner_id", By.ID),
        "unit": Filter("unit_id", By.UNIT),
        "decision_impact": Filter("decision_impact"),
        "interacts": Filter("interacts_with_persons", By.FLAG),
        "persons": Filter("persons_affected", By.LISTED),
        "has_owner": Filter("has_owner", By.FLAG),
        "running": Filter("running", By.FLAG),
        "tier": Filter("tier", via=_systems_at_tiers),
        "special_category": Filter("special_category", By.LISTED, via=_systems_touching),
    },
    search=("name", "slug", "purpose", "business_process"),
    orders={
        **_NAMES,
        "state": "state",
        "risk_class": "severity",
        "owner": "owner__name",
        "unit": "unit__name",
    },
    extras=register_rows.system_extras,
)
DATASETS = Listing(
    lambda: models.Dataset.objects.select_related("unit"),
    register_rows.dataset,
    unit_path="unit_id",
    filters={
        "unit": Filter("unit_id", By.UNIT),
        "classification": Filter("classification", via=_versions("classification")),
        "personal_data": Filter("personal_data", via=_versions("personal_data")),
        "special_category": Filter("special_category", By.LISTED, via=_of_categories),
    },
    search=("name", "slug", "purpose"),
    orders=_NAMES,
    extras=register_rows.dataset_extras,
)
DATASET_VERSIONS = Listing(
    lambda: models.DatasetVersion.objects.select_related("dataset"),
    register_rows.dataset_version,
    unit_path="dataset__unit_id",
    filters={
        "dataset": Filter("dataset_id", By.ID),
        "classification": Filter("classification"),
        "personal_data": Filter("personal_data"),
        "special_category": Filter("special_categories", By.LISTED),
    },
    search=("label", "dataset__name"),
    orders={"name": "dataset__name", "label": "label", "updated": "updated_at", "created": "created_at"},
)
MODELS = Listing(
    lambda: models.Model.objects.select_related("provider"),
    register_rows.model,
    filters={
        "kind": Filter("kind"),
        "provider": Filter("provider_id", By.ID),
        "family": Filter("family"),
        "state": Filter("state", via=_model_states),
    },
    search=("name", "slug", "family", "provider_name", "provider__name"),
    orders={**_NAMES, "kind": "kind", "provider": "provider__name"},
    extras=register_rows.model_extras,
)
MODEL_VERSIONS = Listing(
    lambda: models.ModelVersion.objects.select_related("model__provider"),
    register_rows.model_version,
    filters={
        "model": Filter("model_id", By.ID),
        "state": Filter("state"),
        "kind": Filter("model__kind"),
        "licence": Filter("licence"),
    },
    search=("model__name", "label", "licence"),
    orders={"name": "model__name", "label": "label", "state": "state", "updated": "updated_at"},
)
ENDPOINTS = Listing(
    lambda: models.Endpoint.objects.select_related("site", "fleet__site", "operator", "unit"),
    estate_rows.endpoint,
    unit_path="unit_id",
    filters={
        "kind": Filter("kind"),
        "site": Filter("site_id", By.ID),
        "fleet": Filter("fleet_id", By.ID),
        "tier": Filter("site__tier"),
        "operator": Filter("operator_id", By.ID),
        "unit": Filter("unit_id", By.UNIT),
        "disclosure": Filter("model_disclosure"),
        "model_version": Filter(
            "model_version", By.ID, via=_open(models.EndpointServes, "endpoint_id", "model_version_id__in")
        ),
    },
    search=("name", "slug", "host"),
    orders={**_NAMES, "kind": "kind"},
    extras=estate_rows.endpoint_extras,
)
DEPLOYMENTS = Listing(
    lambda: models.Deployment.objects.select_related("system__unit", "system__owner"),
    estate_rows.deployment,
    unit_path="system__unit_id",
    filters={
        "system": Filter("system_id", By.ID),
        "environment": Filter("environment"),
        "state": Filter("state"),
        "capture_mode": Filter("capture_mode"),
        "retention_class": Filter("retention_class"),
        "risk_class": Filter("system__risk_class"),
        "unit": Filter("system__unit_id", By.UNIT),
        "site": Filter("site", By.ID, via=_at_sites),
        "fleet": Filter("fleet", By.ID, via=_open(models.Placement, "deployment_id", "fleet_id__in")),
        "tier": Filter("tier", via=_at_tiers),
        "endpoint": Filter(
            "endpoint", By.ID, via=_open(models.DeploymentUse, "deployment_id", "endpoint_id__in")
        ),
        "dataset_version": Filter(
            "dataset_version", By.ID, via=_open(models.Binding, "deployment_id", "dataset_version_id__in")
        ),
    },
    search=("name", "slug", "system__name"),
    orders={**_NAMES, "state": "state", "environment": "environment", "system": "system__name"},
    extras=estate_rows.deployment_extras,
)
KEYS = Listing(
    lambda: models.EndpointKey.objects.annotate(
        scope_unit=Coalesce(F("deployment__system__unit_id"), F("site__unit_id"), F("unit_id"))
    ).select_related("unit", "site", "deployment", "rotated_from", "created_by"),
    estate_rows.key,
    unit_path="scope_unit",
    filters={
        "scope": Filter("scope"),
        "unit": Filter("scope_unit", By.UNIT),
        "deployment": Filter("deployment_id", By.ID),
        "site": Filter("site_id", By.ID),
    },
    search=("name", "public_id"),
    orders={**_NAMES, "last_used": "last_used_at", "expires": "expires_at"},
    default_order="-created",
)
RULES = Listing(
    lambda: models.SenderRule.objects.annotate(
        target_unit=Case(
            When(deployment__isnull=False, then=F("deployment__system__unit_id")),
            When(endpoint__isnull=False, then=F("endpoint__unit_id")),
            default=F("site__unit_id"),
        )
    ).select_related("key", "deployment", "endpoint", "site"),
    estate_rows.rule,
    unit_path="target_unit",
    filters={
        "deployment": Filter("deployment_id", By.ID),
        "endpoint": Filter("endpoint_id", By.ID),
        "site": Filter("site_id", By.ID),
        "key": Filter("key_id", By.ID),
        "unit": Filter("target_unit", By.UNIT),
    },
    search=("service_name", "service_namespace", "place", "claimed_deployment", "note"),
    orders={"created": "created_at", "updated": "updated_at", "name": "service_name", "priority": "priority"},
    default_order="-created",
)
DISMISSALS = Listing(
    lambda: models.SenderDismissal.objects.annotate(
        key_unit=Coalesce(F("key__deployment__system__unit_id"), F("key__site__unit_id"), F("key__unit_id"))
    ).select_related("key"),
    estate_rows.dismissal,
    unit_path="key_unit",
    filters={"key": Filter("key_id", By.ID)},
    search=("service_name", "service_namespace", "reason"),
    orders={"created": "created_at", "name": "service_name"},
    default_order="-created",
)
