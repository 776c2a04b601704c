from __future__ import annotations

from dataclasses import replace

import pytest

from kernel import clock
from telemetry.domain import SpanKind, SpanStatus
from telemetry.queries.bounds import SenderWindow, TimeRange
from telemetry.queries.traces import (
    Between,
    TraceFilter,
    TraceSort,
    TraceStatus,
    count_traces,
    find_trace,
    list_traces,
    sender_ids_of,
    trace_extent,
    traces_beginning_with,
)
from tests.telemetry.seeding import SECOND

DAY = TimeRange.last(clock.NANOSECONDS_PER_DAY)
EVERYTHING = TraceFilter(time=DAY)


def window(sender, from_ns=None, until_ns=None):
    return SenderWindow(sender.sender_id(), from_ns, until_ns)


@pytest.fixture
def five(seed):
    """Five traces of two senders, a second apart, each longer and larger than the one before."""
    shop, clinic = seed.sender("shop"), seed.sender("clinic")
    ids = []
    for number in range(5):
        sender = clinic if number % 2 else shop
        trace = seed.trace(
            sender,
            model=f"model-{number % 2}",
            name=f"answer_{number}",
            start_ns=seed.start_ns + number * SECOND,
            duration_ns=(number + 1) * SECOND,
            tokens=(100 * number, 1),
            status=SpanStatus.ERROR if number == 3 else SpanStatus.OK,
            session_id=f"session-{number // 2}",
        )
        ids.append(seed.write(sender, trace))
    return ids


def found(record, five, wanted=EVERYTHING, **how):
    return [five.index(row.trace_id) for row in list_traces(record, wanted, **how).rows]


def test_the_latest_trace_comes_first(record, five):
    assert found(record, five) == [4, 3, 2, 1, 0]


def test_a_row_says_what_the_trace_was(record, five, seed):
    row = list_traces(record, EVERYTHING).rows[1]

    assert (row.root_name, row.root_kind, row.span_count, row.model_call_count) == ("answer_3", "agent", 2, 1)
    assert (row.duration_ns, row.error_count, row.input_tokens, row.output_tokens) == (4 * SECOND, 1, 300, 1)
    assert {(facet.sender_id, facet.model) for facet in row.facets} == {
        (seed.sender("clinic").sender_id(), None),
        (seed.sender("clinic").sender_id(), "model-1"),
    }
    assert not row.partial


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"models": ("model-1",)}, [3, 1]),
        ({"models": ("model-0", "model-1")}, [4, 3, 2, 1, 0]),
        ({"models": ("nobody",)}, []),
        ({"status": TraceStatus.ERROR}, [3]),
        ({"status": TraceStatus.OK}, [4, 2, 1, 0]),
        ({"tokens": Between(201, None)}, [4, 3, 2]),
        ({"tokens": Between(None, 101)}, [1, 0]),
        ({"tokens": Between(100, 300)}, [2, 1]),
        ({"duration_ns": Between(3 * SECOND, 4 * SECOND)}, [3, 2]),
        ({"text": "ANSWER_2"}, [2]),
        ({"text": "%"}, []),
        ({"text": "answer_"}, [4, 3, 2, 1, 0]),
        ({"session_id": "session-1"}, [3, 2]),
        ({"kind": SpanKind.AGENT}, [4, 3, 2, 1, 0]),
        ({"kind": SpanKind.TOOL}, []),
        ({"senders": ()}, []),
    ],
)
def test_filters_keep_what_was_asked_for(record, five, changes, expected):
    wanted = replace(EVERYTHING, **changes)

    assert found(record, five, wanted) == expected
    assert count_traces(record, wanted).number == len(expected)


def test_a_sender_that_was_something_else_before_explains_only_its_time(record, five, seed):
    shop = seed.sender("shop")
    since = replace(EVERYTHING, senders=(window(shop, seed.start_ns + SECOND, None),))
    until = replace(EVERYTHING, senders=(window(shop, None, seed.start_ns + SECOND),))

    assert found(record, five, since) == [4, 2]
    assert found(record, five, until) == [0]


@pytest.mark.parametrize("sort", TraceSort)
@pytest.mark.parametrize("descending", [True, False])
def test_pages_follow_each_other_without_gap_or_repeat_in_both_directions(record, five, sort, descending):
    order = found(record, five, sort=sort, descending=descending)
    pages, cursor = [], None
    while True:
        page = list_traces(record, EVERYTHING, sort=sort, descending=descending, cursor=cursor, limit=2)
        pages.append([five.index(row.trace_id) for row in page.rows])
        if page.next is None:
            break
        cursor = page.next
    before = list_traces(
        record, EVERYTHING, sort=sort, descending=descending, cursor=page.previous, backwards=True, limit=2
    )

    assert [number for page in pages for number in page] == order
    assert [five.index(row.trace_id) for row in before.rows] == pages[-2]
    assert before.next is not None
    assert before.previous is not None


