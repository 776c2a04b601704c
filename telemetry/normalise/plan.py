"""What a span offers for each field, as far as its attributes' names decide it.

A program's spans of one sort carry the same attribute names again and again, so the rules, their order, the dialect
and the places of flattened lists are worked out once for such a set of names, and each span only brings its values.
"""

from __future__ import annotations

from collections.abc import Container, Hashable, Iterable, Sequence
from operator import attrgetter
from typing import Any, NamedTuple

from telemetry.domain import Attributes, SpanKind
from telemetry.normalise.flat import MAX_SLOTS, Slots
from telemetry.normalise.parsers import Reader
from telemetry.normalise.table import ByKind, Rule, Table, by_kind

REMEMBERED_PLANS = 2_048
"""When senders vary their names beyond that, all plans are forgotten; honest ones are soon made again."""
REMEMBERED_NAMES = 128
REMEMBERED_CHARACTERS = 4_096
"""Spans with more names, or longer ones, get a plan that is not remembered: no sender can fill the memory."""
REMEMBERED_EXTRAS = 8
"""So many sorts of events beside one set of names, and events of one span, are remembered."""

CONTENT_FIELDS = frozenset(
    {"instructions", "input_messages", "output_messages", "documents", "content_reference"}
)


class Offer(NamedTuple):
    """One source of a field that the span has: the value at this place, under this rule."""

    rank: int
    place: Hashable
    rule: Rule
    by_log: bool


class Step(NamedTuple):
    """How one field is read: by the best offer's reader at its place, where that needs no more, then by the others."""

    field: str
    read: Reader | None
    place: Hashable
    offers: tuple[Offer, ...]


ListedKeys = tuple[tuple[int, tuple[tuple[str, str], ...]], ...]
"""Of one flattened list: the index of each slot, and the rest and the whole of its keys."""

Extra = tuple[Rule, Any, bool]
"""What an event offers: rule, value, whether it came from a log record."""

_RANK = attrgetter("rank")


class Plan:
    """How to read spans with one set of attribute names. Read-only but for the steps, which are made when asked for."""

    __slots__ = (
        "_always",
        "_beside",
        "_steps",
        "_table",
        "_waiting",
        "cut",
        "dialect",
        "kind",
        "likely",
        "lists",
        "marks",
    )

    def __init__(
        self, table: Table, *, marks: int, always: dict[str, tuple[Offer, ...]], waiting: list[_Waiting]
    ) -> None:
        self.marks = marks
        self.dialect = table.dialect(marks)
        self.cut = False
        self.lists: dict[str, ListedKeys] = {}
        self.kind = _best_first(always.get("kind", ()))
        self.likely = next(
            (kind for field, kind in table.kind_by_field.items() if field in always), SpanKind.OTHER
        )
        self._table = table
        self._always = always
        self._waiting = waiting
        self._steps: dict[SpanKind, tuple[Step, ...]] = {}
        self._beside: dict[tuple[tuple[int, bool], ...], Plan] = {}

    def steps(self, kind: SpanKind) -> tuple[Step, ...]:
        """How each field but the kind is read in a span of this kind."""
        found = self._steps.get(kind)
        if found is None:
            found = self._steps[kind] = self._settled(kind)
        return found

    def listed(self, attributes: Attributes) -> dict[Hashable, Slots]:
        """The flattened lists of such a span, each at the place where its offers look for it."""
        return {
            _list_place(stem): {index: {rest: attributes[key] for rest, key in keys} for index, keys in slots}
            for stem, slots in self.lists.items()
        }

    def beside(self, extra: Sequence[Extra]) -> Plan:
        """The plan with what a span's events offer; the place of each is its number."""
        rules = tuple((id(rule), by_log) for rule, _, by_log in extra)  # rules live as long as their table
        found = self._beside.get(rules)
        if found is None:
            found = self._extended(extra)
            if len(rules) <= REMEMBERED_EXTRAS and len(self._beside) < REMEMBERED_EXTRAS:
                self._beside[rules] = found
        return found

    def _extended(self, extra: Sequence[Extra]) -> Plan:
        always, waiting = dict(self._always), list(self._waiting)
        for place, (rule, _, by_log) in enumerate(extra):
            if rule.kinds is None:
                _offer(always, (rule,), place, by_log=by_log)
            else:
                waiting.append(_Waiting(by_kind((rule,)), place, by_log))
        return Plan(self._table, marks=self.marks, always=always, waiting=waiting)

    def _settled(self, kind: SpanKind) -> tuple[Step, ...]:
        offers = dict(self._always)
        for rules, place, by_log in self._waiting:
            _offer(offers, (rules or {}).get(kind, ()), place, by_log=by_log)
        return tuple(_step(field, offered) for field, offered in offers.items() if field != "kind")


