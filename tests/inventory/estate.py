"""A small estate for tests: a hospital and a shop of one group, each with a system that runs."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from inventory import services
from inventory.domain.words import (
    BindingPurpose,
    Descent,
    EndpointKind,
    EntityRole,
    KeyScope,
    SystemState,
    Tier,
)
from inventory.models import System
from inventory.services.prices import register_own_price
from kernel.actor import system_actor
from kernel.contracts.ingest import CaptureMode, SenderIdentity

BUILDER = system_actor("tests")


@dataclass(frozen=True)
class Estate:
    group: uuid.UUID
    clinics: uuid.UUID
    shops: uuid.UUID
    vendor: uuid.UUID
    clinic: uuid.UUID
    shop: uuid.UUID
    fleet: uuid.UUID
    radiology: uuid.UUID
    radiology_live: uuid.UUID
    radiology_slug: str
    server: uuid.UUID
    gateway: uuid.UUID
    model: uuid.UUID
    model_version: uuid.UUID
    small_version: uuid.UUID
    records: uuid.UUID
    records_2026: uuid.UUID
    shop_system: uuid.UUID
    shop_live: uuid.UUID
    placement: uuid.UUID
    use: uuid.UUID
    serves: uuid.UUID
    route: uuid.UUID
    role: uuid.UUID
    binding: uuid.UUID
    training: uuid.UUID
    descent: uuid.UUID
    rule: uuid.UUID
    profile: uuid.UUID
    seats: uuid.UUID
    own_price: uuid.UUID
    exchange: uuid.UUID
    key: services.NewKey
    clinic_key: services.NewKey

    def sender(self, name: str = "radiology-api", **parts: str) -> SenderIdentity:
        """A sender that uses the clinic's key."""
        return sender(self.clinic_key.id, name, **parts)


def sender(key: uuid.UUID, name: str = "", **parts: str) -> SenderIdentity:
    """What telemetry calls itself; silent where nothing is given."""
    silent = {"service_namespace": "", "environment": "", "place": "", "claimed_deployment": ""}
    return SenderIdentity(key_id=key.bytes, service_name=name, **{**silent, **parts})


def build() -> Estate:
    """Make the estate through the verbs, as people would."""
    group = services.register_unit(BUILDER, name="Group")
    clinics = services.register_unit(BUILDER, name="Clinics", parent=group)
    shops = services.register_unit(BUILDER, name="Shops", parent=group)
    vendor = services.register_entity(BUILDER, name="Weights Inc.", country="US")
    clinic = services.register_site(
        BUILDER, name="Nantes clinic", tier=Tier.WORKSTATION, country="FR", unit=clinics
    )
    shop = services.register_site(BUILDER, name="Lyon shop", tier=Tier.RETAIL_EDGE, country="FR", unit=shops)
    fleet = services.register_fleet(BUILDER, name="Reading rooms", site=clinic, expected_count=40)
    model = services.register_model(BUILDER, name="Weights", provider=vendor, kind="llm")
    version = services.register_model_version(BUILDER, model=model, label="7", aliases=["weights-7b"])
    small = services.register_model_version(BUILDER, model=model, label="7", quantisation="int4")
    records = services.register_dataset(BUILDER, name="Patient records", unit=clinics)
    records_2026 = services.register_dataset_version(
        BUILDER,
        dataset=records,
        label="2026",
        classification="restricted",
        personal_data="yes",
        special_categories=["health", "genetic"],
        data_subjects=["patients"],
        residency=["FR"],
    )
    radiology = services.register_simple(
        BUILDER,
        system=services.NewSystem(name="Radiology drafts", unit=clinics),
        model=version,
        place=clinic,
        capture_mode=CaptureMode.REDACT,
    )
    _bring_live(radiology.system)
    shop_assistant = services.register_simple(
        BUILDER,
        system=services.NewSystem(name="Shop assistant", unit=shops),
        model=None,
        place=shop,
        endpoint_kind=EndpointKind.SAAS_FEATURE,
    )
    _bring_live(shop_assistant.system)
    gateway = services.register_endpoint(
        BUILDER, name="Clinic gateway", kind="gateway", site=clinic, unit=clinics
    )
    return Estate(
        group=group,
        clinics=clinics,
        shops=shops,
        vendor=vendor,
        clinic=clinic,
        shop=shop,
        fleet=fleet,
        radiology=radiology.system,
        radiology_live=radiology.deployment,
        radiology_slug=radiology.deployment_slug,
        server=radiology.endpoint,
        gateway=gateway,
        model=model,
        model_version=version,
        small_version=small,
        records=records,
        records_2026=records_2026,
        shop_system=shop_assistant.system,
        shop_live=shop_assistant.deployment,
        placement=radiology.placement,
        use=radiology.use,
        serves=services.serve_model(BUILDER, endpoint=gateway, model_version=version, alias="drafts"),
        route=services.route_endpoint(BUILDER, gateway=gateway, upstream=radiology.endpoint, alias="drafts"),
        role=services.assign_role(BUILDER, system=radiology.system, entity=vendor, role=EntityRole.PROVIDER),
        binding=services.bind_dataset(
            BUILDER,
            deployment=radiology.deployment,
            dataset_version=records_2026,
            purpose=BindingPurpose.RETRIEVAL,
        ),
        training=services.add_training(BUILDER, model_version=version, dataset_version=records_2026),
        descent=services.relate_model_versions(
            BUILDER, child=small, parent=version, descent=Descent.QUANTISED
        ),
        rule=radiology.rule,
        profile=services.register_cost_profile(
            BUILDER,
            endpoint=radiology.endpoint,
            currency="EUR",
            purchase_price=Decimal(26280),
            life_years=Decimal(3),
            power_watts=1000,
            tariff=Decimal("0.2"),
            pue=Decimal("1.5"),
            slots=4,
        ),
        seats=services.register_seat_price(
            BUILDER,
            name="Reader seats",
            system=radiology.system,
            vendor=vendor,
            currency="EUR",
            price_per_month=Decimal("19.5"),
            seats=40,
        ),
        own_price=register_own_price(
            BUILDER, provider="mistral", model="contract-model", input_price=Decimal("1.5"), note="Contract 7"
        ),
        exchange=services.register_exchange_rate(
            BUILDER, currency="EUR", day=date(2026, 1, 1), usd_per_unit=Decimal("1.1"), source="Central bank"
        ),
        key=services.make_key(BUILDER, name="Collector"),
        clinic_key=services.make_key(BUILDER, name="Clinics", scope=KeyScope.UNIT, unit=clinics),
    )


def _bring_live(system: uuid.UUID) -> None:
    for state in (SystemState.IN_ASSESSMENT, SystemState.APPROVED, SystemState.LIVE):
        services.move_system(BUILDER, system, to=state, version=None)


def version_of(system: uuid.UUID) -> int:
    """The version that an edit of a system must name now."""
    return System.objects.values_list("version", flat=True).get(pk=system)


__all__ = ["BUILDER", "Estate", "build", "sender", "version_of"]
