"""What a span offers for each field: one walk over its attributes, its events and its log records."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from operator import itemgetter
from typing import Any

from telemetry.domain import DecodedEvent, DecodedSpan, Flag, SpanKind
from telemetry.normalise.events import body_of
from telemetry.normalise.flat import MAX_SLOTS, Slots
from telemetry.normalise.parsers import ODD, at_path, is_shallow
from telemetry.normalise.table import EventRule, Rule, Table

Candidate = tuple[int, Any, Rule, bool]
"""Rank, value, rule, and whether it came from a log record."""

CONTENT_FIELDS = frozenset(
    {"instructions", "input_messages", "output_messages", "documents", "content_reference"}
)

_RANK = itemgetter(0)


class Found:
    """The candidates of one span, by field."""

    __slots__ = ("_resource", "_table", "candidates", "flags", "kind", "marks")

    def __init__(self, table: Table, resource: dict[str, Any]) -> None:
        self.candidates: dict[str, list[Candidate]] = {}
        self.marks = 0
        self.kind = SpanKind.OTHER
        self.flags: set[Flag] = set()
        self._table = table
        self._resource = resource

    def add(self, rule: Rule, value: Any, *, by_log: bool = False) -> None:
        """Put a value beside the others of its field."""
        offered = self.candidates.get(rule.field)
        if offered is None:
            self.candidates[rule.field] = [(rule.rank, value, rule, by_log)]
        else:
            offered.append((rule.rank, value, rule, by_log))

    def first(self, field: str) -> Any:
        """The best value of a field for a span of this kind; None when no source yields one."""
        offered = self.candidates.get(field)
        if offered is None:
            return self._of_resource(field)
        if len(offered) > 1:
            offered.sort(key=_RANK)
        for _, value, rule, by_log in offered:
            if rule.kinds is not None and self.kind not in rule.kinds:
                continue
            read = self._read(rule, value)
            if read is not None:
                if by_log and field in CONTENT_FIELDS:
                    self.flags.add(Flag.CONTENT_BY_LOG)
                return read
        return self._of_resource(field)

    def has(self, field: str) -> bool:
        """Whether a source that counts for every kind offers the field."""
        return any(rule.kinds is None for _, _, rule, _ in self.candidates.get(field, ()))

    def _read(self, rule: Rule, value: Any) -> Any:
        if isinstance(value, dict | list) and not is_shallow(value):
            self.flags.add(Flag.VALUE_TRUNCATED)
            return None
        read = rule.read(value if rule.path is None else at_path(value, rule.path))
        if read is ODD:
            self.flags.add(Flag.TOKENS_INCONSISTENT)
            return None
        return read

    def _of_resource(self, field: str) -> Any:
        for key, rule in self._table.resource.get(field, ()):
            value = self._resource.get(key)
            read = None if value is None else rule.read(value)
            if read is not None:
                return read
        return None


def collect(table: Table, span: DecodedSpan, logs: Sequence[DecodedEvent]) -> Found:
    """Walk over the span once."""
    found = Found(table, span.resource)
    lists = _attributes(table, span, found)
    for stem, slots in lists.items():
        for rule in table.lists[stem]:
            found.add(rule, slots)
    if span.events or logs:
        gathered: dict[int, tuple[EventRule, list[DecodedEvent]]] = {}
        _events(table, span.events, found, gathered, by_log=False)
        _events(table, logs, found, gathered, by_log=True)
        for one, events in gathered.values():
            found.add(one.rule, sorted(events, key=lambda event: event.time_ns), by_log=bool(logs))
    return found


def _attributes(table: Table, span: DecodedSpan, found: Found) -> dict[str, Slots]:
    entry_of = table.entry
    marks = table.scope_marks(span.scope.name)
    lists: dict[str, Slots] = {}
    budget = MAX_SLOTS
    for key, value in span.attributes.items():
        entry = entry_of(key)
        marks |= entry.marks
        for rule in entry.rules:
            found.add(rule, value)
        if entry.slot is not None:
            budget -= 1
            if budget >= 0:
                stem, index, rest = entry.slot
                lists.setdefault(stem, {}).setdefault(index, {})[rest] = value
    if budget < 0:
        found.flags.add(Flag.VALUE_TRUNCATED)
    found.marks = marks
    return lists


def _events(
    table: Table,
    events: Iterable[DecodedEvent],
    found: Found,
    gathered: dict[int, tuple[EventRule, list[DecodedEvent]]],
    *,
    by_log: bool,
) -> None:
    for event in events:
        for one in table.events.get(event.name, ()):
            if one.time:
                found.add(one.rule, event.time_ns)
            elif one.attribute is None:
                gathered.setdefault(id(one), (one, []))[1].append(event)
            else:
                value = event.attributes.get(one.attribute)
                if value is None:
                    value = body_of(event).get(one.attribute)
                if value is not None:
                    found.add(one.rule, value, by_log=by_log)
