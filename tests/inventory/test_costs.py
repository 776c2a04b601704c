"""Cost profiles, seats, rates and settings on the register."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from inventory import queries, services
from inventory.domain.words import EntityRole
from inventory.models import CostProfile, ExchangeRate
from kernel.errors import Conflict, Invalid
from tests.cast import ADA, AGNES, ODILE, only_in
from tests.inventory.estate import Estate

pytestmark = pytest.mark.database

NOVEMBER = datetime(2026, 11, 1, tzinfo=UTC)
DECEMBER = datetime(2026, 12, 1, tzinfo=UTC)


def rented(estate: Estate, **more: object) -> object:
    fields = {"basis": "rented", "currency": "EUR", "rent_per_hour": Decimal("2.125"), **more}
    return services.register_cost_profile(ODILE, endpoint=estate.gateway, **fields)  # type: ignore[arg-type]


def test_decimals_come_back_as_they_were_given(estate: Estate) -> None:
    fine = Decimal("0.000000123")
    services.register_exchange_rate(ADA, currency="VND", day=date(2026, 1, 1), usd_per_unit=fine)
    assert ExchangeRate.objects.get(currency="VND").usd_per_unit == fine
    profile = queries.cost_profile_detail(ADA, estate.profile)
    assert (profile.tariff, profile.purchase_price) == (Decimal("0.2"), Decimal(26280))
    assert str(profile.purchase_price) == "26280"
    assert profile.rate == Decimal("1.3")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("rent_per_hour", Decimal("0.1234567")),
        ("rent_per_hour", Decimal("NaN")),
        ("rent_per_hour", Decimal(-1)),
        ("rent_per_hour", Decimal("1e30")),
        ("availability", Decimal(101)),
        ("availability", Decimal(0)),
        ("pue", Decimal("0.9")),
        ("slots", 0),
        ("machines", 0),
        ("currency", "euro"),
    ],
)
def test_a_number_that_cannot_be_is_refused(field: str, value: object, estate: Estate) -> None:
    with pytest.raises(Invalid) as refused:
        rented(estate, **{field: value})
    assert field in refused.value.fields


@pytest.mark.parametrize(
    "fields",
    [
        {"rent_per_hour": None},
        {"purchase_price": Decimal(1), "life_years": Decimal(1)},
        {"basis": "owned"},
        {"basis": "owned", "rent_per_hour": None, "purchase_price": Decimal(100)},
        {"power_watts": 100},
        {"tariff": Decimal("0.2")},
    ],
)
def test_half_a_profile_is_refused(fields: dict[str, object], estate: Estate) -> None:
    with pytest.raises(Invalid):
        rented(estate, **fields)


def test_one_profile_holds_at_a_time(estate: Estate) -> None:
    rented(estate, valid_until=NOVEMBER)
    with pytest.raises(Invalid) as refused:
        rented(estate, valid_from=datetime(2026, 10, 31, tzinfo=UTC))
    assert refused.value.code == "overlap"
    rented(estate, valid_from=NOVEMBER, valid_until=DECEMBER)
    assert CostProfile.objects.filter(endpoint=estate.gateway).count() == 2
    with pytest.raises(Invalid):
        rented(estate)


def test_an_edit_may_not_bring_two_profiles_together(estate: Estate) -> None:
    rented(estate, valid_from=NOVEMBER)
    first = rented(estate, valid_until=NOVEMBER)
    with pytest.raises(Invalid):
        services.edit_cost_profile(ODILE, first, version=1, valid_until=DECEMBER)  # type: ignore[arg-type]
    assert CostProfile.objects.get(pk=first).valid_until == NOVEMBER  # type: ignore[misc]


def test_profiles_of_a_time_are_those_that_held_in_it(estate: Estate) -> None:
    rented(estate, valid_until=NOVEMBER)
    before = queries.profiles_during(ADA, datetime(2026, 10, 1, tzinfo=UTC), NOVEMBER)
    after = queries.profiles_during(ADA, NOVEMBER, DECEMBER)
    assert {row.endpoint.id for row in before} == {estate.gateway, estate.server}
    assert {row.endpoint.id for row in after} == {estate.server}
    assert queries.profiles_during(only_in(AGNES, estate.shops), NOVEMBER, DECEMBER) == []


def test_a_profile_ends_with_its_endpoint(estate: Estate) -> None:
    spare = services.register_endpoint(ADA, name="Spare", kind="model_server", unit=estate.clinics)
    services.register_cost_profile(
        ADA, endpoint=spare, basis="rented", currency="EUR", rent_per_hour=Decimal(1)
    )
    services.retire_endpoint(ADA, spare, version=1, reason="worn out")
    long_after = datetime(2090, 1, 1, tzinfo=UTC)
    assert queries.profiles_during(ADA, long_after, long_after, endpoints=[spare]) == []
    found = queries.profiles_during(ADA, NOVEMBER, long_after, endpoints=[spare])
    assert [row.valid_until is not None for row in found] == [True]


def test_seats_of_a_time_are_those_of_the_reader(estate: Estate) -> None:
    services.register_seat_price(
        ADA, name="Company plan", vendor=estate.vendor, currency="EUR", price_per_month=Decimal(5), seats=1000
    )
    everything = queries.seats_during(ADA, NOVEMBER, DECEMBER, whole=True)
    assert {row.name for row in everything} == {"Reader seats", "Company plan"}
    clinics = queries.seats_during(only_in(AGNES, estate.clinics), NOVEMBER, DECEMBER)
    assert {row.name for row in clinics} == {"Reader seats"}
    assert queries.seats_during(only_in(AGNES, estate.shops), NOVEMBER, DECEMBER) == []


def test_one_rate_a_day(estate: Estate) -> None:
    with pytest.raises(Invalid):
        services.register_exchange_rate(
            ADA, currency="EUR", day=date(2026, 1, 1), usd_per_unit=Decimal("1.2")
        )
    with pytest.raises(Invalid):
        services.register_exchange_rate(ADA, currency="USD", day=date(2026, 1, 1), usd_per_unit=Decimal(1))
    services.retire_exchange_rate(ADA, estate.exchange, version=1, reason="wrong")
    services.register_exchange_rate(ADA, currency="EUR", day=date(2026, 1, 1), usd_per_unit=Decimal("1.2"))
    assert queries.exchange_rates().usd_per_unit("EUR", date(2026, 5, 1)) == Decimal("1.2")


def test_costs_are_told_in_dollars_and_utc_until_somebody_chooses(estate: Estate) -> None:
    assert (queries.cost_settings().currency, queries.cost_settings().zone) == ("USD", "UTC")
    assert services.choose_cost_settings(ODILE, currency="EUR", zone="Europe/Paris") == 1
    assert services.choose_cost_settings(ODILE, version=1, currency="CHF") == 2
    assert (queries.cost_settings().currency, queries.cost_settings().zone) == ("CHF", "Europe/Paris")
    with pytest.raises(Conflict):
        services.choose_cost_settings(ODILE, version=1, currency="EUR")
    with pytest.raises(Invalid):
        services.choose_cost_settings(ODILE, version=2, zone="Mars/Olympus")


def test_the_deployers_of_a_system_are_its_payers(estate: Estate) -> None:
    own = services.register_entity(ADA, name="Clinics SAS", is_own=True)
    services.assign_role(ADA, system=estate.radiology, entity=own, role=EntityRole.DEPLOYER)
    found = queries.deployers_of(ADA, [estate.radiology, estate.shop_system])
    assert {system: [ref.name for ref in refs] for system, refs in found.items()} == {
        estate.radiology: ["Clinics SAS"]
    }
