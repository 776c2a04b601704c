"""Shapes of the register's API. What comes in is closed (an unknown field is refused); what goes out are queries' values."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Generic, TypeVar

from ninja import Schema
from pydantic import AwareDatetime, ConfigDict, Field, create_model

from inventory.domain.words import (
    Basis,
    BindingPurpose,
    Classification,
    Connectivity,
    DecisionImpact,
    DeploymentState,
    Descent,
    EndpointKind,
    EntityRole,
    Environment,
    FleetKind,
    HardwareBasis,
    KeyScope,
    Modality,
    ModelDisclosure,
    ModelKind,
    ModelState,
    Observable,
    PersonalData,
    Persons,
    RiskClass,
    SpecialCategory,
    SystemState,
    Tier,
    UseRole,
)
from inventory.queries.listing import DEFAULT_ROWS, MOST_ROWS
from inventory.services import ROTATION_OVERLAP
from kernel.contracts.ingest import CaptureMode, RetentionClass, SenderIdentity

T = TypeVar("T")


class Input(Schema):
    """What comes in: unknown fields are refused, so that a typing error is not silently nothing."""

    model_config = ConfigDict(extra="forbid")


class Reasoned(Input):
    """Every change may say why; the ledger keeps it."""

    reason: str = Field("", max_length=2000)


class Rows(Schema, Generic[T]):
    """Some rows of a list, and how many there are over all pages."""

    items: list[T]
    total: int
    limit: int
    offset: int


class ListQuery(Schema):
    search: str = Field("", max_length=200)
    order: str = Field("", max_length=40, description="A column; with - before it descending.")
    retired: str = Field("no", pattern="^(no|yes|any)$")
    limit: int = Field(DEFAULT_ROWS, ge=1, le=MOST_ROWS)
    offset: int = Field(0, ge=0, le=10_000_000)


class UnitIn(Reasoned):
    name: str
    slug: str = ""
    parent: uuid.UUID | None = None


class EntityIn(Reasoned):
    name: str
    slug: str = ""
    country: str = ""
    registration: str = ""
    is_own: bool = False
    website: str = ""
    contact: str = ""
    note: str = ""


class SiteIn(Reasoned):
    name: str
    tier: Tier
    slug: str = ""
    country: str = ""
    region: str = ""
    connectivity: Connectivity = Connectivity.ONLINE
    offline_budget_hours: int | None = None
    operator: uuid.UUID | None = None
    parent: uuid.UUID | None = None
    unit: uuid.UUID | None = None
    note: str = ""


class CostProfileIn(Reasoned):
    endpoint: uuid.UUID
    currency: str
    basis: HardwareBasis = HardwareBasis.OWNED
    machines: int = 1
    slots: int = 1
    availability: Decimal = Decimal(100)
    purchase_price: Decimal | None = None
    life_years: Decimal | None = None
    rent_per_hour: Decimal | None = None
    power_watts: int | None = None
    tariff: Decimal | None = None
    pue: Decimal = Decimal(1)
    fixed_per_hour: Decimal = Decimal(0)
    valid_from: AwareDatetime | None = None
    valid_until: AwareDatetime | None = None
    note: str = ""


class SeatPriceIn(Reasoned):
    name: str
    currency: str
    price_per_month: Decimal
    seats: int
    system: uuid.UUID | None = None
    vendor: uuid.UUID | None = None
    valid_from: AwareDatetime | None = None
    valid_until: AwareDatetime | None = None
    note: str = ""


class ExchangeRateIn(Reasoned):
    currency: str
    day: date
    usd_per_unit: Decimal
    source: str = ""


class CostSettingsIn(Reasoned):
    """What is left out stays as it is."""

    currency: str | None = None
    zone: str | None = None


class FleetIn(Reasoned):
    name: str
    site: uuid.UUID
    slug: str = ""
    kind: FleetKind = FleetKind.OTHER
    os: str = ""
    expected_count: int | None = None
    note: str = ""


class SystemIn(Reasoned):
    name: str
    slug: str = ""
    purpose: str = ""
    business_process: str = ""
    owner: uuid.UUID | None = None
    deputy: uuid.UUID | None = None
    unit: uuid.UUID | None = None
    persons_affected: list[Persons] = []
    persons_estimate: int | None = None
    interacts_with_persons: bool | None = None
    decision_impact: DecisionImpact = DecisionImpact.UNKNOWN


class ClassifyIn(Input):
    risk_class: RiskClass
    annex_iii_points: list[str] = []
    reason: str = Field(max_length=2000)


class SystemStateIn(Reasoned):
    to: SystemState


class RoleIn(Reasoned):
    system: uuid.UUID
    entity: uuid.UUID
    role: EntityRole
    valid_from: AwareDatetime | None = None


class DatasetIn(Reasoned):
    name: str
    slug: str = ""
    purpose: str = ""
    unit: uuid.UUID | None = None


class DatasetVersionIn(Reasoned):
    dataset: uuid.UUID
    label: str
    classification: Classification = Classification.INTERNAL
    personal_data: PersonalData = PersonalData.UNKNOWN
    special_categories: list[SpecialCategory] = []
    data_subjects: list[Persons] = []
    residency: list[str] = []
    retention_days: int | None = None
    source: str = ""
    licence: str = ""
    note: str = ""


class ModelIn(Reasoned):
    name: str
    slug: str = ""
    provider: uuid.UUID | None = None
    provider_name: str = ""
    family: str = ""
    kind: ModelKind = ModelKind.OTHER
    note: str = ""


class ModelVersionIn(Reasoned):
    model: uuid.UUID
    label: str
    modalities_in: list[Modality] = []
    modalities_out: list[Modality] = []
    parameters: int | None = None
    licence: str = ""
    quantisation: str = ""
    digest: str = ""
    aliases: list[str] = []
    note: str = ""


class ModelStateIn(Reasoned):
    to: ModelState


class ModelRelationIn(Reasoned):
    child: uuid.UUID
    parent: uuid.UUID
    descent: Descent


class TrainingIn(Reasoned):
    model_version: uuid.UUID
    dataset_version: uuid.UUID
    valid_from: AwareDatetime | None = None


class EndpointIn(Reasoned):
    name: str
    kind: EndpointKind
    slug: str = ""
    site: uuid.UUID | None = None
    fleet: uuid.UUID | None = None
    operator: uuid.UUID | None = None
    unit: uuid.UUID | None = None
    processing_regions: list[str] = []
    host: str = ""
    observable: list[Observable] | None = None
    model_disclosure: ModelDisclosure = ModelDisclosure.DISCLOSED
    note: str = ""


class ServesIn(Reasoned):
    endpoint: uuid.UUID
    model_version: uuid.UUID
    alias: str = ""
    valid_from: AwareDatetime | None = None


class RouteIn(Reasoned):
    gateway: uuid.UUID
    upstream: uuid.UUID
    alias: str = ""
    priority: int = Field(0, ge=0, le=32767)
    valid_from: AwareDatetime | None = None


class DeploymentIn(Reasoned):
    name: str
    system: uuid.UUID
    slug: str = ""
    environment: Environment = Environment.PRODUCTION
    state: DeploymentState = DeploymentState.PLANNED
    capture_mode: CaptureMode = CaptureMode.HASHED
    retention_class: RetentionClass = RetentionClass.STANDARD
    expected_count: int | None = None
    calendar: str = ""
    note: str = ""


class DeploymentStateIn(Reasoned):
    to: DeploymentState


class PlacementIn(Reasoned):
    deployment: uuid.UUID
    site: uuid.UUID | None = None
    fleet: uuid.UUID | None = None
    valid_from: AwareDatetime | None = None


class UseIn(Reasoned):
    deployment: uuid.UUID
    endpoint: uuid.UUID
    role: UseRole = UseRole.GENERATION
    valid_from: AwareDatetime | None = None


class BindingIn(Reasoned):
    deployment: uuid.UUID
    dataset_version: uuid.UUID
    purpose: BindingPurpose
    basis: Basis = Basis.DECLARED
    valid_from: AwareDatetime | None = None


class EndIn(Reasoned):
    """`at` empty: now."""

    at: AwareDatetime | None = None


class KeyIn(Reasoned):
    name: str
    scope: KeyScope = KeyScope.EVERYTHING
    unit: uuid.UUID | None = None
    site: uuid.UUID | None = None
    deployment: uuid.UUID | None = None
    expires_at: AwareDatetime | None = None
    max_senders: int = 1000


class KeyEdit(Reasoned):
    name: str
    expires_at: AwareDatetime | None
    max_senders: int


class RotateIn(Reasoned):
    overlap_hours: float = Field(ROTATION_OVERLAP.total_seconds() / 3600, ge=0, le=24 * 30)


class MadeKey(Schema):
    """`token` is shown this once and kept nowhere."""

    id: uuid.UUID
    public_id: str
    token: str


class RuleIn(Reasoned):
    key: uuid.UUID | None = None
    service_namespace: str = ""
    service_name: str = ""
    environment: str = ""
    place: str = ""
    claimed_deployment: str = ""
    deployment: uuid.UUID | None = None
    endpoint: uuid.UUID | None = None
    site: uuid.UUID | None = None
    priority: int = Field(0, ge=-32768, le=32767)
    valid_from: AwareDatetime | None = None
    valid_until: AwareDatetime | None = None
    note: str = ""


class Sender(Input):
    """A sender as the record knows it: what telemetry calls itself."""

    key: uuid.UUID
    service_namespace: str = Field("", max_length=256)
    service_name: str = Field("", max_length=256)
    environment: str = Field("", max_length=256)
    place: str = Field("", max_length=256)
    claimed_deployment: str = Field("", max_length=256)

    def identity(self) -> SenderIdentity:
        return SenderIdentity(
            key_id=self.key.bytes,
            service_namespace=self.service_namespace,
            service_name=self.service_name,
            environment=self.environment,
            place=self.place,
            claimed_deployment=self.claimed_deployment,
        )


class PromoteIn(Reasoned):
    sender: Sender
    deployment: uuid.UUID
    endpoint: uuid.UUID | None = None
    site: uuid.UUID | None = None
    valid_from: AwareDatetime | None = None
    valid_until: AwareDatetime | None = None
    note: str = ""


class MergeIn(Reasoned):
    senders: list[Sender]
    deployment: uuid.UUID


class DismissIn(Input):
    sender: Sender
    reason: str = Field(max_length=2000)


class Dismissal(Schema):
    id: uuid.UUID
    version: int
    created_at: datetime
    retired_at: datetime | None
    sender_id: str
    key: uuid.UUID
    service_namespace: str
    service_name: str
    environment: str
    place: str
    claimed_deployment: str
    reason: str


class SimpleSystem(Input):
    name: str
    unit: uuid.UUID | None = None
    owner: uuid.UUID | None = None
    purpose: str = ""


class SimpleModel(Input):
    name: str
    version: str
    provider_name: str = ""
    kind: ModelKind = ModelKind.LLM
    alias: str = ""


class SimpleSite(Input):
    name: str
    tier: Tier
    country: str = ""
    unit: uuid.UUID | None = None


class SimpleSender(Input):
    key: uuid.UUID | None = None
    service_name: str = ""
    service_namespace: str = ""


class SimpleIn(Reasoned):
    """A system, a model and a place: each by id, or as new. `model` null: the operator does not say."""

    system: uuid.UUID | SimpleSystem
    model: uuid.UUID | SimpleModel | None
    place: uuid.UUID | SimpleSite
    environment: Environment = Environment.PRODUCTION
    endpoint: uuid.UUID | None = None
    endpoint_kind: EndpointKind = EndpointKind.MODEL_SERVER
    role: UseRole = UseRole.GENERATION
    capture_mode: CaptureMode = CaptureMode.HASHED
    state: DeploymentState = DeploymentState.LIVE
    sender: SimpleSender | None = None


class Made(Schema):
    """A new row: its id, and its version for the next edit."""

    id: uuid.UUID
    version: int = 1


class Changed(Schema):
    """The version of a row after a change."""

    version: int


class MadeMany(Schema):
    ids: list[uuid.UUID]


_OWN_VERBS = frozenset({"reason", "state"})


def patch_of(shape: type[Reasoned]) -> type[Reasoned]:
    """The same fields, none of them required: what a PATCH may send. What is left out stays as it is."""
    fields: dict[str, Any] = {
        name: (field.annotation, None) for name, field in shape.model_fields.items() if name not in _OWN_VERBS
    }
    return create_model(f"{shape.__name__.removesuffix('In')}Patch", __base__=Reasoned, **fields)


def query_of(name: str, filters: list[str]) -> type[ListQuery]:
    """What a list takes in its query string: the common part, and each filter as often as needed."""
    fields: dict[str, Any] = {filter_: (list[str], []) for filter_ in filters}
    return create_model(f"{name}Query", __base__=ListQuery, **fields)
