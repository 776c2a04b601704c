"""Rates × quantities = nano-USD. Exact in integers, rounded once, half to even, at the very end."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import NamedTuple

from kernel.contracts.pricing import CostProfileFacts, PricedUnit, Rate

MAX_AMOUNT = 2**63 - 1
_HOUR_NS = 3600 * 10**9


class Quantities(NamedTuple):
    """What one call used. Totals include their parts (cache in input, reasoning in output). 0 where nothing was said."""

    input_tokens: int = 0
    output_tokens: int = 0
    cache_read_tokens: int = 0
    cache_write_tokens: int = 0
    reasoning_tokens: int = 0
    inference_units: int = 0
    requests: int = 1


class _Steps(NamedTuple):
    """A unit's rates over one common denominator, the highest tier first."""

    unit: PricedUnit
    tiers: tuple[tuple[int, int], ...]  # (more input tokens than this, scaled amount)

    def at(self, input_tokens: int) -> int:
        for tier_from, scaled in self.tiers:
            if input_tokens > tier_from or tier_from == 0:
                return scaled
        return 0


class _Tariff(NamedTuple):
    per: int
    steps: tuple[_Steps, ...]
    units: frozenset[PricedUnit]


def amount(rates: tuple[Rate, ...], used: Quantities) -> int:
    """What the call costs in nano-USD.

    A part that has a rate of its own (cached tokens, reasoning) is taken out of its total; one that has none is paid as
    the total is. Crossing a tier's input tokens changes the rate of all tokens. What has no rate at all costs nothing.
    """
    tariff = _tariff(rates)
    billed = _billed(tariff.units, used)
    total = sum(steps.at(used.input_tokens) * billed[steps.unit] for steps in tariff.steps)
    return min(rounded(total, tariff.per), MAX_AMOUNT)


def hardware_amount(profile: CostProfileFacts, *, duration_ns: int) -> int:
    """The call's share of an hour of the machine, in nano-USD: rate × duration / 3600 s / slots."""
    share = profile.rate_nano_usd_per_hour * max(duration_ns, 0)
    return min(rounded(share, _HOUR_NS * max(profile.slots, 1)), MAX_AMOUNT)


def rounded(numerator: int, denominator: int) -> int:
    """The quotient as a whole number, half to even. Neither is negative."""
    whole, rest = divmod(numerator, denominator)
    double = 2 * rest
    return whole + (1 if double > denominator or (double == denominator and whole % 2) else 0)


def _billed(units: frozenset[PricedUnit], used: Quantities) -> dict[PricedUnit, int]:
    """How much of each unit is paid by its own rate. Parts that exceed their total leave nothing of it, never less."""
    read = used.cache_read_tokens if PricedUnit.CACHE_READ in units else 0
    written = used.cache_write_tokens if PricedUnit.CACHE_WRITE in units else 0
    reasoned = used.reasoning_tokens if PricedUnit.REASONING in units else 0
    return {
        PricedUnit.INPUT: max(used.input_tokens - read - written, 0),
        PricedUnit.OUTPUT: max(used.output_tokens - reasoned, 0),
        PricedUnit.CACHE_READ: read,
        PricedUnit.CACHE_WRITE: written,
        PricedUnit.CACHE_WRITE_1H: 0,
        PricedUnit.REASONING: reasoned,
        PricedUnit.REQUEST: used.requests,
        PricedUnit.INFERENCE_UNIT: used.inference_units,
    }


@lru_cache(maxsize=4096)
def _tariff(rates: tuple[Rate, ...]) -> _Tariff:
    per = math.lcm(*(rate.per for rate in rates)) if rates else 1
    units = frozenset(rate.unit for rate in rates)
    steps = (_Steps(unit, _tiers(rates, unit, per)) for unit in sorted(units))
    return _Tariff(per, tuple(steps), units)


def _tiers(rates: tuple[Rate, ...], unit: PricedUnit, per: int) -> tuple[tuple[int, int], ...]:
    own = [(rate.tier_from, rate.amount * (per // rate.per)) for rate in rates if rate.unit is unit]
    return tuple(sorted(own, reverse=True))
