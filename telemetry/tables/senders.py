"""Senders as people see them: what they call themselves, what they are, what they did lately."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

import sqlalchemy as sa
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from kernel import clock
from kernel.actor import Actor
from kernel.contracts.ingest import Resolution, ResolutionState
from telemetry.queries import senders as sender_queries
from telemetry.queries.bounds import TimeRange
from telemetry.services.estate import Estate, Known, identified
from telemetry.tables import register
from telemetry.tables.spans import traces_href
from telemetry.tables.traces import deployment_href
from telemetry.tables.words import RESOLUTION_WORDS, said_badge, short_id
from ui import formats, parts
from ui.filters import Choice, ChoiceFilter, Filter, RelationFilter, TextFilter
from ui.tables import Column, two_lines

_SENDER_ID = re.compile(r"[0-9a-f]{16,64}")
MODELS_LOOK_BACK_NS = 30 * clock.NANOSECONDS_PER_DAY
SHOWN_MODELS = 3


@dataclass(frozen=True, slots=True)
class SenderLine:
    """A sender with everything that a list shows of it. `devices` None: it named none."""

    known: Known
    latest: Resolution | None
    devices: int | None
    models: tuple[str, ...]
    spans_lately: int
    key: register.KeyName | None

    @property
    def id(self) -> str:
        return self.known.sender.sender_id.hex()

    @property
    def name(self) -> str:
        """What it calls itself; the beginning of its id where it says nothing."""
        said = self.known.sender.identity
        return "/".join(part for part in (said.service_namespace, said.service_name) if part) or short_id(
            self.id
        )

    @property
    def state(self) -> ResolutionState:
        return self.known.state


def sender_lines(connection: sa.Connection, estate: Estate, shown: Iterable[Known]) -> list[SenderLine]:
    """Senders with their devices, models and latest traffic. Three queries on the record, one on the register."""
    chosen = list(shown)
    ids = [known.sender.sender_id for known in chosen]
    devices = sender_queries.device_counts(connection, ids)
    models = sender_queries.models_by_sender(connection, ids, time=TimeRange.last(MODELS_LOOK_BACK_NS))
    lately = sender_queries.spans_by_sender(
        connection, time=TimeRange.last(clock.NANOSECONDS_PER_DAY), sender_ids=ids
    )
    keys = register.keys_of(estate.actor)
    return [_line(known, estate, devices, models, lately, keys) for known in chosen]


def _line(
    known: Known,
    estate: Estate,
    devices: dict[bytes, int],
    models: dict[bytes, list[str]],
    lately: dict[bytes, int],
    keys: dict[bytes, register.KeyName],
) -> SenderLine:
    id_ = known.sender.sender_id
    return SenderLine(
        known=known,
        latest=estate.resolution(id_, known.sender.last_seen_ns),
        devices=devices.get(id_),
        models=tuple(models.get(id_, ())),
        spans_lately=lately.get(id_, 0),
        key=keys.get(known.sender.identity.key_id),
    )


def sender_filters(actor: Actor) -> list[Filter]:
    """What the list of all senders may be narrowed by."""
    return [
        TextFilter(name="q", label=_("Name")),
        ChoiceFilter(
            name="known",
            label=_("Registration"),
            choices=[Choice(state.value, said.word) for state, said in RESOLUTION_WORDS.items()],
        ),
        RelationFilter(
            name="deployment", label=_("Deployment"), choices=[], lookup=register.deployment_lookup(actor)
        ),
        RelationFilter(name="site", label=_("Site"), choices=[], lookup=register.site_lookup(actor)),
        RelationFilter(name="sender", label=_("Sender ID"), choices=[], lookup=_as_they_are),
    ]


def _as_they_are(values: Sequence[str]) -> list[Choice]:
    """Ids of senders that stand in an address; what is no id names nobody."""
    return [Choice(value, short_id(value)) for value in values if _SENDER_ID.fullmatch(value)]


SENDER_MATCHES: dict[str, Callable[[SenderLine, object], bool]] = {
    "q": lambda line, text: str(text).casefold() in _searched(line),
    "known": lambda line, states: isinstance(states, tuple) and line.state.value in states,
    "deployment": lambda line, ids: (
        isinstance(ids, tuple) and any(str(item.deployment_id) in ids for item in line.known.resolutions)
    ),
    "site": lambda line, ids: (
        isinstance(ids, tuple) and any(str(item.site_id) in ids for item in line.known.resolutions)
    ),
    "sender": lambda line, ids: isinstance(ids, tuple) and line.id in ids,
}


def _searched(line: SenderLine) -> str:
    said = line.known.sender.identity
    return f"{line.name} {said.place} {said.claimed_deployment} {line.id}".casefold()


SENDER_KEYS: dict[str, Callable[[SenderLine], object]] = {
    "name": lambda line: line.name.casefold(),
    "first": lambda line: line.known.sender.first_seen_ns,
    "last": lambda line: line.known.sender.last_seen_ns,
    "spans": lambda line: line.known.sender.span_count,
    "devices": lambda line: line.devices,
}


def _moment(moment_ns: int) -> SafeString:
    return format_html('<span class="nowrap">{}</span>', parts.when_ns(moment_ns))


def _name_cell(line: SenderLine) -> SafeString:
    said = line.known.sender.identity
    details = [text for text in (said.environment, said.place) if text]
    return two_lines(line.name, " · ".join(details)) if details else format_html("{}", line.name)


def _spans_door(line: SenderLine, count: int, *, when: str) -> SafeString:
    return parts.door(formats.number(count, digits=0), traces_href(sender=line.id, when=when))


def _is_cell(line: SenderLine) -> SafeString:
    badge = said_badge(RESOLUTION_WORDS[line.state])
    found = line.latest
    if found is None or not identified(found):
        return badge
    shown: object = found.endpoint_name
    if found.deployment_id is not None:
        shown = format_html(
            '<a href="{}">{}</a>', deployment_href(found.deployment_id), found.deployment_name
        )
    return format_html('{}<span class="second">{}</span>', shown, found.how)


def _models_cell(line: SenderLine) -> SafeString | None:
    if not line.models:
        return None
    shown = format_html_join(", ", "{}", ((model,) for model in line.models[:SHOWN_MODELS]))
    rest = len(line.models) - SHOWN_MODELS
    return format_html('{} <span class="muted">+{}</span>', shown, rest) if rest > 0 else shown


_COLUMNS: tuple[Column[SenderLine], ...] = (
    Column("name", _("Sender"), value=lambda line: line.name, cell=_name_cell, sort="name", fixed=True),
    Column("is", _("Is"), value=lambda line: str(RESOLUTION_WORDS[line.state].word), cell=_is_cell),
    Column(
        "first",
        _("First seen"),
        value=lambda line: clock.from_ns(line.known.sender.first_seen_ns),
        cell=lambda line: _moment(line.known.sender.first_seen_ns),
        sort="first",
    ),
    Column(
        "last",
        _("Last seen"),
        value=lambda line: clock.from_ns(line.known.sender.last_seen_ns),
        cell=lambda line: _moment(line.known.sender.last_seen_ns),
        sort="last",
    ),
    Column(
        "spans",
        _("Steps"),
        value=lambda line: line.known.sender.span_count,
        cell=lambda line: _spans_door(line, line.known.sender.span_count, when="all"),
        sort="spans",
        numeric=True,
    ),
    Column(
        "lately",
        _("In 24 hours"),
        value=lambda line: line.spans_lately,
        cell=lambda line: _spans_door(line, line.spans_lately, when="24h"),
        numeric=True,
    ),
    Column(
        "devices",
        _("Devices"),
        value=lambda line: line.devices,
        sort="devices",
        numeric=True,
        unknown=_("none named"),
    ),
    Column(
        "models",
        _("Models"),
        value=lambda line: list(line.models) or None,
        cell=_models_cell,
        unknown=_("none named"),
    ),
    Column("key", _("Key"), value=lambda line: line.key.name if line.key else None),
    Column(
        "claims",
        _("Claims to be"),
        value=lambda line: line.known.sender.identity.claimed_deployment or None,
        unknown=_("nothing"),
        default=False,
    ),
    Column(
        "id",
        _("Sender ID"),
        value=lambda line: line.id,
        cell=lambda line: parts.copyable(line.id),
        default=False,
    ),
)

_ON_DEMAND = frozenset({"first", "models", "key"})
"""Columns that the list of all senders leaves out unless asked: what a sender is needs the room."""

SENDER_COLUMNS: tuple[Column[SenderLine], ...] = tuple(
    replace(column, default=False) if column.name in _ON_DEMAND else column for column in _COLUMNS
)
DISCOVERED_COLUMNS: tuple[Column[SenderLine], ...] = tuple(
    column for column in _COLUMNS if column.name != "is"
)