class _Waiting(NamedTuple):
    """Rules that wait for the span's kind."""

    rules: ByKind | None
    place: Hashable
    by_log: bool


class Plans:
    """The plans of one table. Safe between threads: what two make at once is equal."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._known: dict[tuple[str, ...], Plan] = {}

    def plan(self, scope: str, attributes: Attributes) -> Plan:
        """How to read a span of this instrumentation scope with these attributes, all of them readable."""
        names = (scope, *attributes)
        found = self._known.get(names)
        if found is None:
            found = self.made(scope, attributes)
            if len(names) <= REMEMBERED_NAMES and sum(map(len, names)) <= REMEMBERED_CHARACTERS:
                if len(self._known) >= REMEMBERED_PLANS:
                    self._known.clear()
                self._known[names] = found
        return found

    def made(self, scope: str, attributes: Iterable[str], unreadable: Container[str] = ()) -> Plan:
        """A plan of its own; unreadable attributes say what the span is and offer nothing."""
        marks = self._table.scope_marks(scope)
        always: dict[str, tuple[Offer, ...]] = {}
        waiting: list[_Waiting] = []
        slots: list[tuple[str, tuple[str, int, str]]] = []
        for key in attributes:
            entry = self._table.known.get(key) or self._table.entry(key)
            marks |= entry.marks
            if key in unreadable:
                continue
            _offer(always, entry.always, key)
            if entry.by_kind is not None:
                waiting.append(_Waiting(entry.by_kind, key, by_log=False))
            if entry.slot is not None:
                slots.append((key, entry.slot))
        lists = _listed(slots[:MAX_SLOTS])
        for stem in lists:
            sources = self._table.lists[stem]
            _offer(always, sources.always, _list_place(stem))
            waiting.append(_Waiting(sources.by_kind, _list_place(stem), by_log=False))
        plan = Plan(self._table, marks=marks, always=always, waiting=waiting)
        plan.lists, plan.cut = lists, len(slots) > MAX_SLOTS
        return plan


def _list_place(stem: str) -> Hashable:
    """No attribute's name, for an attribute may be called like the list."""
    return (stem,)


def _listed(slots: Iterable[tuple[str, tuple[str, int, str]]]) -> dict[str, ListedKeys]:
    lists: dict[str, dict[int, list[tuple[str, str]]]] = {}
    for key, (stem, index, rest) in slots:
        lists.setdefault(stem, {}).setdefault(index, []).append((rest, key))
    return {
        stem: tuple((index, tuple(keys)) for index, keys in indexed.items())
        for stem, indexed in lists.items()
    }


def _offer(
    offers: dict[str, tuple[Offer, ...]], rules: Iterable[Rule], place: Hashable, *, by_log: bool = False
) -> None:
    for rule in rules:
        offers[rule.field] = (*offers.get(rule.field, ()), Offer(rule.rank, place, rule, by_log))


def _step(field: str, offered: tuple[Offer, ...]) -> Step:
    best_first = _best_first(offered)
    best = best_first[0]
    simple = best.rule.path is None and not (best.by_log and field in CONTENT_FIELDS)
    if simple:
        return Step(field, best.rule.read, best.place, best_first[1:])
    return Step(field, None, best.place, best_first)


def _best_first(offered: tuple[Offer, ...]) -> tuple[Offer, ...]:
    return tuple(sorted(offered, key=_RANK)) if len(offered) > 1 else offered
