"""What pricing must know of the register, as values and protocols. `inventory` implements them.

Money is whole nano-USD. A rate is a fraction, `amount` nano-USD for `per` units, so that no price is ever rounded:
list prices such as $0.0833333333333333 for a million tokens are no whole number of nano-USD for any usual measure.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from kernel.contracts.ingest import SenderIdentity


class PricedUnit(StrEnum):
    """What is paid for. Totals include their parts: what has a rate of its own is taken out of the total first."""

    INPUT = "input"
    OUTPUT = "output"
    CACHE_READ = "cache_read"  # within the input
    CACHE_WRITE = (
        "cache_write"  # within the input; kept for five minutes where a provider tells durations apart
    )
    CACHE_WRITE_1H = "cache_write_1h"  # in the book; no sender's span tells these from the other writes
    REASONING = "reasoning"  # within the output
    REQUEST = "request"
    INFERENCE_UNIT = "inference_unit"  # of calls that count their own units: images inspected, items scored


class PriceBasis(StrEnum):
    """Where a price comes from. The organisation's own price goes before the list, the list before its hardware."""

    LIST = "list"
    OWN = "own"
    HARDWARE = "hardware"


class CostStatus(StrEnum):
    """What is known of a call's cost. Only `priced` and `cached` come with a number."""

    PRICED = "priced"
    UNPRICED = "unpriced"  # it used something, and no price is known for it
    UNMETERED = "unmetered"  # it named nothing that could be priced
    CACHED = "cached"  # a gateway answered from its cache: 0


@dataclass(frozen=True, slots=True)
class Rate:
    """`amount` nano-USD for `per` units, from more than `tier_from` input tokens on (then for all of them: a cliff)."""

    unit: PricedUnit
    amount: int
    per: int = 1_000_000
    tier_from: int = 0


@dataclass(frozen=True, slots=True)
class PriceCard:
    """The price of one model at one moment in one context, resolved. `price_id` (16 bytes) names its row."""

    price_id: bytes
    basis: PriceBasis
    rates: tuple[Rate, ...]


@dataclass(frozen=True, slots=True)
class CostProfileFacts:
    """What owned or rented hardware costs at one moment.

    A call costs rate × duration / 3600 s / slots: its share of an hour of the whole machine, of which `slots` calls can
    be answered at once. The rate includes everything, power too. `energy_milliwatts` is what the whole machine draws
    under load, overhead of the building included, where that is known. `profile_id` (16 bytes) names its row.
    """

    profile_id: bytes
    rate_nano_usd_per_hour: int
    slots: int = 1
    energy_milliwatts: int | None = None


class PriceDirectory(Protocol):
    """Finds prices of providers."""

    def card(
        self, *, provider: str, model: str, endpoint_address: str | None, context: str, at_ns: int
    ) -> PriceCard | None:
        """The price then in force, None where none is known. Cheap: called for every model call, answers are kept.

        `provider` is a word of the mapping (`openai`, `aws`); `context` is the service tier (`batch`, `flex`,
        `priority`, …), empty for none: a context without a price of its own costs what the model costs.
        """


class CostProfileDirectory(Protocol):
    """Finds what the hardware of a sender costs."""

    def profile(
        self, sender: SenderIdentity, *, endpoint_address: str | None, at_ns: int
    ) -> CostProfileFacts | None:
        """The profile of what answered: the endpoint that the sender is, or the own endpoint at this address.

        None where no owned hardware is known behind it. Cheap: called for every model call without a token price.
        """


class NoPrices:
    """Knows no price: every call that used something is unpriced."""

    def card(
        self, *, provider: str, model: str, endpoint_address: str | None, context: str, at_ns: int
    ) -> PriceCard | None:
        del provider, model, endpoint_address, context, at_ns
        return None


class NoProfiles:
    """Knows no hardware."""

    def profile(
        self, sender: SenderIdentity, *, endpoint_address: str | None, at_ns: int
    ) -> CostProfileFacts | None:
        del sender, endpoint_address, at_ns
        return None
