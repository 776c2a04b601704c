"""Who owns a call. Pure: the answer depends on which spans there are, never on the order in which they came.

Client, gateway and server may each report the same model call, and two instrumentations of one process may nest. Their
spans are witnesses. Which of them speak of the same call is said by the trace (a call right under a call, with nothing
between them but HTTP) or by the id that the provider gave its answer. One witness owns the call's tokens and cost.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

from kernel.contracts.pricing import CostStatus
from telemetry.domain import MODEL_CALLS, ObservationPoint, SpanKind
from telemetry.pricing.pricer import may_cost, names_usage
from telemetry.pricing.unions import Unions

Row = Mapping[str, Any]
Key = tuple[bytes, bytes, int]
"""Trace id, span id, day: one span."""

STRONG_ID_CHARACTERS: Final = 20
"""A shorter response id proves nothing: one known server numbers its answers from 0 to 998."""
MOST_BEARERS: Final = 16
"""An id that more spans than this bear is no id of an answer."""
SAME_ANSWER_NS: Final = 3600 * 10**9
"""So far apart may two reports of one answer begin."""
_MOST_STEPS: Final = 64
"""So far up a trace is looked: who nests deeper than this means to cost us time."""

_CALLS: Final = frozenset(kind.value for kind in MODEL_CALLS)
_TRANSPARENT: Final = frozenset({SpanKind.HTTP.value, SpanKind.OTHER.value})
_POINTS: Final = {
    ObservationPoint.CLIENT.value: 4,
    ObservationPoint.GATEWAY.value: 3,
    ObservationPoint.SERVER.value: 2,
    ObservationPoint.INTERNAL.value: 1,
    ObservationPoint.UNKNOWN.value: 0,
}
_KNOWN_COST: Final = frozenset({CostStatus.PRICED.value, CostStatus.CACHED.value})

Rank = tuple[bool, bool, bool, bool, int, int]


@dataclass(slots=True, eq=False)
class Witness:
    """One span that speaks of a call."""

    key: Key
    row: Row
    is_call: bool  # else an agent or a wrapper that repeats the usage of what it called
    tokens: int
    rank: Rank
    parent: Witness | None = None
    depth: int = 0

    @property
    def metered(self) -> bool:
        return self.rank[0]

    @property
    def order(self) -> tuple[Rank, int, Key]:
        """The greatest owns: the better rank, then the inner one, then whatever is the same every time."""
        return (self.rank, self.depth, self.key)


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a witness owns, and who does instead; None where it owns or where several calls are counted for it."""

    owns: bool
    owner: Key | None = None


def key_of(row: Row) -> Key:
    """What a span is known by here."""
    return row["trace_id"], row["span_id"], row["day"]


def owns_by_default(row: Row) -> bool:
    """What nearly every span is without a verdict: a model call owns itself, anything else owns nothing."""
    return row["kind"] in _CALLS and not row["usage_is_aggregate"]


def strong_id(row: Row) -> str | None:
    """The id of the provider's answer, where it proves something."""
    said: str | None = row["response_id"]
    weak = said is None or len(said) < STRONG_ID_CHARACTERS or said.startswith("hash:")
    return None if weak or not owns_by_default(row) else said


def tokens_of(row: Row) -> int:
    """All tokens that the span names."""
    return (row["input_tokens"] or 0) + (row["output_tokens"] or 0)


def needs_judging(rows: Collection[Row]) -> bool:
    """Whether any span of a trace, complete in itself, may not be what it is by default. Cheap; errs towards yes."""
    calls = nested = 0
    for row in rows:
        if row["usage_is_aggregate"]:
            if may_cost(row):
                return True
        elif row["kind"] in _CALLS:
            calls += 1
            nested += row["parent_span_id"] is not None
    return calls > 1 and nested > 0


def judge(rows: Iterable[Row]) -> dict[Key, Verdict]:
    """A verdict for every witness among these spans, which must be all spans of their traces."""
    found = list(rows)
    witnesses = _witnesses(found)
    _find_parents(witnesses, found)
    same = Unions(sorted(witnesses))
    _unite_answers(witnesses, same)
    _unite_nested(witnesses, same)
    return _Calls(witnesses, same).verdicts()


def _witnesses(rows: Sequence[Row]) -> dict[Key, Witness]:
    return {key_of(row): _witness(row) for row in rows if may_cost(row)}


def _witness(row: Row) -> Witness:
    tokens = tokens_of(row)
    is_call = owns_by_default(row)
    status = row["cost_status"]
    rank = (
        names_usage(row),
        is_call,
        status
        == CostStatus.CACHED.value,  # who says that no model was asked knows better than who did not see it
        status in _KNOWN_COST,
        _POINTS.get(row["observation_point"], 0),
        tokens,
    )
    return Witness(key_of(row), row, is_call, tokens, rank)


# ---- which witness stands under which


def _find_parents(witnesses: Mapping[Key, Witness], rows: Sequence[Row]) -> None:
    spans: dict[tuple[bytes, bytes], Row] = {}
    for row in sorted(rows, key=key_of):
        spans.setdefault((row["trace_id"], row["span_id"]), row)
    for witness in witnesses.values():
        witness.parent = _parent(witness, spans, witnesses)
    for witness in witnesses.values():
        witness.depth = _depth(witness)


