"""One call of every verb of the register, as somebody: for the tests that go through all of them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from inventory import services
from inventory.domain.words import (
    BindingPurpose,
    DeploymentState,
    Descent,
    EntityRole,
    KeyScope,
    ModelState,
    RiskClass,
    SystemState,
    UseRole,
)
from kernel.actor import Actor, Permission
from tests.inventory.estate import BUILDER, Estate

Call = Callable[[Actor, Estate], Any]

_WHY = "because the test says so"


def _spare_site(estate: Estate) -> Any:
    return services.register_site(BUILDER, name="Spare", tier="colocation", unit=estate.clinics)


def _spare_version(estate: Estate) -> Any:
    return services.register_dataset_version(BUILDER, dataset=estate.records, label="2027")


def _spare_endpoint(estate: Estate) -> Any:
    return services.register_endpoint(BUILDER, name="Spare", kind="model_server", unit=estate.clinics)


def _retire(register: Callable[..., Any], retire: Callable[..., Any], **fields: Any) -> Call:
    def call(actor: Actor, estate: Estate) -> Any:
        given = {name: value(estate) if callable(value) else value for name, value in fields.items()}
        return retire(actor, register(BUILDER, name="Spare", **given), version=1, reason=_WHY)

    return call


def _dismissed(actor: Actor, estate: Estate) -> Any:
    services.dismiss_sender(BUILDER, identity=estate.sender(), reason=_WHY)
    return services.undismiss_sender(actor, sender_id=estate.sender().sender_id())


REGISTER: dict[str, Call] = {
    "register_unit": lambda a, e: services.register_unit(a, name="Wards", parent=e.clinics),
    "edit_unit": lambda a, e: services.edit_unit(a, e.clinics, version=1, name="Hospitals"),
    "retire_unit": _retire(services.register_unit, services.retire_unit, parent=lambda e: e.clinics),
    "register_entity": lambda a, _e: services.register_entity(a, name="Clinic SAS", country="FR"),
    "edit_entity": lambda a, e: services.edit_entity(a, e.vendor, version=1, contact="legal@example.org"),
    "retire_entity": _retire(services.register_entity, services.retire_entity),
    "register_system": lambda a, e: services.register_system(a, name="Triage", unit=e.clinics),
    "edit_system": lambda a, e: services.edit_system(a, e.radiology, version=4, purpose="Drafts reports"),
    "classify_system": lambda a, e: services.classify_system(
        a, e.radiology, risk_class=RiskClass.HIGH, annex_iii_points=["5(c)"], reason=_WHY, version=4
    ),
    "move_system": lambda a, e: services.move_system(
        a, e.radiology, to=SystemState.SUSPENDED, version=4, reason=_WHY
    ),
    "retire_system": _retire(services.register_system, services.retire_system, unit=lambda e: e.clinics),
    "assign_role": lambda a, e: services.assign_role(
        a, system=e.radiology, entity=e.vendor, role=EntityRole.PROCESSOR
    ),
    "end_role": lambda a, e: services.end_role(a, e.role),
    "register_dataset": lambda a, e: services.register_dataset(a, name="Images", unit=e.clinics),
    "edit_dataset": lambda a, e: services.edit_dataset(a, e.records, version=1, purpose="Care"),
    "retire_dataset": _retire(services.register_dataset, services.retire_dataset, unit=lambda e: e.clinics),
    "register_dataset_version": lambda a, e: services.register_dataset_version(
        a, dataset=e.records, label="2027"
    ),
    "edit_dataset_version": lambda a, e: services.edit_dataset_version(
        a, e.records_2026, version=1, retention_days=3650
    ),
    "retire_dataset_version": lambda a, e: services.retire_dataset_version(
        a, _spare_version(e), version=1, reason=_WHY
    ),
    "register_model": lambda a, _e: services.register_model(a, name="Forecaster", kind="forecast"),
    "edit_model": lambda a, e: services.edit_model(a, e.model, version=1, family="Weights"),
    "retire_model": _retire(services.register_model, services.retire_model),
    "register_model_version": lambda a, e: services.register_model_version(a, model=e.model, label="8"),
    "edit_model_version": lambda a, e: services.edit_model_version(
        a, e.model_version, version=1, parameters=7_000_000_000
    ),
    "move_model_version": lambda a, e: services.move_model_version(
        a, e.model_version, to=ModelState.APPROVED, version=1
    ),
    "retire_model_version": lambda a, e: services.retire_model_version(
        a, e.small_version, version=1, reason=_WHY
    ),
    "relate_model_versions": lambda a, e: services.relate_model_versions(
        a, child=e.small_version, parent=e.model_version, descent=Descent.DISTILLED_FROM
    ),
    "withdraw_model_relation": lambda a, e: services.withdraw_model_relation(a, e.descent, reason=_WHY),
    "add_training": lambda a, e: services.add_training(
        a, model_version=e.small_version, dataset_version=e.records_2026
    ),
    "end_training": lambda a, e: services.end_training(a, e.training),
}
ESTATE: dict[str, Call] = {
    "register_site": lambda a, e: services.register_site(
        a, name="Brest clinic", tier="workstation", unit=e.clinics
    ),
    "edit_site": lambda a, e: services.edit_site(a, e.clinic, version=1, region="pays-de-la-loire"),
    "retire_site": lambda a, e: services.retire_site(a, _spare_site(e), version=1, reason=_WHY),
    "register_fleet": lambda a, e: services.register_fleet(a, name="Carts", site=e.clinic),
    "edit_fleet": lambda a, e: services.edit_fleet(a, e.fleet, version=1, expected_count=41),
    "retire_fleet": lambda a, e: services.retire_fleet(a, e.fleet, version=1, reason=_WHY),
    "register_endpoint": lambda a, e: services.register_endpoint(
        a, name="Second server", kind="model_server", unit=e.clinics
    ),
    "edit_endpoint": lambda a, e: services.edit_endpoint(
        a, e.server, version=1, host="models.clinic.example:8000"
    ),
    "retire_endpoint": lambda a, e: services.retire_endpoint(a, _spare_endpoint(e), version=1, reason=_WHY),
    "serve_model": lambda a, e: services.serve_model(
        a, endpoint=e.server, model_version=e.small_version, alias="small"
    ),
    "end_serving": lambda a, e: services.end_serving(a, e.serves),
    "route_endpoint": lambda a, e: services.route_endpoint(
        a, gateway=e.gateway, upstream=e.server, alias="other"
    ),
    "end_route": lambda a, e: services.end_route(a, e.route),
    "register_deployment": lambda a, e: services.register_deployment(
        a, name="Radiology test", system=e.radiology, environment="test"
    ),
    "edit_deployment": lambda a, e: services.edit_deployment(
        a, e.radiology_live, version=1, expected_count=12
    ),
    "move_deployment": lambda a, e: services.move_deployment(
        a, e.radiology_live, to=DeploymentState.PAUSED, version=1, reason=_WHY
    ),
    "retire_deployment": lambda a, e: services.retire_deployment(a, e.radiology_live, version=1, reason=_WHY),
    "place_deployment": lambda a, e: services.place_deployment(a, deployment=e.radiology_live, fleet=e.fleet),
    "end_placement": lambda a, e: services.end_placement(a, e.placement),
    "use_endpoint": lambda a, e: services.use_endpoint(
        a, deployment=e.radiology_live, endpoint=e.gateway, role=UseRole.FALLBACK
    ),
    "end_use": lambda a, e: services.end_use(a, e.use),
    "bind_dataset": lambda a, e: services.bind_dataset(
        a, deployment=e.radiology_live, dataset_version=e.records_2026, purpose=BindingPurpose.LOGGING
    ),
    "end_binding": lambda a, e: services.end_binding(a, e.binding),
    "register_rule": lambda a, e: services.register_rule(
        a, key=e.clinic_key.id, service_name="radiology-*", deployment=e.radiology_live
    ),
    "edit_rule": lambda a, e: services.edit_rule(a, e.rule, version=1, priority=5),
    "retire_rule": lambda a, e: services.retire_rule(a, e.rule, version=1, reason=_WHY),
    "promote_sender": lambda a, e: services.promote_sender(
        a, identity=e.sender(), deployment=e.radiology_live
    ),
    "merge_senders": lambda a, e: services.merge_senders(
        a, identities=[e.sender(), e.sender("other")], deployment=e.radiology_live
    ),
    "dismiss_sender": lambda a, e: services.dismiss_sender(a, identity=e.sender(), reason=_WHY),
    "undismiss_sender": _dismissed,
    "register_simple": lambda a, e: services.register_simple(
        a, system=e.radiology, model=e.model_version, place=e.clinic
    ),
}


def _spare_profile(estate: Estate) -> Any:
    return services.register_cost_profile(
        BUILDER, endpoint=_spare_endpoint(estate), basis="rented", currency="EUR", rent_per_hour=Decimal(2)
    )


PRICES: dict[str, Call] = {
    "register_cost_profile": lambda a, e: services.register_cost_profile(
        a, endpoint=e.gateway, basis="rented", currency="USD", rent_per_hour=Decimal("2.5")
    ),
    "edit_cost_profile": lambda a, e: services.edit_cost_profile(a, e.profile, version=1, machines=2),
    "retire_cost_profile": lambda a, e: services.retire_cost_profile(
        a, _spare_profile(e), version=1, reason=_WHY
    ),
    "register_seat_price": lambda a, e: services.register_seat_price(
        a, name="More seats", system=e.radiology, currency="EUR", price_per_month=Decimal(9), seats=3
    ),
    "edit_seat_price": lambda a, e: services.edit_seat_price(a, e.seats, version=1, seats=41),
    "retire_seat_price": lambda a, e: services.retire_seat_price(a, e.seats, version=1, reason=_WHY),
    "register_exchange_rate": lambda a, _e: services.register_exchange_rate(
        a, currency="GBP", day=date(2026, 1, 1), usd_per_unit=Decimal("1.27")
    ),
    "edit_exchange_rate": lambda a, e: services.edit_exchange_rate(
        a, e.exchange, version=1, usd_per_unit=Decimal("1.09")
    ),
    "retire_exchange_rate": lambda a, e: services.retire_exchange_rate(a, e.exchange, version=1, reason=_WHY),
    "choose_cost_settings": lambda a, _e: services.choose_cost_settings(
        a, currency="EUR", zone="Europe/Paris"
    ),
}
KEYS: dict[str, Call] = {
    "make_key": lambda a, e: services.make_key(a, name="Ward", scope=KeyScope.UNIT, unit=e.clinics),
    "edit_key": lambda a, e: services.edit_key(
        a, e.clinic_key.id, version=1, name="Wards", expires_at=None, max_senders=5
    ),
    "rotate_key": lambda a, e: services.rotate_key(a, e.clinic_key.id),
    "revoke_key": lambda a, e: services.revoke_key(a, e.clinic_key.id, reason=_WHY),
}
ALL: dict[str, tuple[Permission, Call]] = {
    name: (permission, call)
    for permission, calls in (
        (Permission.REGISTER_EDIT, REGISTER),
        (Permission.ESTATE_EDIT, ESTATE),
        (Permission.KEYS_MANAGE, KEYS),
        (Permission.PRICES_MANAGE, PRICES),
    )
    for name, call in calls.items()
}
