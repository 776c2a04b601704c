"""One recorded span → what it cost, by which price."""

from __future__ import annotations

from collections.abc import Mapping
from operator import itemgetter
from typing import Any, Final

from kernel.contracts.ingest import SenderIdentity
from kernel.contracts.pricing import (
    CostProfileDirectory,
    CostStatus,
    PriceBasis,
    PriceCard,
    PriceDirectory,
)
from telemetry.domain import MODEL_CALLS
from telemetry.pricing.amounts import Quantities, amount, hardware_amount
from telemetry.pricing.tiers import context_of

NOT_PRICED: Final = dict.fromkeys(("cost_nano_usd", "cost_status", "cost_basis", "price_id"))
"""The cost columns of a span that is no model call: nothing is claimed of it."""

Priced = dict[str, Any]
"""The four cost columns of a span."""

_CALLS: Final = frozenset(kind.value for kind in MODEL_CALLS)
_used = itemgetter(
    "input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens", "reasoning_tokens", "inference_units"
)  # fmt: skip


def names_usage(columns: Mapping[str, Any]) -> bool:
    """Whether the span names anything that could be paid for: tokens, or units of its own."""
    return any(value is not None for value in _used(columns))


def may_cost(columns: Mapping[str, Any]) -> bool:
    """Whether the span may own a call: model calls, and agents or wrappers that name some usage."""
    if columns["usage_is_aggregate"]:
        return any(_used(columns))
    return columns["kind"] in _CALLS


class Pricer:
    """Prices calls by what the directories know. Safe between threads, as they are."""

    def __init__(self, prices: PriceDirectory, profiles: CostProfileDirectory) -> None:
        self._prices = prices
        self._profiles = profiles

    def price(
        self, columns: Mapping[str, Any], *, sender: SenderIdentity, from_cache: bool = False
    ) -> Priced:
        """The cost columns of a row of `schema.spans`. `from_cache` says that a gateway answered without a model.

        The organisation's own price goes first, then the list, then owned hardware; of what has none the cost is
        unknown, which is a state and never 0.
        """
        if not may_cost(columns):
            return NOT_PRICED
        if from_cache:
            return _priced(0, CostStatus.CACHED, None, None)
        card = self._card(columns)
        if card is not None and names_usage(columns):
            cost = amount(card.rates, Quantities(*(value or 0 for value in _used(columns))))
            return _priced(cost, CostStatus.PRICED, card.basis, card.price_id)
        if card is None and not columns["usage_is_aggregate"]:  # an agent's time is not the machine's
            profile = self._profiles.profile(
                sender, endpoint_address=columns["endpoint_address"], at_ns=columns["start_ns"]
            )
            if profile is not None:
                cost = hardware_amount(profile, duration_ns=columns["duration_ns"])
                return _priced(cost, CostStatus.PRICED, PriceBasis.HARDWARE, profile.profile_id)
        unknown = CostStatus.UNPRICED if names_usage(columns) else CostStatus.UNMETERED
        return _priced(None, unknown, None, None)

    def _card(self, columns: Mapping[str, Any]) -> PriceCard | None:
        provider, model = columns["provider"], columns["model"]
        if not provider or not model:
            return None
        return self._prices.card(
            provider=provider,
            model=model,
            endpoint_address=columns["endpoint_address"],
            context=context_of(columns["service_tier"]),
            at_ns=columns["start_ns"],
        )


def _priced(cost: int | None, status: CostStatus, basis: PriceBasis | None, price_id: bytes | None) -> Priced:
    return {
        "cost_nano_usd": cost,
        "cost_status": status.value,
        "cost_basis": None if basis is None else basis.value,
        "price_id": price_id,
    }
