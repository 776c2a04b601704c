"""The filters of trace and sender lists: what may stand in the address, and what it asks of the record."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from kernel import clock
from kernel.contracts.ingest import Resolution, ResolutionState
from telemetry.domain import SpanKind
from telemetry.queries.bounds import SenderScope, SenderWindow, TimeRange
from telemetry.queries.traces import Between, TraceFilter, TraceStatus
from telemetry.services.estate import Estate, Wanted, identified
from telemetry.tables import register
from telemetry.tables.words import KIND_WORDS, RESOLUTION_WORDS, short_id
from ui.filters import (
    Choice,
    ChoiceFilter,
    DateRangeFilter,
    Filter,
    Period,
    Range,
    RangeFilter,
    RelationFilter,
    TextFilter,
)
from ui.icons import TIERS
from ui.tables import ListQuery

LONGEST_LOOK_BACK_NS = 400 * clock.NANOSECONDS_PER_DAY
"""As far back as the receiver lets spans in: “all time” is bounded too."""


OFFERED_SENDERS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class ExactFilter(TextFilter):
    """A text that must be met to the letter."""

    def sentence(self, value: str) -> tuple[str, str]:
        return gettext("is"), f"“{value}”"


def time_range(period: Period | None) -> TimeRange:
    """A filter's period as the record understands it; without one, as far back as the record goes."""
    now = clock.now_ns()
    start = now - LONGEST_LOOK_BACK_NS
    end = now + clock.NANOSECONDS_PER_HOUR
    if period is not None:
        start = max(start, clock.to_ns(period.start)) if period.start else start
        end = min(end, clock.to_ns(period.end)) if period.end else end
    return TimeRange(start, max(end, start + 1))


def deployment_filter(estate: Estate) -> Filter:
    """Deployments: those that sent something are offered, any other of the register is understood."""
    return RelationFilter(
        name="deployment",
        label=_("Deployment"),
        choices=_named(estate, lambda item: (item.deployment_id, item.deployment_name)),
        lookup=register.deployment_lookup(estate.actor),
    )


def trace_filters(estate: Estate, *, models: Sequence[str]) -> list[Filter]:
    """The filters of the trace list, with the choices that this reader has."""
    return [
        TextFilter(name="q", label=_("Name of the first step")),
        deployment_filter(estate),
        RelationFilter(name="model", label=_("Model"), choices=_plain(models), lookup=_plain),
        ChoiceFilter(
            name="tier",
            label=_("Tier"),
            choices=[Choice(value, word) for value, (word, _icon) in TIERS.items()],
        ),
        RelationFilter(
            name="site",
            label=_("Site"),
            choices=_named(estate, lambda item: (item.site_id, item.site_name)),
            lookup=register.site_lookup(estate.actor),
        ),
        DateRangeFilter(name="when", label=_("Started"), default="24h"),
        *_number_filters(),
        *_kind_filters(),
        *_sender_filters(estate),
    ]


def _number_filters() -> list[Filter]:
    return [
        RangeFilter(name="tokens", label=_("Tokens")),
        RangeFilter(name="latency", label=_("Duration"), unit=_("seconds")),
    ]


def _kind_filters() -> list[Filter]:
    return [
        ChoiceFilter(
            name="status",
            label=_("Status"),
            multiple=False,
            choices=[
                Choice(TraceStatus.ERROR.value, _("with an error")),
                Choice(TraceStatus.OK.value, _("without an error")),
            ],
        ),
        ChoiceFilter(
            name="known",
            label=_("Sender"),
            multiple=False,
            choices=[Choice(state.value, said.word) for state, said in RESOLUTION_WORDS.items()],
        ),
        RelationFilter(
            name="kind",
            label=_("First step"),
            multiple=False,
            choices=[Choice(kind.value, KIND_WORDS[kind]) for kind in SpanKind],
        ),
    ]


def _sender_filters(estate: Estate) -> list[Filter]:
    return [
        RelationFilter(
            name="sender",
            label=_("Sender ID"),
            choices=[
                Choice(known.sender.sender_id.hex(), sender_word(estate, known.sender.sender_id.hex()))
                for known in estate.seen[:OFFERED_SENDERS]
            ],
            lookup=lambda values: [Choice(value, sender_word(estate, value)) for value in values],
        ),
        ExactFilter(name="session", label=_("Session")),
    ]


