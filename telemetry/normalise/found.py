"""What a span says for each field: the values of its attributes, events and log records, read by its plan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import NoneType
from typing import Any

from telemetry.domain import DecodedEvent, DecodedSpan, Flag, SpanKind
from telemetry.normalise.events import body_of
from telemetry.normalise.parsers import ODD, is_shallow, parsed_json
from telemetry.normalise.plan import CONTENT_FIELDS, Extra, Offer, Plan, Plans
from telemetry.normalise.table import EventRule, Table

__all__ = ["CONTENT_FIELDS", "Found", "collect"]

Gathered = dict[int, tuple[EventRule, list[DecodedEvent]]]

_FLAT = frozenset({str, int, float, bool, bytes, NoneType})
"""The types whose values cannot nest."""


class Found:
    """One span's plan and values, and what was odd about them."""

    __slots__ = ("_opened", "_values", "flags", "plan")

    def __init__(self, plan: Plan, values: Mapping[Any, Any], flags: set[Flag]) -> None:
        self.plan = plan
        self.flags = flags
        self._values = values
        self._opened: dict[int, Any] = {}

    def kind(self) -> SpanKind:
        """What the span says it is, else what its fields say."""
        said = self._first("kind", self.plan.kind)
        return said if isinstance(said, SpanKind) else self.plan.likely

    def said(self, kind: SpanKind) -> dict[str, Any]:
        """The best value of each field; a field is missing where no source yields one."""
        said: dict[str, Any] = {}
        values = self._values
        for field, read, place, others in self.plan.steps(kind):
            value = None if read is None else read(values[place])  # nearly all are told by their best source
            if value is ODD:
                self.flags.add(Flag.TOKENS_INCONSISTENT)
                value = None
            if value is None and others:
                value = self._first(field, others)
            if value is not None:
                said[field] = value
        return said

    def _first(self, field: str, offers: tuple[Offer, ...]) -> Any:
        for _, place, rule, by_log in offers:
            value = self._values[place]
            read = rule.read(value if rule.path is None else self._at_path(value, rule.path, rule.beside))
            if read is ODD:
                self.flags.add(Flag.TOKENS_INCONSISTENT)
            elif read is not None:
                if by_log and field in CONTENT_FIELDS:
                    self.flags.add(Flag.CONTENT_BY_LOG)
                return read
        return None

    def _at_path(self, value: Any, path: tuple[str, ...], beside: tuple[str, ...]) -> Any:
        """What lies at a path of keys in a structure or a JSON text, which is opened once for all paths."""
        if isinstance(value, str):
            value = self._open(value)
        if beside and not (isinstance(value, dict) and all(key in value for key in beside)):
            return None
        for key in path:
            if not isinstance(value, dict):
                return None
            value = value.get(key)
        return value

    def _open(self, text: str) -> Any:
        name = id(text)  # the span holds the text for as long as this memory lives
        if name not in self._opened:
            self._opened[name] = parsed_json(text) if text[:1] == "{" else None
        return self._opened[name]


def collect(table: Table, plans: Plans, span: DecodedSpan, logs: Sequence[DecodedEvent]) -> Found:
    """What the span offers: by the plan for its names, and by its events and log records."""
    attributes = span.attributes
    flags: set[Flag] = set()
    unreadable: set[str] = set()
    if not _FLAT.issuperset(map(type, attributes.values())):
        unreadable = {key for key, value in attributes.items() if not _is_readable(value, flags)}
    if unreadable:
        plan = plans.made(span.scope.name, attributes, unreadable)
    else:
        plan = plans.plan(span.scope.name, attributes)
    if plan.cut:
        flags.add(Flag.VALUE_TRUNCATED)
    values: dict[Any, Any] = attributes
    if plan.lists:
        values = attributes | plan.listed(attributes)
    if span.events or logs:
        extra = _of_events(table, span.events, logs, flags)
        if extra:
            plan = plan.beside(extra)
            values = values | {place: value for place, (_, value, _) in enumerate(extra)}
    return Found(plan, values, flags)


def _of_events(
    table: Table, events: Sequence[DecodedEvent], logs: Sequence[DecodedEvent], flags: set[Flag]
) -> list[Extra]:
    extra: list[Extra] = []
    gathered: Gathered = {}
    for source, by_log in ((events, False), (logs, True)):
        for event in source:
            for one in table.events.get(event.name, ()):
                _offer_event(event, one, flags, extra=extra, gathered=gathered, by_log=by_log)
    extra.extend(
        (one.rule, sorted(those, key=lambda event: event.time_ns), bool(logs))
        for one, those in gathered.values()
    )
    return extra


def _offer_event(
    event: DecodedEvent,
    one: EventRule,
    flags: set[Flag],
    *,
    extra: list[Extra],
    gathered: Gathered,
    by_log: bool,
) -> None:
    if one.time:
        extra.append((one.rule, event.time_ns, by_log))
    elif one.attribute is not None:
        value = event.attributes.get(one.attribute)
        if value is None:
            value = body_of(event).get(one.attribute)
        if value is not None and _is_readable(value, flags):
            extra.append((one.rule, value, by_log))
    elif _is_readable(event.body, flags) and _is_readable(event.attributes, flags):
        gathered.setdefault(id(one), (one, []))[1].append(event)


def _is_readable(value: Any, flags: set[Flag]) -> bool:
    """Structures that nest too deep are left out, and the span says so."""
    if not isinstance(value, dict | list) or is_shallow(value):
        return True
    flags.add(Flag.VALUE_TRUNCATED)
    return False
