"""What queries answer with: frozen values, never lazy rows. None is unknown, and is shown as unknown."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from inventory.queries.listing import Ref


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What every row has. `version` is what an edit must name, so that none overwrites another's."""

    id: uuid.UUID
    version: int
    created_at: datetime
    updated_at: datetime
    retired_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Named(Row):
    name: str
    slug: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Relation(Row):
    """Holds during [valid_from, valid_until); an open end is None. `current` says whether it holds now."""

    valid_from: datetime | None
    valid_until: datetime | None
    current: bool


@dataclass(frozen=True, slots=True)
class Place:
    """Where something is: a site, or a fleet at a site."""

    site: Ref
    tier: str
    country: str
    fleet: Ref | None = None

    @property
    def name(self) -> str:
        return self.fleet.name if self.fleet else self.site.name


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitRow(Named):
    parent: Ref | None
    depth: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EntityRow(Named):
    country: str
    registration: str
    is_own: bool
    website: str
    contact: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteRow(Named):
    tier: str
    country: str
    region: str
    connectivity: str
    offline_budget_hours: int | None
    operator: Ref | None
    parent: Ref | None
    unit: Ref | None
    note: str
    deployment_count: int
    fleet_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetRow(Named):
    site: Ref
    tier: str
    unit: Ref | None
    kind: str
    os: str
    expected_count: int | None
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemRow(Named):
    purpose: str
    business_process: str
    owner: Ref | None
    deputy: Ref | None
    unit: Ref | None
    risk_class: str
    annex_iii_points: tuple[str, ...]
    risk_reason: str
    persons_affected: tuple[str, ...]
    persons_estimate: int | None
    state: str
    interacts_with_persons: bool | None
    decision_impact: str
    deployment_count: int
    live_count: int
    runs_unapproved: bool
    tiers: tuple[str, ...]
    places: tuple[Place, ...]
    special_categories: tuple[str, ...] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleRow(Relation):
    system: Ref
    entity: Ref
    role: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetRow(Named):
    """The facts are those of all versions in use together: the strictest classification, every category."""

    purpose: str
    unit: Ref | None
    version_count: int
    classification: str | None
    personal_data: str
    special_categories: tuple[str, ...]
    residency: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetVersionRow(Row):
    dataset: Ref
    label: str
    name: str
    classification: str
    personal_data: str
    special_categories: tuple[str, ...]
    data_subjects: tuple[str, ...]
    residency: tuple[str, ...]
    retention_days: int | None
    source: str
    licence: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelRow(Named):
    provider: Ref | None
    provider_name: str
    family: str
    kind: str
    note: str
    version_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelVersionRow(Row):
    model: Ref
    label: str
    name: str
    kind: str
    provider_name: str
    modalities_in: tuple[str, ...]
    modalities_out: tuple[str, ...]
    parameters: int | None
    licence: str
    quantisation: str
    digest: str
    aliases: tuple[str, ...]
    state: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DescentRow(Relation):
    child: Ref
    parent: Ref
    descent: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingRow(Relation):
    model_version: Ref
    dataset_version: Ref


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointRow(Named):
    kind: str
    place: Place | None
    operator: Ref | None
    unit: Ref | None
    processing_regions: tuple[str, ...]
    host: str
    observable: tuple[str, ...] | None
    model_disclosure: str
    note: str
    models: tuple[Ref, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ServesRow(Relation):
    endpoint: Ref
    model_version: Ref
    model: Ref
    alias: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteRow(Relation):
    gateway: Ref
    upstream: Ref
    alias: str
    priority: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DeploymentRow(Named):
    system: Ref
    unit: Ref | None
    owner: Ref | None
    risk_class: str
    environment: str
    state: str
    capture_mode: str
    retention_class: str
    expected_count: int | None
    calendar: str
    note: str
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacementRow(Relation):
    deployment: Ref
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class UseRow(Relation):
    deployment: Ref
    endpoint: Ref
    endpoint_kind: str
    role: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BindingRow(Relation):
    deployment: Ref
    system: Ref
    dataset: Ref
    dataset_version: Ref
    classification: str
    personal_data: str
    special_categories: tuple[str, ...]
    purpose: str
    basis: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRow(Row):
    """An endpoint key without anything secret. `state` is one of active, expired, revoked."""

    name: str
    public_id: str
    scope: str
    scope_name: str
    unit: Ref | None
    site: Ref | None
    deployment: Ref | None
    expires_at: datetime | None
    revoked_at: datetime | None
    rotated_from: Ref | None
    last_used_at: datetime | None
    created_by: Ref | None
    max_senders: int
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleRow(Relation):
    """A sender rule. Empty patterns match anything."""

    key: Ref | None
    service_namespace: str
    service_name: str
    environment: str
    place: str
    claimed_deployment: str
    deployment: Ref | None
    endpoint: Ref | None
    site: Ref | None
    priority: int
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DismissalRow(Row):
    sender_id: bytes
    key: Ref
    service_namespace: str
    service_name: str
    environment: str
    place: str
    claimed_deployment: str
    reason: str


@dataclass(frozen=True, slots=True)
class SiteDetail:
    row: SiteRow
    children: tuple[SiteRow, ...]
    fleets: tuple[FleetRow, ...]
    endpoints: tuple[EndpointRow, ...]
    placements: tuple[PlacementRow, ...]


@dataclass(frozen=True, slots=True)
class FleetDetail:
    row: FleetRow
    endpoints: tuple[EndpointRow, ...]
    placements: tuple[PlacementRow, ...]


@dataclass(frozen=True, slots=True)
class EntityDetail:
    row: EntityRow
    roles: tuple[RoleRow, ...]
    models: tuple[ModelRow, ...]
    sites: tuple[SiteRow, ...]
    endpoints: tuple[EndpointRow, ...]


@dataclass(frozen=True, slots=True)
class SystemDetail:
    row: SystemRow
    roles: tuple[RoleRow, ...]
    deployments: tuple[DeploymentRow, ...]
    uses: tuple[UseRow, ...]
    bindings: tuple[BindingRow, ...]
    next_states: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DatasetDetail:
    row: DatasetRow
    versions: tuple[DatasetVersionRow, ...]
    bindings: tuple[BindingRow, ...]
    trainings: tuple[TrainingRow, ...]


@dataclass(frozen=True, slots=True)
class ModelDetail:
    row: ModelRow
    versions: tuple[ModelVersionRow, ...]
    served_by: tuple[ServesRow, ...]


@dataclass(frozen=True, slots=True)
class ModelVersionDetail:
    row: ModelVersionRow
    origins: tuple[DescentRow, ...]
    descendants: tuple[DescentRow, ...]
    trainings: tuple[TrainingRow, ...]
    served_by: tuple[ServesRow, ...]
    next_states: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EndpointDetail:
    row: EndpointRow
    serves: tuple[ServesRow, ...]
    routes: tuple[RouteRow, ...]
    routed_from: tuple[RouteRow, ...]
    used_by: tuple[UseRow, ...]
    rules: tuple[RuleRow, ...]


@dataclass(frozen=True, slots=True)
class DeploymentDetail:
    row: DeploymentRow
    placements: tuple[PlacementRow, ...]
    uses: tuple[UseRow, ...]
    serves: tuple[ServesRow, ...]
    bindings: tuple[BindingRow, ...]
    rules: tuple[RuleRow, ...]
    keys: tuple[KeyRow, ...]
    next_states: tuple[str, ...]