def _plain(values: Sequence[str]) -> list[Choice]:
    return [Choice(value, value) for value in values]


def _named(estate: Estate, part: Callable[[Resolution], tuple[uuid.UUID | None, str | None]]) -> list[Choice]:
    resolutions = (item for known in estate.seen for item in known.resolutions if estate.may_see(item))
    found = {str(id_): name or str(id_) for id_, name in map(part, resolutions) if id_ is not None}
    return [Choice(value, name) for value, name in sorted(found.items(), key=lambda pair: pair[1].casefold())]


def sender_word(estate: Estate, value: str) -> str:
    """A sender in the address as a word: what it calls itself, as far as the reader may know."""
    known = estate.known.get(sender_id_of(value) or b"")
    if known is None or not estate.sees(known):
        return short_id(value)
    return known.sender.identity.service_name or short_id(value)


def sender_id_of(value: str) -> bytes | None:
    """Sixteen bytes from 32 hexadecimal digits; None for anything else."""
    return _bytes_of(value, length=16)


def trace_id_of(value: str) -> bytes | None:
    """Sixteen bytes from 32 hexadecimal digits, as people paste them; None for anything else."""
    return _bytes_of(value.strip().replace("-", ""), length=16)


def _bytes_of(value: str, *, length: int) -> bytes | None:
    if len(value) != 2 * length or not value.isascii():
        return None
    try:
        return bytes.fromhex(value)
    except ValueError:
        return None


def trace_filter(query: ListQuery, estate: Estate) -> TraceFilter:
    """What a list's address asks of the record, within what the reader may see."""
    status = query.get("status")
    kind = query.get("kind")
    return TraceFilter(
        time=time_range(query.get("when")),
        senders=asked_senders(query, estate),
        visible=estate.visible,
        models=tuple(query.get("model") or ()),
        status=TraceStatus(status[0]) if status else None,
        kind=SpanKind(kind[0]) if kind else None,
        tokens=_between(query.get("tokens")),
        duration_ns=_between(query.get("latency"), unit=clock.NANOSECONDS_PER_SECOND),
        text=query.get("q") or "",
        session_id=query.get("session"),
    )


def _between(given: Range | None, *, unit: int = 1) -> Between:
    if given is None:
        return Between()
    return Between(_whole(given.low, unit), _whole(given.high, unit))


def _whole(value: Decimal | None, unit: int) -> int | None:
    return None if value is None else min(int(value * unit), 2**62)


def asked_senders(query: ListQuery, estate: Estate) -> SenderScope:
    """The sender windows that deployment, tier, site, sender and registration ask for; None when none of them is set.

    All of them must hold at the same time for one sender.
    """
    conditions = _conditions(query)
    state = (query.get("known") or ("",))[0]
    named = query.get("sender")
    if not (conditions or state or named):
        return None
    windows = _windows(estate, conditions, state=state)
    if not named:
        return windows
    ids = {sender_id_of(value) for value in named}
    return tuple(window for window in windows if window.sender_id in ids)


def _windows(estate: Estate, conditions: list[Wanted], *, state: str) -> tuple[SenderWindow, ...]:
    if state == ResolutionState.RESOLVED:
        conditions = [*conditions, identified]
    elif state:
        # What nobody identified is no deployment; asked for together with one, nothing is left.
        return () if conditions else estate.in_state(ResolutionState(state))
    if conditions:
        return estate.where(lambda item: all(holds(item) for holds in conditions))
    return tuple(SenderWindow(known.sender.sender_id) for known in estate.seen)


def _conditions(query: ListQuery) -> list[Wanted]:
    conditions: list[Wanted] = []
    if deployments := query.get("deployment"):
        conditions.append(lambda item: str(item.deployment_id) in deployments)
    if sites := query.get("site"):
        conditions.append(lambda item: str(item.site_id) in sites)
    if tiers := query.get("tier"):
        conditions.append(lambda item: item.tier in tiers)
    return conditions
