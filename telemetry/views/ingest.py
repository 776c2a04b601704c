"""What was received, stored, rejected, and why? The accounts of ingest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from kernel import clock
from kernel.actor import Permission
from telemetry.queries import ingest as accounts
from telemetry.queries.bounds import TimeRange
from telemetry.queries.ingest import Account, AsideRow, KeyAccount, Rejection, Width
from telemetry.services import load_estate, reading
from telemetry.tables import register
from telemetry.tables.pictures import account_chart
from telemetry.tables.spans import traces_href
from telemetry.tables.words import SIGNAL_WORDS, Explained, reason_explained
from ui.access import actor_of, page
from ui.parts import Tab
from ui.text import Text

PERIODS: dict[str, tuple[Text, int, Width]] = {
    "1h": (_("Last hour"), clock.NANOSECONDS_PER_HOUR, Width.MINUTE),
    "24h": (_("24 hours"), clock.NANOSECONDS_PER_DAY, Width.HOUR),
    "7d": (_("7 days"), 7 * clock.NANOSECONDS_PER_DAY, Width.HOUR),
    "30d": (_("30 days"), 30 * clock.NANOSECONDS_PER_DAY, Width.DAY),
}
DEFAULT_PERIOD = "24h"
SHOWN_ASIDE = 50
LONGEST_START = 2**63 - 1  # nanoseconds: later ones are no date that anybody can read


@dataclass(frozen=True, slots=True)
class KeyLine:
    """The account of a key and signal with its words."""

    name: str
    href: str
    signal: Text
    account: Account
    last_ns: int


@dataclass(frozen=True, slots=True)
class RejectionLine:
    """A reason with its words, for one key and signal."""

    key: str
    signal: Text
    explained: Explained
    rejection: Rejection
    last_ns: int


@dataclass(frozen=True, slots=True)
class AsideLine:
    """A span put aside. `start_ns` is None where the sender's start is no moment that can be shown."""

    row: AsideRow
    explained: Explained
    start_ns: int | None


@require_safe
@page(Permission.TELEMETRY_READ)
def ingest(request: HttpRequest) -> HttpResponseBase:
    """The accounts of a period (`when`), of all keys or of one (`key`)."""
    actor = actor_of(request)
    period = request.GET.get("when", "")
    period = period if period in PERIODS else DEFAULT_PERIOD
    _label, length, width = PERIODS[period]
    time = TimeRange.last(length)
    keys = register.keys_of(actor)
    allowed = register.visible_keys(actor)
    chosen = _chosen_key(request.GET.get("key", ""), allowed)
    asked = allowed if chosen is None else [chosen]
    with reading() as connection:
        estate = load_estate(connection, actor)
        context: dict[str, Any] = {
            "account": accounts.account(connection, time=time, key_ids=asked),
            "chart": account_chart(
                accounts.account_series(connection, time=time, width=width, key_ids=asked), time, width
            ),
            "keys": _key_lines(accounts.accounts_by_key(connection, time=time, key_ids=asked), keys, period),
            "rejections": _rejection_lines(accounts.rejections(connection, time=time, key_ids=asked), keys),
            "aside": [
                _aside_line(row)
                for row in accounts.aside(connection, time=time, visible=estate.visible, limit=SHOWN_ASIDE)
            ],
        }
    context |= {
        "traces_href": traces_href(when=period),
        "tabs": _tabs(period, chosen),
        "chosen_key": register.key_word(keys, chosen) if chosen is not None else "",
        "all_keys_href": _href(period, None),
        "check": register.check_snippet(),
        "scoped": allowed is not None,
    }
    return render(request, "telemetry/ingest.html", context)


def _chosen_key(text: str, allowed: list[bytes] | None) -> bytes | None:
    try:
        key_id = bytes.fromhex(text) if len(text) == 32 else None
    except ValueError:
        return None
    return key_id if key_id is not None and (allowed is None or key_id in allowed) else None


def _href(period: str, key_id: bytes | None) -> str:
    words = {"when": period} | ({"key": key_id.hex()} if key_id is not None else {})
    return f"{reverse('telemetry:ingest')}?{urlencode(words)}"


def _tabs(period: str, chosen: bytes | None) -> list[Tab]:
    return [
        Tab(label, _href(name, chosen), current=name == period)
        for name, (label, _ns, _width) in PERIODS.items()
    ]


def _key_lines(
    found: Sequence[KeyAccount], keys: dict[bytes, register.KeyName], period: str
) -> list[KeyLine]:
    return [
        KeyLine(
            name=register.key_word(keys, item.key_id),
            href=_href(period, item.key_id),
            signal=SIGNAL_WORDS.get(item.signal, item.signal),
            account=item.account,
            last_ns=item.last_minute * clock.NANOSECONDS_PER_MINUTE,
        )
        for item in found
    ]


def _rejection_lines(found: Sequence[Rejection], keys: dict[bytes, register.KeyName]) -> list[RejectionLine]:
    lines = [
        RejectionLine(
            key=register.key_word(keys, item.key_id),
            signal=SIGNAL_WORDS.get(item.signal, item.signal),
            explained=reason_explained(item.reason),
            rejection=item,
            last_ns=item.last_minute * clock.NANOSECONDS_PER_MINUTE,
        )
        for item in found
    ]
    return sorted(lines, key=lambda line: line.explained.harmless)


def _aside_line(row: AsideRow) -> AsideLine:
    start = int(row.start_ns) if row.start_ns.isdigit() else LONGEST_START + 1
    return AsideLine(row, reason_explained(row.reason), start if start <= LONGEST_START else None)
