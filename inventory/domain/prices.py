"""Which entry of a price book is meant by a provider and a model, and when it holds. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any

from kernel.contracts.pricing import PriceBasis, PriceCard, PricedUnit, Rate

Match = Mapping[str, Any]
"""`{"equals": …}`, `{"starts_with": …}`, `{"ends_with": …}`, `{"contains": …}`, `{"regex": …}`, `{"or": […]}`, `{"and": […]}`."""

NANO = 9
PER = 1_000_000


@dataclass(frozen=True, slots=True)
class Entry:
    """One price of one model: in a context ("" is the usual one), from a day (None: always) until another (open)."""

    id: bytes
    provider: str
    model: str
    match: Match
    context: str
    rates: tuple[Rate, ...]
    valid_from: date | None = None
    valid_until: date | None = None
    basis: PriceBasis = PriceBasis.LIST
    host: str = ""  # an own price may hold for one endpoint alone

    def holds(self, day: date) -> bool:
        """Whether the price is in force on a day (UTC)."""
        begun = self.valid_from is None or day >= self.valid_from
        return begun and (self.valid_until is None or day < self.valid_until)

    @property
    def card(self) -> PriceCard:
        """The entry as pricing wants it."""
        return PriceCard(self.id, self.basis, self.rates)


def means(match: Match, model: str) -> bool:
    """Whether a rule means this model; letters count alike, large and small. Raises ValueError for a rule of no kind."""
    ((kind, said),) = match.items()
    name = model.lower()
    if kind in {"or", "and"}:
        return (any if kind == "or" else all)(means(one, name) for one in said)
    test = _TESTS.get(kind)
    if test is None:
        raise ValueError(f"a price book knows no rule {kind!r}")
    return test(name, str(said))


@lru_cache(maxsize=512)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


_TESTS: Mapping[str, Callable[[str, str], bool]] = {
    "equals": lambda name, said: name == said.lower(),
    "starts_with": lambda name, said: name.startswith(said.lower()),
    "ends_with": lambda name, said: name.endswith(said.lower()),
    "contains": lambda name, said: said.lower() in name,
    "regex": lambda name, said: _compiled(said).search(name) is not None,
}


class Book:
    """A price book in memory: asked for a provider's model, answers with the entries of that model over time."""

    def __init__(
        self, entries: Iterable[Entry], fallbacks: Mapping[str, Sequence[str]] | None = None
    ) -> None:
        self._models: dict[str, dict[str, tuple[Match, list[Entry]]]] = {}
        self._own: dict[str, list[Entry]] = {}
        self._fallbacks = fallbacks or {}
        for entry in entries:
            if entry.basis is PriceBasis.OWN:
                self._own.setdefault(entry.provider, []).append(entry)
            else:
                known = self._models.setdefault(entry.provider, {})
                known.setdefault(entry.model, (entry.match, []))[1].append(entry)
        self._found = lru_cache(maxsize=4096)(self._find)

    def card(self, *, provider: str, model: str, host: str, context: str, day: date) -> PriceCard | None:
        """The price in force: the organisation's own for this endpoint, its own, then the list's."""
        return self._found(provider.lower(), model.lower(), host.lower(), context, day)

    def _find(self, provider: str, model: str, host: str, context: str, day: date) -> PriceCard | None:
        own = [one for one in self._own.get(provider, ()) if one.holds(day) and means(one.match, model)]
        for wanted in (host, "") if host else ("",):
            mine = [one for one in own if one.host.lower() == wanted]
            if mine:
                return mine[-1].card
        return self._listed(provider, model, context, day)

    def _listed(self, provider: str, model: str, context: str, day: date) -> PriceCard | None:
        """A provider that sells others' models has their prices where it has none of its own."""
        for seller in (provider, *self._fallbacks.get(provider, ())):
            entries = self._entries(seller, model)
            if entries is not None:
                usual = [one for one in entries if one.holds(day) and one.context == ""]
                special = [one for one in entries if context and one.holds(day) and one.context == context]
                return (special or usual)[-1].card if special or usual else None
        return None

    def _entries(self, provider: str, model: str) -> list[Entry] | None:
        for match, entries in self._models.get(provider, {}).values():
            if means(match, model):
                return entries
        return None


def rate(unit: PricedUnit, dollars: Decimal, *, per: int = PER, tier_from: int = 0) -> Rate:
    """A price in dollars for `per` units, as a fraction of whole nano-dollars: nothing is rounded."""
    numerator, denominator = dollars.scaleb(NANO).as_integer_ratio()
    return Rate(unit, numerator, per * denominator, tier_from)


def rates_to_json(rates: Iterable[Rate]) -> list[dict[str, Any]]:
    """Rates as they are stored: whole numbers as text, for JSON readers lose digits beyond 2^53."""
    return [
        {"unit": one.unit.value, "amount": str(one.amount), "per": str(one.per), "tier_from": one.tier_from}
        for one in rates
    ]


def rates_from_json(said: Iterable[Mapping[str, Any]]) -> tuple[Rate, ...]:
    """The stored rates again."""
    return tuple(
        Rate(PricedUnit(one["unit"]), int(one["amount"]), int(one["per"]), int(one["tier_from"]))
        for one in said
    )
