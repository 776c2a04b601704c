"""The package `genai-prices` as a price book: list prices with their history, read from what is installed, never fetched."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from importlib.metadata import version
from typing import Any

from genai_prices import data_snapshot, types

from inventory.domain.prices import Match, rate
from kernel.contracts.pricing import PricedUnit, Rate

SOURCE = "genai-prices"
_MTOK = {
    "input_mtok": PricedUnit.INPUT,
    "output_mtok": PricedUnit.OUTPUT,
    "cache_read_mtok": PricedUnit.CACHE_READ,
    "cache_write_mtok": PricedUnit.CACHE_WRITE,
    "cache_write_1h_mtok": PricedUnit.CACHE_WRITE_1H,
    "output_reasoning_mtok": PricedUnit.REASONING,
}
_CONTEXTS = ("processing", "service_tier", "speed")
"""The conditions of a request that its span says; others (a route, a kind of search) it does not."""
_FIRST_DAY = date(2000, 1, 1)


@dataclass(frozen=True, slots=True)
class Listed:
    """One list price, on its way into the book."""

    provider: str
    model: str
    match: Match
    context: str
    rates: tuple[Rate, ...]
    valid_from: date | None
    valid_until: date | None


@dataclass(slots=True)
class Edition:
    """What the installed package says."""

    edition: str
    entries: list[Listed] = field(default_factory=list)
    fallbacks: dict[str, list[str]] = field(default_factory=dict)
    left_out: dict[str, int] = field(default_factory=dict)  # what, and how many prices


def installed_edition() -> str:
    """The version of the installed package."""
    return version(SOURCE)


def read() -> Edition:
    """All prices of the installed package."""
    found = Edition(installed_edition())
    for provider in data_snapshot.get_snapshot().providers:
        if provider.fallback_model_providers:
            found.fallbacks[provider.id] = list(provider.fallback_model_providers)
        for model in provider.models:
            found.entries += _of_model(provider.id, model, found)
    return found


def _of_model(provider: str, model: types.ModelInfo, found: Edition) -> Iterator[Listed]:
    match = _rule(model.match)
    days = _days(model, found)
    for context in _contexts(model, found):
        asked = dict([context]) if context else None
        stretch: tuple[date | None, tuple[Rate, ...]] | None = None
        for day in days:
            rates = _rates(_prices(model, day, asked), found)
            if stretch is not None and rates == stretch[1]:
                continue
            if stretch is not None:
                yield Listed(provider, model.id, match, _word(context), stretch[1], stretch[0], day)
            stretch = (None if day == _FIRST_DAY else day, rates)
        if stretch is not None:
            yield Listed(provider, model.id, match, _word(context), stretch[1], stretch[0], None)


def _days(model: types.ModelInfo, found: Edition) -> list[date]:
    """The days from which something may cost otherwise. Hours of the day, which few prices know, are left out."""
    conditions = [item.constraint for item in model.prices] if isinstance(model.prices, list) else []
    conditions += [item.constraint for item in model.price_variants or ()]
    if any(isinstance(item, types.TimeOfDateConstraint) for item in conditions):
        found.left_out["hours of the day"] = found.left_out.get("hours of the day", 0) + 1
    starts = {item.start_date for item in conditions if isinstance(item, types.StartDateConstraint)}
    return sorted({_FIRST_DAY, *starts})


def _contexts(model: types.ModelInfo, found: Edition) -> list[tuple[str, str] | None]:
    asked: list[tuple[str, str] | None] = [None]
    for variant in model.price_variants or ():
        (name, value), *more = variant.when.items()
        if more or name not in _CONTEXTS:
            found.left_out[f"condition {name}"] = found.left_out.get(f"condition {name}", 0) + 1
        elif (name, value) not in asked:
            asked.append((name, value))
    return asked


def _word(context: tuple[str, str] | None) -> str:
    return context[1] if context else ""


def _prices(model: types.ModelInfo, day: date, context: dict[str, str] | None) -> types.ModelPrice:
    """The prices of a day, outside the hours that have prices of their own."""
    if isinstance(model.prices, list) and any(
        isinstance(one.constraint, types.TimeOfDateConstraint) for one in model.prices
    ):
        usual = [one for one in model.prices if not isinstance(one.constraint, types.TimeOfDateConstraint)]
        model = types.ModelInfo(id=model.id, match=model.match, prices=usual or model.prices[:1])
    return model.get_prices(datetime(day.year, day.month, day.day, tzinfo=UTC), context)


def _rates(prices: types.ModelPrice, found: Edition) -> tuple[Rate, ...]:
    rates: list[Rate] = []
    for name, value in sorted(prices.__dict__.items()):
        if value is None or name.startswith("_"):
            continue
        if name in _MTOK:
            rates += _steps(_MTOK[name], value)
        elif name == "requests_kcount" and isinstance(value, Decimal):
            rates.append(rate(PricedUnit.REQUEST, value, per=1_000))
        else:
            found.left_out[name] = found.left_out.get(name, 0) + 1
    return tuple(rates)


def _steps(unit: PricedUnit, value: Any) -> list[Rate]:
    if isinstance(value, types.TieredPrices):
        return [rate(unit, value.base), *(rate(unit, one.price, tier_from=one.start) for one in value.tiers)]
    return [rate(unit, Decimal(value))]


_KINDS = {
    types.ClauseOr: "or",
    types.ClauseAnd: "and",
    types.ClauseEquals: "equals",
    types.ClauseStartsWith: "starts_with",
    types.ClauseEndsWith: "ends_with",
    types.ClauseContains: "contains",
    types.ClauseRegex: "regex",
}


def _rule(clause: Any) -> Match:
    kind = _KINDS.get(type(clause))
    if kind is None:
        raise ValueError(f"{SOURCE} has a rule of an unknown kind: {clause!r}")
    if kind in {"or", "and"}:
        return {kind: [_rule(one) for one in getattr(clause, f"{kind}_")]}
    return {kind: getattr(clause, kind)}
