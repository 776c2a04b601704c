"""Cost lists: what stands in a line, how money is told in it, and where each figure leads."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from telemetry.queries.spending import SpendBy
from telemetry.services.spending import Sum, Telling, Told
from telemetry.services.whose import Whose
from telemetry.tables.spans import traces_href
from telemetry.tables.words import COST_BASIS_WORDS, COST_STATUS_WORDS
from ui import formats, parts
from ui.tables import Column
from ui.text import Text

By = Whose | SpendBy
BY_WORDS: dict[str, Text] = {
    Whose.SYSTEM: _("System"),
    Whose.DEPLOYMENT: _("Deployment"),
    SpendBy.MODEL: _("Model"),
    SpendBy.PROVIDER: _("Provider"),
    Whose.TIER: _("Tier"),
    Whose.SITE: _("Site"),
    Whose.ENDPOINT: _("Endpoint"),
    Whose.UNIT: _("Unit"),
    Whose.ENTITY: _("Legal entity"),
    SpendBy.ENVIRONMENT: _("Environment"),
}
NEXT: dict[str, By] = {
    Whose.SYSTEM: Whose.DEPLOYMENT,
    Whose.DEPLOYMENT: SpendBy.MODEL,
    SpendBy.MODEL: Whose.DEPLOYMENT,
    SpendBy.PROVIDER: SpendBy.MODEL,
    Whose.TIER: Whose.SITE,
    Whose.SITE: Whose.DEPLOYMENT,
    Whose.ENDPOINT: SpendBy.MODEL,
    Whose.UNIT: Whose.SYSTEM,
    Whose.ENTITY: Whose.SYSTEM,
    SpendBy.ENVIRONMENT: Whose.DEPLOYMENT,
}
"""What a line opens into: the same costs, one step closer."""
STATUS_WORDS, BASIS_WORDS = COST_STATUS_WORDS, COST_BASIS_WORDS
_TRACE_FILTERS = {
    Whose.DEPLOYMENT: "deployment",
    Whose.SITE: "site",
    Whose.TIER: "tier",
    SpendBy.MODEL: "model",
}


def costs_href(**words: Any) -> str:
    """The cost page with some filters set."""
    return f"{reverse('telemetry:costs')}?{urlencode(words, doseq=True)}"


def money(told: Told, telling: Telling) -> str | None:
    """An amount as the reader is told it, rounded here and once; None where a rate is missing."""
    return None if told.nano is None else formats.money(round(told.nano), currency=telling.currency)


def dollars(amount: Fraction | int) -> str:
    """An amount as it is counted: whole nano-USD, to the last digit that matters."""
    value = Decimal(round(amount)) / formats.NANO_PER_UNIT
    return f"{formats.number(value, digits=9)}{formats.NBSP}USD"


def decimal(told: Told) -> Decimal | None:
    """An amount for a file: a plain number of the currency, to a billionth."""
    return None if told.nano is None else Decimal(round(told.nano)) / formats.NANO_PER_UNIT


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a cost list. `own` lines (seats, idle machines) are no calls and open lists of their own."""

    label: str
    href: str
    sum: Sum
    cost: Told
    share: float | None
    tier: str = ""
    own: bool = False
    traces: str = ""
    unpriced_href: str = ""


