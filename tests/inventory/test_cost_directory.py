"""What pricing is told about hardware: the endpoint that a sender is, or the endpoint at an address, at a moment."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from inventory import services
from inventory.adapters.costs import RegisterCostProfileDirectory
from inventory.adapters.directories import RegisterSenderDirectory
from kernel import clock
from kernel.contracts.pricing import CostProfileFacts
from tests.cast import ADA
from tests.inventory.estate import Estate

pytestmark = pytest.mark.database

NOW = clock.to_ns(datetime(2026, 11, 20, 12, tzinfo=UTC))
ELSEWHERE = "api.provider.example"


@pytest.fixture
def directory(estate: Estate) -> RegisterCostProfileDirectory:
    return RegisterCostProfileDirectory(RegisterSenderDirectory(seconds=0).resolve, seconds=0)


def ask(
    directory: RegisterCostProfileDirectory, estate: Estate, at_ns: int = NOW, address: str | None = None
) -> CostProfileFacts | None:
    sender = estate.sender(claimed_deployment=estate.radiology_slug)
    return directory.profile(sender, endpoint_address=address, at_ns=at_ns)


def test_a_sender_costs_what_the_machine_of_its_endpoint_costs(directory, estate: Estate) -> None:
    # 1.30 euros an hour at 1.1 dollars; 1,000 W at a PUE of 1.5.
    assert ask(directory, estate) == CostProfileFacts(estate.profile.bytes, 1_430_000_000, 4, 1_500_000)
    assert ask(directory, estate, address=ELSEWHERE) is not None


def test_a_stranger_has_no_hardware(directory, estate: Estate) -> None:
    stranger = replace(estate.sender("shadow"), claimed_deployment="")
    assert directory.profile(stranger, endpoint_address=None, at_ns=NOW) is None


def test_the_address_says_more_than_the_sender(directory, estate: Estate) -> None:
    services.edit_endpoint(ADA, estate.gateway, version=1, host="Gateway.clinic.example:8443")
    for address in ("gateway.clinic.example", "gateway.clinic.example:8443", "GATEWAY.clinic.example"):
        assert ask(directory, estate, address=address) is None  # known, and without a profile
    services.register_cost_profile(
        ADA, endpoint=estate.gateway, basis="rented", currency="USD", rent_per_hour=Decimal(2)
    )
    found = ask(directory, estate, address="gateway.clinic.example")
    assert found is not None
    assert (found.rate_nano_usd_per_hour, found.slots, found.energy_milliwatts) == (2 * 10**9, 1, None)


def test_the_machine_itself_is_no_address_of_anybody_else(directory, estate: Estate) -> None:
    services.edit_endpoint(ADA, estate.gateway, version=1, host="localhost:11434")
    for address in ("localhost", "localhost:11434", "127.0.0.1"):
        found = ask(directory, estate, address=address)
        assert found is not None
        assert found.profile_id == estate.profile.bytes


def test_an_address_of_two_endpoints_names_none_of_them(directory, estate: Estate) -> None:
    services.edit_endpoint(ADA, estate.gateway, version=1, host="gpu.example:1")
    services.register_endpoint(
        ADA, name="Other", kind="model_server", unit=estate.clinics, host="gpu.example:2"
    )
    found = ask(directory, estate, address="gpu.example")
    assert found is not None
    assert found.profile_id == estate.profile.bytes
    assert ask(directory, estate, address="gpu.example:1") is None


def test_dates_of_profiles_and_rates_are_those_of_the_call(directory, estate: Estate) -> None:
    services.register_exchange_rate(ADA, currency="EUR", day=date(2026, 11, 20), usd_per_unit=Decimal(1))
    assert _rate(ask(directory, estate)) == 1_300_000_000
    assert _rate(ask(directory, estate, NOW - 24 * 3600 * 10**9)) == 1_430_000_000
    services.edit_cost_profile(ADA, estate.profile, version=1, valid_until=clock.from_ns(NOW))
    assert ask(directory, estate) is None
    assert ask(directory, estate, NOW - 1) is not None


def test_without_a_rate_of_its_currency_a_machine_has_no_price(directory, estate: Estate) -> None:
    assert ask(directory, estate, clock.to_ns(datetime(2025, 12, 31, tzinfo=UTC))) is None


def test_the_day_of_a_rate_begins_where_months_begin(directory, estate: Estate) -> None:
    services.register_exchange_rate(ADA, currency="EUR", day=date(2026, 11, 20), usd_per_unit=Decimal(1))
    before_midnight_in_utc = clock.to_ns(datetime(2026, 11, 19, 23, 30, tzinfo=UTC))
    assert _rate(ask(directory, estate, before_midnight_in_utc)) == 1_430_000_000
    services.choose_cost_settings(ADA, zone="Europe/Paris")
    assert _rate(ask(directory, estate, before_midnight_in_utc)) == 1_300_000_000


def _rate(facts: CostProfileFacts | None) -> int | None:
    return facts.rate_nano_usd_per_hour if facts else None
