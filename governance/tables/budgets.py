"""Lists of budgets: how far each is spent, and where its figures lead."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from governance.forms.budgets import scope_word
from governance.queries.budgets import BudgetRow, BudgetState
from inventory.models import labels
from ui import charts, formats, parts
from ui.tables import Column
from ui.text import Tone

_PARAMETER = {
    "entity": "entity",
    "unit": "unit",
    "system": "system",
    "deployment": "deployment",
    "site": "site",
}


def costs_href(row: BudgetRow) -> str:
    """The costs that the budget bounds."""
    words = {}
    if row.scope == "tier":
        words["tier"] = row.tier
    elif row.scope_id is not None:
        words[_PARAMETER[row.scope]] = str(row.scope_id)
    return f"{reverse('telemetry:costs')}?{urlencode(words)}"


def money(nano: Fraction | None, currency: str) -> str | None:
    """Nano-units of a currency as money, rounded here and once."""
    return None if nano is None else formats.money(round(nano), currency=currency)


def amount(row: BudgetRow) -> str:
    """The amount per month."""
    return formats.money(round(Fraction(row.amount) * formats.NANO_PER_UNIT), currency=row.currency)


def scope(row: BudgetRow) -> str:
    """What the budget bounds, in words."""
    if row.scope == "tier":
        return str(labels.TIER[row.tier])  # type: ignore[index]  # its keys are words
    return row.scope_name or str(scope_word(row.scope))


def share(state: BudgetState) -> Fraction | None:
    """How much of the amount is spent."""
    return None if state.spent.nano is None else state.spent.nano / state.amount


def tone(state: BudgetState) -> str:
    """Within, past a threshold, or past the amount."""
    spent = share(state)
    if spent is None:
        return "unknown"
    if spent > 1:
        return "bad"
    return "warn" if state.reached is not None and state.reached > 50 else "ok"


def meter(state: BudgetState) -> str:
    """How far it is spent, as a bar with its number."""
    spent = share(state)
    if spent is None:
        return parts.unknown(_("no exchange rate"))
    ratio = float(spent)
    return format_html(
        "{} {}",
        charts.meter(ratio, label=_("Spent of the budget"), tone=tone(state)),
        parts.door(formats.percent(ratio), costs_href(state.row)),
    )


def badge(state: BudgetState) -> str:
    """The state in a word."""
    words = {
        "bad": (_("exceeded"), Tone.BAD),
        "warn": (_("threshold reached"), Tone.WARN),
        "ok": (_("within"), Tone.OK),
        "unknown": (_("not known"), Tone.UNKNOWN),
    }
    word, colour = words[tone(state)]
    return parts.badge(word, colour)


def _number(nano: Fraction | None) -> Decimal | None:
    return None if nano is None else Decimal(round(nano)) / formats.NANO_PER_UNIT


COLUMNS: tuple[Column[BudgetState], ...] = (
    Column("name", _("Budget"), value=lambda state: state.row.name, sort="name", fixed=True),
    Column("scope", _("Scope"), value=lambda state: scope(state.row), sort="scope"),
    Column("amount", _("Per month"), value=lambda state: state.row.amount, cell=lambda state: amount(state.row), numeric=True, sort="amount"),
    Column("spent", _("Month so far"), value=lambda state: _number(state.spent.nano), cell=lambda state: money(state.spent.nano, state.row.currency), numeric=True, sort="spent", unknown=_("no exchange rate")),
    Column("share", _("Spent"), value=lambda state: None if share(state) is None else float(share(state) or 0), cell=meter, sort="share"),
    Column("forecast", _("Forecast"), value=lambda state: _number(state.forecast), cell=lambda state: money(state.forecast, state.row.currency), numeric=True, sort="forecast", unknown=_("not yet")),
    Column("state", _("State"), value=lambda state: str(badge(state)), cell=badge),
    Column("unpriced", _("Calls without a price"), value=lambda state: state.unpriced_calls, cell=lambda state: formats.number(state.unpriced_calls, digits=0), numeric=True, default=False),
    Column("owner", _("Owner"), value=lambda state: state.row.owner.name if state.row.owner else None, unknown=_("nobody named")),
)  # fmt: skip
SORTS: dict[str, Any] = {
    "name": lambda state: state.row.name.casefold(),
    "scope": lambda state: scope(state.row).casefold(),
    "amount": lambda state: state.row.amount,
    "spent": lambda state: state.spent.nano,
    "share": share,
    "forecast": lambda state: state.forecast,
}
