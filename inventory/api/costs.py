"""What no price list knows, in the API: cost profiles, seat prices, exchange rates, and how months are told."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse

from inventory import queries, schemas, services
from inventory.api.resources import Resource, actor_of, add, tag
from inventory.api.routes import router
from inventory.queries import costs
from kernel.actor import Permission

RESOURCES = (
    Resource(
        "cost-profiles",
        "cost profile",
        costs.COST_PROFILES,
        queries.CostProfileRow,
        queries.cost_profile_detail,
        queries.CostProfileRow,
        schemas.CostProfileIn,
        services.register_cost_profile,
        services.edit_cost_profile,
        services.retire_cost_profile,
    ),
    Resource(
        "seat-prices",
        "seat price",
        costs.SEAT_PRICES,
        queries.SeatPriceRow,
        queries.seat_price_detail,
        queries.SeatPriceRow,
        schemas.SeatPriceIn,
        services.register_seat_price,
        services.edit_seat_price,
        services.retire_seat_price,
    ),
    Resource(
        "exchange-rates",
        "exchange rate",
        costs.EXCHANGE_RATES,
        queries.ExchangeRateRow,
        queries.exchange_rate_detail,
        queries.ExchangeRateRow,
        schemas.ExchangeRateIn,
        services.register_exchange_rate,
        services.edit_exchange_rate,
        services.retire_exchange_rate,
    ),
)
for resource in RESOURCES:
    add(router, resource)


@router.get("/cost-settings", response=queries.CostSettingsRow, operation_id="read_cost_settings")
def read_cost_settings(request: HttpRequest, response: HttpResponse) -> Any:
    """The reporting currency, and the time zone in which months begin."""
    actor_of(request).require_somewhere(Permission.REGISTER_READ)
    found = queries.cost_settings()
    tag(response, found.version or 0)
    return found


@router.patch("/cost-settings", response=schemas.Changed, operation_id="choose_cost_settings")
def choose_cost_settings(
    request: HttpRequest, response: HttpResponse, payload: schemas.CostSettingsIn
) -> Any:
    """Choose the reporting currency and the time zone of a month; what is left out stays."""
    given = {name: getattr(payload, name) for name in payload.model_fields_set}
    version = services.choose_cost_settings(actor_of(request), **given)
    tag(response, version)
    return {"version": version}
