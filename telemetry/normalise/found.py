"""What a span offers for each field: one walk over its attributes, its events and its log records."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from operator import itemgetter
from typing import Any

from telemetry.domain import DecodedEvent, DecodedSpan, Flag, SpanKind
from telemetry.normalise.events import body_of
from telemetry.normalise.flat import MAX_SLOTS, Slots
from telemetry.normalise.parsers import ODD, is_shallow, parsed_json
from telemetry.normalise.table import ByKind, EventRule, Rule, Table
from telemetry.normalise.table import by_kind as rules_by_kind

Candidate = tuple[int, Any, Rule, bool]
"""Rank, value, rule, and whether it came from a log record."""

Gathered = dict[int, tuple[EventRule, list[DecodedEvent]]]

CONTENT_FIELDS = frozenset(
    {"instructions", "input_messages", "output_messages", "documents", "content_reference"}
)

_RANK = itemgetter(0)


class Found:
    """The candidates of one span, by field."""

    __slots__ = ("_opened", "_resource", "_table", "candidates", "flags", "marks", "waiting")

    def __init__(self, table: Table, resource: dict[str, Any]) -> None:
        self.candidates: dict[str, list[Candidate]] = {}
        self.marks = 0
        self.flags: set[Flag] = set()
        self._table = table
        self._resource = resource
        self.waiting: list[tuple[ByKind, Any, bool]] = []
        self._opened: dict[int, Any] = {}

    def add(self, rules: Iterable[Rule], value: Any, *, by_log: bool = False) -> None:
        """Put a value beside the others of the fields that these rules are for."""
        candidates = self.candidates
        for rule in rules:
            offered = candidates.get(rule.field)
            if offered is None:
                candidates[rule.field] = [(rule.rank, value, rule, by_log)]
            else:
                offered.append((rule.rank, value, rule, by_log))

    def wait(self, rules: ByKind | None, value: Any, *, by_log: bool = False) -> None:
        """Keep a value for the rules that hold once the kind is known."""
        if rules is not None:
            self.waiting.append((rules, value, by_log))

    def settle(self, kind: SpanKind) -> None:
        """The kind is known: let the rules in that hold for it."""
        for rules, value, by_log in self.waiting:
            self.add(rules.get(kind, ()), value, by_log=by_log)

    def first(self, field: str) -> Any:
        """The best value of a field; None when no source yields one."""
        offered = self.candidates.get(field)
        if offered is None:
            return None
        if len(offered) > 1:
            offered.sort(key=_RANK)
        for _, value, rule, by_log in offered:
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

    def of_resource(self, field: str) -> Any:
        """The best value of a field among the resource attributes."""
        for key, rule in self._table.resource[field]:
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
        sources = table.lists[stem]
        found.add(sources.always, slots)
        found.wait(sources.by_kind, slots)
    if span.events or logs:
        gathered: Gathered = {}
        _events(table, span.events, found, gathered, by_log=False)
        _events(table, logs, found, gathered, by_log=True)
        for one, events in gathered.values():
            _offer(found, one.rule, sorted(events, key=lambda event: event.time_ns), by_log=bool(logs))
    return found


def _attributes(table: Table, span: DecodedSpan, found: Found) -> dict[str, Slots]:
    known, candidates = table.known, found.candidates
    marks = table.scope_marks(span.scope.name)
    lists: dict[str, Slots] = {}
    budget = MAX_SLOTS
    for key, value in span.attributes.items():
        always, by_kind, slot, entry_marks = known.get(key) or table.entry(key)
        marks |= entry_marks
        if value.__class__ is not str and not _is_readable(value, found):
            continue
        for rule in always:  # `found.add`, written out: this is the hottest loop of all
            offered = candidates.get(rule.field)
            if offered is None:
                candidates[rule.field] = [(rule.rank, value, rule, False)]
            else:
                offered.append((rule.rank, value, rule, False))
        if by_kind is not None:
            found.waiting.append((by_kind, value, False))
        if slot is not None:
            budget -= 1
            if budget >= 0:
                _put(lists, slot, value)
    if budget < 0:
        found.flags.add(Flag.VALUE_TRUNCATED)
    found.marks = marks
    return lists


def _put(lists: dict[str, Slots], slot: tuple[str, int, str], value: Any) -> None:
    stem, index, rest = slot
    slots = lists.get(stem)
    if slots is None:
        lists[stem] = {index: {rest: value}}
    elif index in slots:
        slots[index][rest] = value
    else:
        slots[index] = {rest: value}


def _events(
    table: Table, events: Iterable[DecodedEvent], found: Found, gathered: Gathered, *, by_log: bool
) -> None:
    for event in events:
        for one in table.events.get(event.name, ()):
            if one.time:
                _offer(found, one.rule, event.time_ns, by_log=by_log)
            elif one.attribute is not None:
                value = event.attributes.get(one.attribute)
                if value is None:
                    value = body_of(event).get(one.attribute)
                if value is not None and _is_readable(value, found):
                    _offer(found, one.rule, value, by_log=by_log)
            elif _is_readable(event.body, found) and _is_readable(event.attributes, found):
                gathered.setdefault(id(one), (one, []))[1].append(event)


def _offer(found: Found, rule: Rule, value: Any, *, by_log: bool) -> None:
    if rule.kinds is None:
        found.add((rule,), value, by_log=by_log)
    else:
        found.wait(rules_by_kind((rule,)), value, by_log=by_log)


def _is_readable(value: Any, found: Found) -> bool:
    """Structures that nest too deep are left out, and the span says so."""
    if not isinstance(value, dict | list) or is_shallow(value):
        return True
    found.flags.add(Flag.VALUE_TRUNCATED)
    return False