def _parent(
    witness: Witness, spans: Mapping[tuple[bytes, bytes], Row], witnesses: Mapping[Key, Witness]
) -> Witness | None:
    """The nearest call above with nothing but HTTP between, else the nearest agent that repeats usage."""
    trace_id = witness.key[0]
    row, apart = witness.row, False
    for _ in range(_MOST_STEPS):
        above = spans.get((trace_id, row["parent_span_id"]))
        if above is None or above is witness.row:
            return None
        found = witnesses.get(key_of(above))
        if found is not None and not (found.is_call and apart):
            return found
        apart = apart or above["kind"] not in _TRANSPARENT
        row = above
    return None


def _depth(witness: Witness) -> int:
    depth, above = 0, witness.parent
    while above is not None and above is not witness and depth < _MOST_STEPS:
        depth += 1
        above = above.parent
    return depth


# ---- which witnesses speak of the same call


def _unite_answers(witnesses: Mapping[Key, Witness], same: Unions[Key]) -> None:
    """Those that name the same answer at about the same time."""
    bearers: dict[str, list[Witness]] = {}
    for witness in witnesses.values():
        answer = strong_id(witness.row)
        if answer is not None:
            bearers.setdefault(answer, []).append(witness)
    for found in bearers.values():
        if 1 < len(found) <= MOST_BEARERS:
            found.sort(key=lambda one: (one.row["start_ns"], one.key))
            for one, other in pairwise(found):
                if other.row["start_ns"] - one.row["start_ns"] <= SAME_ANSWER_NS:
                    same.unite(one.key, other.key)


def _unite_nested(witnesses: Mapping[Key, Witness], same: Unions[Key]) -> None:
    """A call under a call is the same call.

    Where several under it name usage they are calls of their own: it is a wrapper, or they are attempts that each were
    paid for.
    """
    below: dict[Key, list[Witness]] = {}
    for witness in witnesses.values():
        if witness.parent is not None and witness.parent.is_call:
            below.setdefault(witness.parent.key, []).append(witness)
    deepest_first = sorted(below, key=lambda key: (-witnesses[key].depth, key))
    changed = True
    while changed:
        metered = {same.find(key) for key, witness in witnesses.items() if witness.metered}
        changed = False
        for key in deepest_first:
            calls = {same.find(child.key) for child in below[key]} - {same.find(key)}
            if calls and len(calls & metered) <= 1:
                for call in sorted(calls):
                    same.unite(key, call)
                changed = True
                metered = {same.find(one) for one in metered}


class _Calls:
    """The calls that are left, some of them wrapped around others."""

    def __init__(self, witnesses: Mapping[Key, Witness], same: Unions[Key]) -> None:
        self._witnesses = witnesses
        self._same = same
        self._best: dict[Key, Witness] = {}
        self._under: dict[Key, set[Key]] = {}
        for key in sorted(witnesses):
            call, witness = same.find(key), witnesses[key]
            best = self._best.get(call)
            if best is None or witness.order > best.order:
                self._best[call] = witness
            if witness.parent is not None and same.find(witness.parent.key) != call:
                self._under.setdefault(same.find(witness.parent.key), set()).add(call)

    def verdicts(self) -> dict[Key, Verdict]:
        spoken_for = self._spoken_for() if self._under else {}
        return {key: self._verdict(witness, spoken_for) for key, witness in self._witnesses.items()}

    def _verdict(self, witness: Witness, spoken_for: Mapping[Key, Key | None]) -> Verdict:
        call = self._same.find(witness.key)
        if call in spoken_for:
            instead = spoken_for[call]
            for _ in spoken_for:  # whoever speaks for it may be spoken for in turn
                if instead is None or instead not in spoken_for:
                    break
                instead = spoken_for[instead]
            return Verdict(owns=False, owner=None if instead is None else self._best[instead].key)
        best = self._best[call]
        return Verdict(owns=True) if best is witness else Verdict(owns=False, owner=best.key)

    def _spoken_for(self) -> dict[Key, Key | None]:
        """Calls that are not counted, and which call is instead (None: several)."""
        found: dict[Key, Key | None] = {}
        totals: dict[Key, int] = {}
        for call in self._inner_first():
            best = self._best[call]
            under = [one for one in sorted(self._under.get(call, ())) if one in totals]
            total = sum(totals[one] for one in under)
            if under and self._inner_count(best, under, total):
                found[call] = under[0] if len(under) == 1 else None
                totals[call] = total
            else:
                for one in under:
                    self._silence(one, call, found)
                totals[call] = best.tokens
        return found

    def _inner_count(self, outer: Witness, under: Sequence[Key], total: int) -> bool:
        """What is under a wrapper counts, unless the wrapper names more; under an agent any call that names usage does."""
        best = [self._best[one] for one in under]
        told = not outer.is_call and any(one.is_call and one.metered for one in best)
        return told or total >= outer.tokens

    def _silence(self, call: Key, by: Key, found: dict[Key, Key | None]) -> None:
        waiting, seen = [call], {by}
        while waiting:
            one = waiting.pop()
            if one not in seen:
                seen.add(one)
                found[one] = by
                waiting.extend(self._under.get(one, ()))

    def _inner_first(self) -> list[Key]:
        """All calls, what is under a call before the call itself. A circle, which only a liar sends, is cut somewhere."""
        ordered: list[Key] = []
        state: dict[Key, bool] = {}
        for root in sorted(self._best):
            waiting = [root]
            while waiting:
                call = waiting[-1]
                if call not in state:
                    state[call] = False
                    waiting.extend(one for one in sorted(self._under.get(call, ())) if one not in state)
                    continue
                waiting.pop()
                if not state[call]:
                    state[call] = True
                    ordered.append(call)
        return ordered
