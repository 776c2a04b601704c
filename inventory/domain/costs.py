"""What an hour of a machine, a seat and a currency are worth. Exact fractions; whole numbers only where money is kept.

The model is that of declared cost profiles: the price of a machine spread over the hours for which it is planned, plus
what it draws and what it costs beside. A call takes its share of an hour; what no call takes is idle, and is shown.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

HOURS_PER_YEAR = 8760
NANO = 10**9
NANOSECONDS_PER_HOUR = 3600 * 10**9
DOLLAR = "USD"


@dataclass(frozen=True, slots=True)
class Hardware:
    """One machine: owned (purchase price, life) or rented (rent per hour), with its power, in one currency.

    `availability` is the share of hours, in per cent, for which the machine is planned; costs are per planned hour.
    """

    purchase_price: Decimal | None = None
    life_years: Decimal | None = None
    rent_per_hour: Decimal | None = None
    availability: Decimal = Decimal(100)
    power_watts: int | None = None
    tariff: Decimal | None = None
    pue: Decimal = Decimal(1)
    fixed_per_hour: Decimal = Decimal(0)


def hourly_rate(hardware: Hardware) -> Fraction:
    """What a planned hour of the machine costs, in units of its currency."""
    return (
        _purchase(hardware)
        + Fraction(hardware.rent_per_hour or 0)
        + energy_per_hour(hardware)
        + Fraction(hardware.fixed_per_hour)
    )


def _purchase(hardware: Hardware) -> Fraction:
    if hardware.purchase_price is None or hardware.life_years is None:
        return Fraction(0)
    hours = Fraction(hardware.life_years) * HOURS_PER_YEAR * planned_share(hardware)
    return Fraction(hardware.purchase_price) / hours


def energy_per_hour(hardware: Hardware) -> Fraction:
    """What the machine draws in an hour, with the losses around it, at its tariff."""
    if hardware.power_watts is None or hardware.tariff is None:
        return Fraction(0)
    return Fraction(hardware.power_watts, 1000) * Fraction(hardware.pue) * Fraction(hardware.tariff)


def planned_share(hardware: Hardware) -> Fraction:
    """The share of all hours for which the machine is planned."""
    return Fraction(hardware.availability) / 100


def nano_usd(amount: Fraction, usd_per_unit: Decimal | Fraction) -> int:
    """An amount of a currency in whole nano-USD, rounded once, half to even."""
    return round(amount * Fraction(usd_per_unit) * NANO)


def call_nano_usd(rate_nano_usd: int, *, slots: int, duration_ns: int) -> int:
    """A call's share of an hour of the machine: as long as it took, in one of the machine's slots."""
    return round(Fraction(rate_nano_usd * duration_ns, slots * NANOSECONDS_PER_HOUR))


def period_nano_usd(rate_nano_usd: int, *, machines: int, share: Fraction, length_ns: int) -> Fraction:
    """What machines cost over a stretch of time, busy or not: their planned hours at their rate."""
    return rate_nano_usd * machines * share * Fraction(length_ns, NANOSECONDS_PER_HOUR)


def seats_cost(price_per_month: Decimal, seats: int, *, share: Fraction) -> Fraction:
    """What seats cost over a share of a month, in units of their currency: they accrue evenly over its time."""
    return Fraction(price_per_month) * seats * share


@dataclass(frozen=True, slots=True)
class Rate:
    """One unit of a currency in US dollars, from a day on until the next rate of the currency."""

    currency: str
    day: date
    usd_per_unit: Decimal


class Rates:
    """Dated exchange rates. A day before the first rate of a currency has none: nothing is guessed."""

    def __init__(self, rates: Iterable[Rate]) -> None:
        self._by_currency: dict[str, list[Rate]] = {}
        for rate in sorted(rates, key=lambda one: (one.currency, one.day)):
            self._by_currency.setdefault(rate.currency, []).append(rate)

    def on(self, currency: str, day: date) -> Rate | None:
        """The rate in force on a day; None where none is known yet. A dollar is a dollar on every day."""
        if currency == DOLLAR:
            return Rate(DOLLAR, date.min, Decimal(1))
        known = self._by_currency.get(currency, [])
        at = bisect_right(known, day, key=lambda rate: rate.day)
        return known[at - 1] if at else None

    def usd_per_unit(self, currency: str, day: date) -> Decimal | None:
        """`on`, as the number alone."""
        found = self.on(currency, day)
        return found.usd_per_unit if found else None

    def changes(self, currency: str, first: date, last: date) -> list[Rate]:
        """The rates that hold on some day from `first` to `last`, both inside, oldest first."""
        begun = self.on(currency, first)
        later = [rate for rate in self._by_currency.get(currency, []) if first < rate.day <= last]
        return [*([begun] if begun else []), *later]