def columns(by: By, telling: Telling) -> tuple[Column[Line], ...]:
    """The columns of a cost list, split by something, told in a currency."""
    return (
        Column("name", BY_WORDS[by], value=lambda row: row.label, cell=_name, sort="name", fixed=True),
        Column(
            "cost", _("Cost"), value=lambda row: decimal(row.cost), cell=_money_cell(lambda row: row.cost, telling),
            numeric=True, sort="cost", unknown=_("no exchange rate"),
        ),
        Column(
            "usd", _("As counted, USD"), value=lambda row: Decimal(round(row.cost.nano_usd)) / formats.NANO_PER_UNIT,
            cell=lambda row: formats.number(Decimal(round(row.cost.nano_usd)) / formats.NANO_PER_UNIT, digits=9),
            numeric=True, sort="usd", default=telling.currency != "USD",
        ),
        Column("share", _("Share"), value=lambda row: row.share, cell=_share, numeric=True, unknown=_("no calls")),
        Column("calls", _("Calls"), value=lambda row: _of_calls(row, row.sum.spent.calls), cell=_calls, numeric=True, sort="calls", unknown=_("no calls")),
        Column("tokens", _("Tokens"), value=lambda row: _of_calls(row, _tokens(row)), cell=lambda row: _counted(row, _tokens(row)), numeric=True, sort="tokens", unknown=_("no calls")),
        Column("unpriced", _("Calls without a price"), value=lambda row: _of_calls(row, _unpriced(row)), cell=_unpriced_cell, numeric=True, sort="unpriced", unknown=_("no calls")),
        Column("hardware", _("Of it on own machines"), value=lambda row: decimal(row.sum.hardware), cell=_money_cell(lambda row: row.sum.hardware, telling), numeric=True, default=False),
        Column("reported", _("Reported by endpoints"), value=lambda row: decimal(row.sum.reported), cell=_money_cell(lambda row: row.sum.reported if row.sum.spent.reported_calls else None, telling), numeric=True, default=False, unknown=_("nothing reported")),
        Column("difference", _("Reported less computed"), value=lambda row: decimal(_difference(row.sum)) if row.sum.spent.compared_calls else None, cell=_money_cell(lambda row: _difference(row.sum) if row.sum.spent.compared_calls else None, telling), numeric=True, default=False, unknown=_("nothing to compare")),
    )  # fmt: skip


def _difference(found: Sum) -> Told:
    return found.reported_compared - found.compared


def _tokens(row: Line) -> int:
    return row.sum.spent.input_tokens + row.sum.spent.output_tokens


def _unpriced(row: Line) -> int:
    return row.sum.spent.unpriced_calls


def _of_calls(row: Line, value: int) -> int | None:
    return None if row.own else value


def _counted(row: Line, value: int) -> str | None:
    return None if row.own else formats.number(value, digits=0)


def _money_cell(amount: Callable[[Line], Told | None], telling: Telling) -> Callable[[Line], str | None]:
    def cell(row: Line) -> str | None:
        found = amount(row)
        return None if found is None else money(found, telling)

    return cell


def _name(row: Line) -> str:
    if row.tier:
        return parts.tier(row.tier)
    return format_html("<em>{}</em>", row.label) if row.own else row.label


def _share(row: Line) -> str | None:
    return None if row.share is None else formats.percent(row.share)


def _calls(row: Line) -> str | None:
    shown = _counted(row, row.sum.spent.calls)
    return parts.door(shown, row.traces) if shown is not None and row.traces else shown


def _unpriced_cell(row: Line) -> str | None:
    shown = _counted(row, _unpriced(row))
    return parts.door(shown, row.unpriced_href) if shown is not None and _unpriced(row) else shown


def trace_words(by: By, key: str, words: Mapping[str, Sequence[str]]) -> str:
    """The traces behind a line, where the list of traces knows all of its filters; empty where it does not."""
    filters: dict[str, str | list[str]] = {name: list(values) for name, values in words.items()}
    name = _TRACE_FILTERS.get(by)
    if name is None or not key or not set(filters) <= {*_TRACE_FILTERS.values(), "when_from", "when_to"}:
        return ""
    filters[name] = [key]
    return traces_href(**filters)


SORTS: dict[str, Callable[[Line], Any]] = {
    "name": lambda row: row.label.casefold(),
    "cost": lambda row: row.cost.nano,
    "usd": lambda row: row.cost.nano_usd,
    "calls": lambda row: None if row.own else row.sum.spent.calls,
    "tokens": lambda row: None if row.own else _tokens(row),
    "unpriced": lambda row: None if row.own else _unpriced(row),
}


def unattributed() -> str:
    """What nobody claims is called."""
    return str(_("not attributed"))
