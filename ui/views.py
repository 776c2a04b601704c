"""The style page: every part of the interface on one page, for those who build and review pages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext
from django.views.decorators.http import require_safe

from kernel import clock
from kernel.actor import Permission
from ui import charts, formats, history, lists, parts
from ui.access import page
from ui.charts import Datum, Lane
from ui.filters import BooleanFilter, Choice, ChoiceFilter, DateRangeFilter, RangeFilter, TextFilter
from ui.icons import TIERS, names
from ui.objects import ObjectHead
from ui.parts import Crumb, Fact, Tab
from ui.sources import ValuesSource
from ui.tables import Action, Column, ListPage
from ui.text import Tone

MONEY = 18_420_310_000_000  # nano-USD
TREND = [3, 4, 4, 5, 5, 6, 7, 8, 8, None, 9, 11, 12]


@dataclass(frozen=True, slots=True)
class Sample:
    """A row of the sample list: nothing of the register."""

    name: str
    tone: Tone
    tier: str
    tokens: int | None
    cost: int | None
    days: int


SAMPLES = tuple(
    Sample(
        name=f"Sample {number:02}",
        tone=list(Tone)[number % len(Tone)],
        tier=list(TIERS)[number % len(TIERS)],
        tokens=None if number % 7 == 3 else number * 1357,
        cost=None if number % 5 == 2 else number * number * 9_100_000,
        days=number,
    )
    for number in range(1, 73)
)

LIST: ListPage[Sample] = ListPage(
    name="ui.style",
    title=gettext_lazy("Style"),
    lead=gettext_lazy("Every part of the interface, with sample values. Nothing here is from the register."),
    columns=(
        Column("name", gettext_lazy("Name"), value=lambda row: row.name, sort="name", fixed=True),
        Column(
            "state",
            gettext_lazy("State"),
            value=lambda row: row.tone.value,
            cell=lambda row: parts.badge(row.tone.value.capitalize(), row.tone),
        ),
        Column(
            "tier",
            gettext_lazy("Tier"),
            value=lambda row: row.tier,
            cell=lambda row: parts.tier(row.tier),
            sort="tier",
        ),
        Column(
            "tokens",
            gettext_lazy("Tokens"),
            value=lambda row: row.tokens,
            cell=lambda row: None if row.tokens is None else formats.number(row.tokens),
            sort="tokens",
            numeric=True,
            unknown=gettext_lazy("not measured"),
        ),
        Column(
            "cost",
            gettext_lazy("Cost"),
            value=lambda row: row.cost,
            cell=lambda row: None if row.cost is None else formats.money(row.cost),
            sort="cost",
            numeric=True,
            unknown=gettext_lazy("unpriced"),
        ),
        Column(
            "seen",
            gettext_lazy("Last seen"),
            value=lambda row: clock.now() - timedelta(days=row.days),
            cell=lambda row: parts.when(clock.now() - timedelta(days=row.days)),
        ),
        Column("days", gettext_lazy("Days"), value=lambda row: row.days, numeric=True, default=False),
    ),
    filters=(
        TextFilter(name="q", label=gettext_lazy("Name")),
        ChoiceFilter(
            name="tone",
            label=gettext_lazy("State"),
            choices=[Choice(tone.value, tone.value) for tone in Tone],
        ),
        ChoiceFilter(
            name="tier",
            label=gettext_lazy("Tier"),
            choices=[Choice(key, word) for key, (word, _icon) in TIERS.items()],
        ),
        RangeFilter(name="tokens", label=gettext_lazy("Tokens")),
        BooleanFilter(name="priced", label=gettext_lazy("Priced")),
        DateRangeFilter(name="seen", label=gettext_lazy("Last seen")),
    ),
    href=lambda row: f"?q={row.name.replace(' ', '+')}",
    sort="name",
    page_size=12,
    live=True,
    template="ui/style.html",
)


@page(Permission.PEOPLE_MANAGE)
@require_safe
def style(request: HttpRequest) -> HttpResponseBase:
    """Every part, once."""
    return lists.render_list(request, LIST, _source(), context=_context())


def _source() -> ValuesSource[Sample]:
    return ValuesSource(
        SAMPLES,
        filters={
            "q": lambda row, text: text.casefold() in row.name.casefold(),
            "tone": lambda row, values: row.tone.value in values,
            "tier": lambda row, values: row.tier in values,
            "tokens": lambda row, bounds: _within(row.tokens, bounds.low, bounds.high),
            "priced": lambda row, wanted: (row.cost is not None) is wanted,
            "seen": lambda row, period: (
                period.start is None or clock.now() - timedelta(days=row.days) >= period.start
            ),
        },
        keys={
            "name": lambda row: row.name,
            "tier": lambda row: list(TIERS).index(row.tier),
            "tokens": lambda row: row.tokens,
            "cost": lambda row: row.cost,
        },
    )


def _within(value: int | None, low: Any, high: Any) -> bool:
    return value is not None and (low is None or value >= low) and (high is None or value <= high)


def _context() -> dict[str, Any]:
    now = clock.now()
    return {
        "now": now,
        "nano": MONEY,
        "trend": TREND,
        "tones": list(Tone),
        "icons": sorted(names()),
        "lanes": [
            Lane(
                tier,
                total=total,
                live=max(total - 2, 0),
                href="#",
                spend_nano_usd=None if total % 3 else total * 10**12,
            )
            for tier, total in zip(TIERS, (4, 6, 9, 12, 7, 3, 0, 8, 5), strict=True)
        ],
        "days": [
            Datum(str(at), None if at == 9 else (at * 7) % 11, href="#", tone="s0") for at in range(1, 15)
        ],
        "shares": charts.coloured(
            [Datum(name, value) for name, value in (("chat", 61), ("rag", 24), ("agent", 9))]
        ),
        "facts": [
            Fact(_("Owner"), "Odile Marchand"),
            Fact(_("Residency"), None, unknown=_("not disclosed")),
            Fact(_("Last seen"), parts.when(now - timedelta(hours=3)), hint="service.last_seen"),
            Fact(_("Identifier"), parts.copyable("0192f7aa-7b5c-7d10")),
        ],
        "tab_list": [Tab(_("Overview"), "#", current=True), Tab(_("Traces"), "#", count=1284)],
        "events": [
            history.Entry(
                now - timedelta(days=1),
                "Odile Marchand",
                "inventory.system.update",
                (_Change("risk", "limited", "high"),),
                why="Annex III",
            ),
            history.Entry(now - timedelta(days=9), "Paul Nguyen", "inventory.system.retire", denied=True),
        ],
        "head": ObjectHead(
            name="Sample system",
            kind=_("AI system"),
            icon="bot",
            state=parts.badge(pgettext("sample", "Live"), "ok"),
            badges=[parts.badge(pgettext("sample", "High"), "bad", mark="▲")],
            owner=None,
            tier="workstation",
            identity="0192f7aa",
            trail=[Crumb(_("Style"), "#")],
            actions=[Action(_("Edit"), "#", "pencil"), Action(pgettext("action", "Open"), "#", primary=True)],
        ),
        "marked": format_html("<b>{}</b>", "<script>alert(1)</script>"),
    }


@dataclass(frozen=True, slots=True)
class _Change:
    path: str
    before: Any
    after: Any
