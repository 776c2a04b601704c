from __future__ import annotations

import time

from hypothesis import given
from hypothesis import strategies as st

from telemetry.queries.spans import SpanBrief
from telemetry.queries.tree import FOLD_ABOVE, Line, LineKind, build_tree


def brief(number, parent=None, *, name="step", kind="chain", start=None, status=1, tokens=None):
    return SpanBrief(
        number.to_bytes(8, "big"), 0, parent.to_bytes(8, "big") if parent is not None else None, b"s" * 16,
        number if start is None else start, 10, name, kind, status, None, tokens, None, False, "hashed", False,
    )  # fmt: skip


def outline(lines: tuple[Line, ...]) -> list[tuple[int, str, str]]:
    return [(line.depth, line.kind.value, line.name) for line in lines]


def test_children_stand_under_their_parents_in_the_order_of_their_start():
    spans = [brief(1, name="a"), brief(2, 1, name="b"), brief(3, 2, name="c"), brief(4, 1, name="d")]

    assert outline(build_tree(spans).lines) == [
        (0, "span", "a"),
        (1, "span", "b"),
        (2, "span", "c"),
        (1, "span", "d"),
    ]


def test_steps_whose_parent_never_came_hang_under_a_line_that_says_so():
    tree = build_tree([brief(1, name="a"), brief(2, 99, name="b")])

    assert outline(tree.lines) == [(0, "span", "a"), (0, "missing", ""), (1, "span", "b")]


def test_steps_under_another_units_step_say_that_and_not_that_it_is_missing():
    tree = build_tree([brief(2, 99, name="b")], hidden_ids=frozenset({(99).to_bytes(8, "big")}))

    assert outline(tree.lines) == [(0, "hidden", ""), (1, "span", "b")]


def test_a_circle_of_parents_is_cut_and_shown_once():
    tree = build_tree([brief(1, 2, name="a"), brief(2, 1, name="b"), brief(3, 3, name="self")])

    assert outline(tree.lines) == [(0, "loop", ""), (1, "span", "a"), (2, "span", "b"), (1, "span", "self")]


def test_many_alike_siblings_fold_into_one_line_that_sums_them():
    spans = [brief(0, name="root")] + [
        brief(n, 0, name="embed", kind="embedding", tokens=5) for n in range(1, 101)
    ]

    root, fold = build_tree(spans).lines

    assert (fold.kind, fold.count, fold.input_tokens, fold.opened) == (LineKind.FOLD, 100, 500, False)
    assert fold.duration_ns == 109
    assert root.children == 100


def test_few_alike_siblings_stay_lines_of_their_own():
    spans = [brief(0)] + [brief(n, 0, name="embed") for n in range(1, FOLD_ABOVE + 1)]

    assert len(build_tree(spans).lines) == FOLD_ABOVE + 1


def test_an_opened_fold_shows_its_members():
    spans = [brief(0)] + [brief(n, 0, name="embed") for n in range(1, 11)]
    key = build_tree(spans).lines[1].key

    assert len(build_tree(spans, opened=[key]).lines) == 12


def test_the_chosen_step_is_always_in_sight():
    spans = [brief(0)] + [brief(n, 0, name="embed") for n in range(1, 5001)]
    chosen = (4321).to_bytes(8, "big").hex()

    tree = build_tree(spans, chosen=chosen)

    assert any(line.key == chosen for line in tree.lines)
    assert len(tree.lines) == 200
    assert tree.total == 5002
    assert tree.before + len(tree.lines) + tree.behind == tree.total


def test_ten_thousand_steps_one_under_another_neither_recurse_nor_dawdle():
    spans = [brief(n, n - 1 if n else None) for n in range(10_000)]
    began = time.perf_counter()

    tree = build_tree(spans)

    assert (tree.total, tree.lines[-1].depth) == (10_000, 199)
    assert time.perf_counter() - began < 2


def test_two_steps_that_share_an_id_on_two_days_can_both_be_chosen():
    first, second = brief(1), brief(1)
    second.day = 1

    keys = [line.key for line in build_tree([first, second]).lines]

    assert len(set(keys)) == 2


@given(st.lists(st.tuples(st.integers(0, 30), st.none() | st.integers(0, 30)), max_size=60))
def test_every_step_stands_in_the_tree_exactly_once_whatever_the_parents(pairs):
    spans = [brief(number, parent, name=f"n{at}") for at, (number, parent) in enumerate(pairs)]

    tree = build_tree(spans, window=1000)

    assert sorted(line.name for line in tree.lines if line.kind is LineKind.SPAN) == sorted(
        span.name for span in spans
    )
