"""The tree of a trace, folded and cut to a window. Pure, and iterative: a chain may be ten thousand deep.

1. Each span hangs under its parent. A parent that was not received, or that the reader may not see, is replaced by a
   branch that says so; spans that only point at each other get one as well.
2. Siblings of one name and kind fold into one line when there are more than `FOLD_ABOVE` of them, unless opened.
3. The lines that remain are numbered, and a window of them is handed out.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from telemetry.queries.spans import SpanBrief

FOLD_ABOVE = 5
WINDOW = 200
MAX_DEPTH_SHOWN = 16


class LineKind(StrEnum):
    SPAN = "span"
    FOLD = "fold"  # many siblings of one name and kind
    MISSING = "missing"  # the parent was not received (yet)
    HIDDEN = "hidden"  # the parent belongs to a unit that the reader may not see
    LOOP = "loop"  # spans that name each other as parent


BRANCHES = (LineKind.MISSING, LineKind.HIDDEN, LineKind.LOOP)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the tree. A fold and a branch stand for `count` spans and have the key that opens them.

    `members` are the spans that a fold stands for.
    """

    kind: LineKind
    depth: int
    key: str
    name: str = ""
    span: SpanBrief | None = None
    span_kind: str = ""
    count: int = 1
    children: int = 0
    opened: bool = False
    start_ns: int = 0
    duration_ns: int = 0
    error_count: int = 0
    input_tokens: int | None = None
    output_tokens: int | None = None
    members: tuple[SpanBrief, ...] = ()


@dataclass(frozen=True, slots=True)
class Tree:
    """A window of a trace's lines. `position` is that of the chosen span among all lines, None when not found."""

    lines: tuple[Line, ...]
    first: int
    total: int
    span_count: int
    start_ns: int
    end_ns: int
    position: int | None = None

    @property
    def spans(self) -> list[SpanBrief]:
        """The spans on the lines of the window, then those that its folds hide."""
        shown = [line.span for line in self.lines if line.span is not None]
        return [*shown, *(span for line in self.lines if not line.opened for span in line.members)]

    @property
    def before(self) -> int:
        """Lines before the window."""
        return self.first

    @property
    def behind(self) -> int:
        """Lines behind the window."""
        return self.total - self.first - len(self.lines)


def span_key(span: SpanBrief, *, doubled: bool) -> str:
    """How a span is named in an address: its id, with the day where two spans of a trace share it."""
    return f"{span.span_id.hex()}-{span.day}" if doubled else span.span_id.hex()


def build_tree(
    spans: Sequence[SpanBrief],
    *,
    hidden_ids: frozenset[bytes] = frozenset(),
    opened: Iterable[str] = (),
    chosen: str | None = None,
    first: int | None = None,
    window: int = WINDOW,
) -> Tree:
    """The lines to show: those from `first` on, or those around the chosen span where `first` is None."""
    forest = _Forest(spans, hidden_ids)
    lines, position = _Unfolding(forest, frozenset(opened), chosen).lines()
    start = _window_start(position, first, len(lines), window)
    return Tree(
        lines=tuple(lines[start : start + window]),
        first=start,
        total=len(lines),
        span_count=len(spans),
        start_ns=min((span.start_ns for span in spans), default=0),
        end_ns=max((span.start_ns + span.duration_ns for span in spans), default=0),
        position=position,
    )


def _window_start(position: int | None, first: int | None, total: int, window: int) -> int:
    if first is None:
        first = 0 if position is None or position < window else position - window // 2
    return max(0, min(first, total - 1))


class _Forest:
    """Who hangs under whom, by index into `spans`. Every span is reached exactly once."""

    def __init__(self, spans: Sequence[SpanBrief], hidden_ids: frozenset[bytes]) -> None:
        self.spans = spans
        seen = Counter(span.span_id for span in spans)
        self.keys = [span_key(span, doubled=seen[span.span_id] > 1) for span in spans]
        self.children: dict[int, list[int]] = defaultdict(list)
        self.roots: list[int] = []
        self.branches: dict[LineKind, list[int]] = {kind: [] for kind in BRANCHES}
        self._hang(hidden_ids)
        self._break_loops()

    def _hang(self, hidden_ids: frozenset[bytes]) -> None:
        place = {span.span_id: index for index, span in reversed(list(enumerate(self.spans)))}
        for index, span in enumerate(self.spans):
            parent = span.parent_span_id
            if parent is None:
                self.roots.append(index)
            elif parent in place:
                self.children[place[parent]].append(index)
            else:
                self.branches[LineKind.HIDDEN if parent in hidden_ids else LineKind.MISSING].append(index)

    def _break_loops(self) -> None:
        """What no root reaches hangs in a loop: it is cut at its earliest span."""
        reached: set[int] = set()
        for start in (*self.roots, *self.branches[LineKind.MISSING], *self.branches[LineKind.HIDDEN]):
            self._reach(start, reached)
        for index in range(len(self.spans)):
            if index not in reached:
                self.branches[LineKind.LOOP].append(index)
                self._reach(index, reached)

    def _reach(self, start: int, reached: set[int]) -> None:
        stack = [start]
        reached.add(start)
        while stack:
            index = stack.pop()
            kept = [child for child in self.children.get(index, ()) if child not in reached]
            if index in self.children:
                self.children[index] = kept
            reached.update(kept)
            stack.extend(kept)