def test_the_first_page_has_nothing_before_it(record, five):
    first = list_traces(record, EVERYTHING, limit=2)
    again = list_traces(
        record,
        EVERYTHING,
        limit=2,
        cursor=list_traces(record, EVERYTHING, limit=2, cursor=first.next).previous,
        backwards=True,
    )

    assert first.previous is None
    assert again.previous is None
    assert again.rows == first.rows


def test_counting_stops_where_it_no_longer_matters(record, five):
    some = count_traces(record, EVERYTHING, limit=3)

    assert (some.number, some.exact) == (3, False)
    assert count_traces(record, EVERYTHING, limit=5).exact


def test_a_list_takes_at_most_five_queries(record, five, statements, seed):
    visible = (window(seed.sender("shop")),)

    list_traces(record, replace(EVERYTHING, visible=visible, models=("model-0",)))

    assert len(statements) <= 5


def test_traces_outside_the_time_are_not_looked_at(record, five, seed):
    early = TraceFilter(time=TimeRange(seed.start_ns, seed.start_ns + 2 * SECOND))

    assert found(record, five, early) == [1, 0]


# ---- what a reader of some units sees


@pytest.fixture
def shared(seed):
    """A trace that begins in the shop and calls the clinic."""
    shop, clinic = seed.sender("shop"), seed.sender("clinic")
    trace_id, root = seed.id(16), seed.id(8)
    first = seed.span(
        shop, trace_id=trace_id, span_id=root, name="ask", kind=SpanKind.AGENT, duration_ns=9 * SECOND
    )
    second = seed.span(
        clinic, trace_id=trace_id, parent=root, name="chat", kind=SpanKind.LLM, model="m", tokens=(7, 8)
    )
    seed.write(shop, [first])
    seed.write(clinic, [second])
    return trace_id


def test_a_trace_of_other_units_alone_does_not_exist(record, five, seed):
    wanted = replace(EVERYTHING, visible=(window(seed.sender("clinic")),))

    assert found(record, five, wanted) == [3, 1]
    assert count_traces(record, wanted).number == 2
    assert find_trace(record, five[0], visible=wanted.visible) is None


def test_a_shared_trace_tells_only_of_the_own_steps(record, shared, seed):
    visible = (window(seed.sender("clinic")),)
    row = find_trace(record, shared, visible=visible)

    assert row.partial
    assert (row.span_count, row.root_name, row.duration_ns, row.input_tokens, row.error_count) == (
        1,
        None,
        None,
        None,
        None,
    )
    assert [facet.sender_id for facet in row.facets] == [seed.sender("clinic").sender_id()]


def test_the_unit_in_which_a_shared_trace_begins_sees_its_name(record, shared, seed):
    row = find_trace(record, shared, visible=(window(seed.sender("shop")),))

    assert (row.root_name, row.duration_ns, row.input_tokens) == ("ask", 9 * SECOND, None)


def test_the_unit_in_which_a_shared_trace_begins_learns_nothing_that_only_another_unit_said(record, seed):
    shop, clinic = seed.sender("shop"), seed.sender("clinic")
    trace_id, root = seed.id(16), seed.id(8)
    theirs = seed.span(clinic, trace_id=trace_id, parent=root, duration_ns=90 * SECOND, session_id="clinic-7")
    seed.write(clinic, [theirs])
    seed.write(shop, [seed.span(shop, trace_id=trace_id, span_id=root, name="ask", duration_ns=9 * SECOND)])

    row = find_trace(record, trace_id, visible=(window(shop),))

    assert (row.root_name, row.session_id, row.duration_ns) == ("ask", None, 9 * SECOND)


@pytest.mark.parametrize(
    "how",
    [
        {"wanted": {"tokens": Between(1, None)}},
        {"wanted": {"text": "ask"}},
        {"wanted": {"duration_ns": Between(1, None)}},
        {"sort": TraceSort.TOKENS},
        {"sort": TraceSort.DURATION},
    ],
)
def test_what_is_hidden_cannot_be_found_by_asking_for_it(record, shared, seed, how):
    wanted = replace(EVERYTHING, visible=(window(seed.sender("clinic")),), **how.get("wanted", {}))

    assert list_traces(record, wanted, sort=how.get("sort", TraceSort.START)).rows == ()


def test_nothing_visible_means_nothing_found(record, five):
    assert found(record, five, replace(EVERYTHING, visible=())) == []


# ---- single traces


def test_a_trace_is_found_by_the_beginning_of_its_id(record, five):
    hits = traces_beginning_with(record, five[2][:3])

    assert [row.trace_id for row in hits] == [five[2]]


def test_a_trace_knows_its_extent_and_its_senders(record, five, seed):
    extent = trace_extent(record, five[1])

    assert (extent.start_ns, extent.end_ns) == (seed.start_ns + SECOND, seed.start_ns + 3 * SECOND + 1)
    assert sender_ids_of(record, five[1]) == [seed.sender("clinic").sender_id()]
    assert trace_extent(record, bytes(16)) is None