@dataclass(slots=True)
class _Group:
    """Siblings of one name and kind."""

    members: list[int]


class _Unfolding:
    """Walks a forest in reading order and writes its lines."""

    def __init__(self, forest: _Forest, opened: frozenset[str], chosen: str | None) -> None:
        self.forest = forest
        self.opened = opened
        self.chosen = chosen
        self.way = self._way_to_chosen()

    def _way_to_chosen(self) -> frozenset[int]:
        """The chosen span and all above it: no fold may hide them."""
        if self.chosen not in self.forest.keys:
            return frozenset()
        above = {child: parent for parent, children in self.forest.children.items() for child in children}
        index: int | None = self.forest.keys.index(self.chosen)
        way: set[int] = set()
        while index is not None and index not in way:
            way.add(index)
            index = above.get(index)
        return frozenset(way)

    def lines(self) -> tuple[list[Line], int | None]:
        lines: list[Line] = []
        position: int | None = None
        stack: list[tuple[Line, list[int], str] | tuple[int, int]] = []
        self._push_forest(stack)
        while stack:
            entry = stack.pop()
            if len(entry) == 3:
                line, members, _ = entry
                lines.append(line)
                if line.opened:
                    stack.extend((index, line.depth + 1) for index in reversed(members))
                continue
            index, depth = entry
            if self.chosen is not None and self.forest.keys[index] == self.chosen:
                position = len(lines)
            children = self.forest.children.get(index, [])
            lines.append(self._span_line(index, depth, len(children)))
            self._push(stack, children, depth + 1, self.forest.keys[index])
        return lines, position

    def _push_forest(self, stack: list[tuple[Line, list[int], str] | tuple[int, int]]) -> None:
        for kind in reversed(BRANCHES):
            members = self.forest.branches[kind]
            if members:
                self._push(stack, members, 1, kind.value)
                stack.append((self._branch(kind, members), [], kind.value))
        self._push(stack, self.forest.roots, 0, "root")

    def _push(
        self,
        stack: list[tuple[Line, list[int], str] | tuple[int, int]],
        siblings: list[int],
        depth: int,
        under: str,
    ) -> None:
        """Put siblings on the stack, last first; the folds among them as one entry each."""
        groups = self._folds(siblings)
        done: set[tuple[str, str]] = set()
        entries: list[tuple[Line, list[int], str] | tuple[int, int]] = []
        for index in siblings:
            span = self.forest.spans[index]
            same = (span.name, span.kind)
            group = groups.get(same)
            if group is None:
                entries.append((index, depth))
            elif same not in done:
                done.add(same)
                entries.append((self._fold(group, depth, under), group.members, under))
        stack.extend(reversed(entries))

    def _folds(self, siblings: list[int]) -> dict[tuple[str, str], _Group]:
        if len(siblings) <= FOLD_ABOVE:
            return {}
        groups: dict[tuple[str, str], _Group] = {}
        for index in siblings:
            span = self.forest.spans[index]
            groups.setdefault((span.name, span.kind), _Group([])).members.append(index)
        return {same: group for same, group in groups.items() if len(group.members) > FOLD_ABOVE}

    def _fold(self, group: _Group, depth: int, under: str) -> Line:
        first = self.forest.spans[group.members[0]]
        key = fold_key(under, first.name, first.kind)
        opened = key in self.opened or not self.way.isdisjoint(group.members)
        return self._sum(
            LineKind.FOLD,
            group.members,
            depth=depth,
            key=key,
            name=first.name,
            kind=first.kind,
            opened=opened,
        )

    def _branch(self, kind: LineKind, members: list[int]) -> Line:
        return self._sum(kind, members, depth=0, key=kind.value, name="", kind="", opened=False)

    def _sum(
        self, line: LineKind, members: list[int], *, depth: int, key: str, name: str, kind: str, opened: bool
    ) -> Line:
        spans = [self.forest.spans[index] for index in members]
        start = min(span.start_ns for span in spans)
        return Line(
            line,
            depth,
            key,
            name=name,
            span_kind=kind,
            count=len(members),
            opened=opened,
            start_ns=start,
            duration_ns=max(span.start_ns + span.duration_ns for span in spans) - start,
            error_count=sum(span.status == 2 for span in spans),
            input_tokens=_sum_known(span.input_tokens for span in spans),
            output_tokens=_sum_known(span.output_tokens for span in spans),
            members=tuple(spans) if line is LineKind.FOLD else (),
        )

    def _span_line(self, index: int, depth: int, children: int) -> Line:
        span = self.forest.spans[index]
        return Line(
            LineKind.SPAN,
            depth,
            self.forest.keys[index],
            name=span.name,
            span=span,
            span_kind=span.kind,
            children=children,
            start_ns=span.start_ns,
            duration_ns=span.duration_ns,
            error_count=int(span.status == 2),
            input_tokens=span.input_tokens,
            output_tokens=span.output_tokens,
        )


def fold_key(under: str, name: str, kind: str) -> str:
    """The key of a fold: short, the same for the same siblings, and nothing that a name can break out of."""
    return hashlib.sha256(f"{under}\0{kind}\0{name}".encode("utf-8", "replace")).hexdigest()[:12]


def _sum_known(values: Iterable[int | None]) -> int | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None
