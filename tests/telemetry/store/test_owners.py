"""One owner a call: whatever the order, the split and the repetition of deliveries, the sums are those of one clean delivery."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kernel import clock
from kernel.contracts.ingest import CaptureMode, RetentionClass, SenderIdentity
from telemetry import schema
from telemetry.content import capture
from telemetry.domain import (
    DecodedScope,
    DecodedSpan,
    NormalisedSpan,
    ObservationPoint,
    RecordedSpan,
    ResolvedSender,
    Signal,
    SpanKind,
    SpanStatus,
    Usage,
)
from telemetry.pricing import owners
from telemetry.store import Batch, SenderTouch, Store, open_store, sums
from tests.telemetry.making import DerivedKeys
from tests.telemetry.receiver.conftest import rows

pytestmark = pytest.mark.database

NOW = clock.now_ns()
START = NOW - 3600 * 10**9
KEY = bytes(range(16))
KEYS = DerivedKeys()
ANSWER = "chatcmpl-0123456789abcdef0123"
OTHER_ANSWER = "chatcmpl-fedcba9876543210fedc"
CLIENT, GATEWAY, SERVER = ObservationPoint.CLIENT, ObservationPoint.GATEWAY, ObservationPoint.SERVER


@dataclass(frozen=True)
class Said:
    """A span in a few words."""

    name: str
    parent: str | None = None
    trace: int = 1
    kind: SpanKind = SpanKind.LLM
    point: ObservationPoint = CLIENT
    tokens: tuple[int | None, int | None] = (100, 20)
    answer: str | None = None
    cost: int | None = 7
    status: str = "priced"
    aggregate: bool = False
    start_ns: int = START
    sender: str = "app"


def span_id(name: str) -> bytes:
    return name.encode().ljust(8, b"\0")[:8]


def trace_id(number: int) -> bytes:
    return number.to_bytes(16, "big")


def a_sender(name: str) -> SenderIdentity:
    return SenderIdentity(KEY, "", name, "production", "", "")


def recorded(said: Said) -> RecordedSpan:
    decoded = DecodedSpan(
        trace_id=trace_id(said.trace), span_id=span_id(said.name),
        parent_span_id=None if said.parent is None else span_id(said.parent), name=said.name, otel_kind=3,
        start_ns=said.start_ns, end_ns=said.start_ns + 10**9, status=SpanStatus.OK, status_message="", attributes={},
        events=[], resource={}, scope=DecodedScope("tests", "1"),
    )  # fmt: skip
    normalised = NormalisedSpan(
        span=decoded, kind=said.kind, dialect="gen_ai", observation_point=said.point, request_model="gpt-4o",
        provider="openai", response_id=said.answer, usage=Usage(*said.tokens), usage_is_aggregate=said.aggregate,
        environment="production", mapping_version=1,
    )  # fmt: skip
    sender = a_sender(said.sender)
    resolved = ResolvedSender(sender, sender.sender_id(), CaptureMode.NONE, RetentionClass.STANDARD)
    made = capture(normalised, sender=resolved, keys=KEYS, received_ns=NOW)
    if owners.may_cost(made.columns):
        known = said.status in ("priced", "cached")
        made.columns |= {
            "cost_nano_usd": said.cost if known else None,
            "cost_status": said.status,
            "cost_basis": "list" if said.status == "priced" else None,
        }
    return made


def deliver(store: Store, *requests: Iterable[Said]) -> None:
    """Each request in a transaction of its own."""
    for request in requests:
        store.write([batch(list(request))])


def batch(said: Sequence[Said]) -> Batch:
    touches = {a_sender(one.sender).sender_id(): SenderTouch(a_sender(one.sender)) for one in said}
    return Batch(
        key_id=KEY, signal=Signal.TRACES, received_ns=NOW, received=len(said),
        spans=[recorded(one) for one in said], senders=touches,
    )  # fmt: skip


def totals(store: Store) -> dict[str, Any]:
    """All that is added up, rows that came to nothing left out."""
    found: dict[str, Any] = {
        "traces": {
            row["trace_id"]: [row[name] for name in (*sums.CallTotals._fields, "span_count")]
            for row in rows(store, schema.traces)
        }
    }
    for table, key, names in (
        (schema.rollup_hours, sums.ROLLUP_KEY, sums.ROLLUP_SUMS),
        (schema.cost_hours, sums.COST_KEY, sums.COST_SUMS),
    ):
        found[table.name] = {
            tuple(row[name] for name in key): [row[name] for name in names]
            for row in rows(store, table)
            if any(row[name] for name in names)
        }
    found["owners"] = sorted(owning(store))
    return found


def owning(store: Store) -> set[bytes]:
    """Ids of the spans that own, as the record says."""
    states = {(row["trace_id"], row["span_id"]): row["owns"] for row in rows(store, schema.call_witnesses)}
    return {
        row["span_id"]
        for row in rows(store, schema.spans)
        if states.get((row["trace_id"], row["span_id"]), owners.owns_by_default(row))
    }


def recomputed(store: Store) -> dict[str, Any]:
    """The sums made anew from the spans and who owns."""
    stored = [dict(row) for row in rows(store, schema.spans)]
    verdicts = owners.judge(stored)

    def owns(row: Any) -> bool:
        verdict = verdicts.get(owners.key_of(row))
        return owners.owns_by_default(row) if verdict is None else verdict.owns

    traces: dict[bytes, list[Any]] = {}
    for row in stored:
        traces.setdefault(row["trace_id"], []).append(row)
    usage = sums.added_up((sums.rollup_key(row), sums.rollup_sums(row, owns=owns(row))) for row in stored)
    costs = sums.added_up((sums.cost_key(row), sums.cost_sums(row)) for row in stored if owns(row))
    width, wide = len(sums.ROLLUP_KEY), len(sums.COST_KEY)
    return {
        "traces": {one: [*sums.call_totals(filter(owns, of)), len(of)] for one, of in traces.items()},
        "rollup_hours": {row[:width]: list(row[width:]) for row in usage},
        "cost_hours": {row[:wide]: list(row[wide:]) for row in costs},
        "owners": sorted({row["span_id"] for row in stored if owns(row)}),
    }


CHAIN = (
    Said("client", sender="app"),
    Said("http", parent="client", kind=SpanKind.HTTP, tokens=(None, None)),
    Said("gateway", parent="http", point=GATEWAY, sender="gateway"),
    Said("server", parent="gateway", point=SERVER, sender="vllm"),
)

TABLE: dict[str, tuple[tuple[Said, ...], set[str]]] = {
    "a call alone": ((Said("only"),), {"only"}),
    "client, gateway and server of one trace": (CHAIN, {"client"}),
    "the client names no tokens": ((replace(CHAIN[0], tokens=(None, None)), *CHAIN[1:]), {"gateway"}),
    "only the server knows a price": (
        (*(replace(one, status="unpriced") for one in CHAIN[:3]), CHAIN[3]), {"server"},
    ),
    "the gateway answered from its cache": ((*CHAIN[:2], replace(CHAIN[2], status="cached", cost=0)), {"gateway"}),
    "two instrumentations of one process": ((Said("outer"), Said("inner", parent="outer")), {"inner"}),
    "the outer one names more": ((Said("outer", tokens=(100, 30)), Said("inner", parent="outer")), {"outer"}),
    "two calls under an agent that repeats their sum": (
        (
            Said("agent", kind=SpanKind.AGENT, aggregate=True, tokens=(200, 40)),
            Said("tool", parent="agent", kind=SpanKind.TOOL, tokens=(None, None)),
            Said("one", parent="agent"), Said("two", parent="tool"),
        ),
        {"one", "two"},
    ),
    "an agent that nobody else speaks for": (
        (Said("agent", kind=SpanKind.AGENT, aggregate=True, tokens=(200, 40)),), {"agent"},
    ),
    "an agent whose calls name no tokens": (
        (
            Said("agent", kind=SpanKind.AGENT, aggregate=True, tokens=(200, 40)),
            Said("call", parent="agent", tokens=(None, None), status="unmetered"),
        ),
        {"agent"},
    ),
    "an agent without usage": (
        (Said("agent", kind=SpanKind.AGENT, aggregate=True, tokens=(None, None)), Said("call", parent="agent")), {"call"},
    ),
    "a wrapper around two calls": (
        (Said("outer", tokens=(200, 40)), Said("one", parent="outer"), Said("two", parent="outer")), {"one", "two"},
    ),
    "a wrapper that names more than both": (
        (Said("outer", tokens=(900, 40)), Said("one", parent="outer"), Said("two", parent="outer")), {"outer"},
    ),
    "an attempt that failed and one that did not": (
        (
            Said("client", tokens=(100, 20)),
            Said("first", parent="client", point=GATEWAY, tokens=(None, None), status="unmetered"),
            Said("second", parent="client", point=GATEWAY),
        ),
        {"client"},
    ),
    "a call of a tool that a model called": (
        (Said("outer"), Said("tool", parent="outer", kind=SpanKind.TOOL, tokens=(None, None)), Said("inner", parent="tool")),
        {"outer", "inner"},
    ),
    "the same answer seen in two traces": (
        (Said("client", answer=ANSWER), Said("gateway", trace=2, point=GATEWAY, answer=ANSWER, sender="gateway")), {"client"},
    ),
    "nested, and seen in another trace": (
        (
            Said("outer", tokens=(None, None)), Said("inner", parent="outer", answer=ANSWER, tokens=(None, None)),
            Said("gateway", trace=2, point=GATEWAY, answer=ANSWER), Said("server", trace=2, parent="gateway", point=SERVER),
        ),
        {"gateway"},
    ),
    "two answers": (
        (Said("one", answer=ANSWER), Said("two", trace=2, answer=OTHER_ANSWER)), {"one", "two"},
    ),
    "an id too short to prove anything": (
        (Said("one", answer="chatcmpl-123"), Said("two", trace=2, answer="chatcmpl-123")), {"one", "two"},
    ),
    "the same id hours apart": (
        (Said("one", answer=ANSWER), Said("two", trace=2, answer=ANSWER, start_ns=START - 3 * 3600 * 10**9)), {"one", "two"},
    ),
    "parents in a circle": ((Said("a", parent="b"), Said("b", parent="a")), {"b"}),
}  # fmt: skip


@pytest.mark.parametrize("case", sorted(TABLE))
def test_who_owns(record_store: Store, case: str) -> None:
    spans, expected = TABLE[case]
    deliver(record_store, spans)
    assert owning(record_store) == {span_id(name) for name in expected}
    assert totals(record_store) == recomputed(record_store)


@pytest.mark.parametrize("case", sorted(TABLE))
def test_the_order_of_arrival_does_not_matter(record_store: Store, case: str) -> None:
    spans, expected = TABLE[case]
    deliver(record_store, *([one] for one in reversed(spans)), spans)
    assert owning(record_store) == {span_id(name) for name in expected}
    assert totals(record_store) == recomputed(record_store)


def test_the_losing_witness_says_who_is_counted(record_store: Store) -> None:
    deliver(record_store, CHAIN[2:], CHAIN[:2])
    states = {row["span_id"]: row for row in rows(record_store, schema.call_witnesses)}
    assert {one: (row["owns"], row["owner_span_id"]) for one, row in states.items()} == {
        span_id("gateway"): (False, span_id("client")),
        span_id("server"): (False, span_id("client")),
    }


def test_a_constant_that_poses_as_an_answers_id_links_nothing(record_store: Store) -> None:
    spans = [Said(f"s{number}", trace=number + 1, answer=ANSWER) for number in range(40)]
    for start in range(0, 40, 7):
        deliver(record_store, spans[start : start + 7])
    assert len(owning(record_store)) == 40
    assert totals(record_store)["cost_hours"] == recomputed(record_store)["cost_hours"]


KINDS = st.sampled_from(
    [
        SpanKind.LLM,
        SpanKind.LLM,
        SpanKind.LLM,
        SpanKind.HTTP,
        SpanKind.AGENT,
        SpanKind.TOOL,
        SpanKind.EMBEDDING,
    ]
)


@st.composite
def worlds(draw: st.DrawFn) -> list[Said]:
    """A few traces with spans of all kinds, some of which name the same answers."""
    found: list[Said] = []
    for number in range(draw(st.integers(1, 7))):
        trace = draw(st.integers(1, 2))
        above = [one.name for one in found if one.trace == trace]
        kind = draw(KINDS)
        status = draw(st.sampled_from(["priced", "priced", "unpriced", "cached"]))
        tokens = draw(st.sampled_from([(100, 20), (100, 20), (200, 40), (None, None), (0, 0)]))
        found.append(
            Said(
                f"s{number}",
                parent=draw(st.sampled_from([None, "absent", *above])),
                trace=trace,
                kind=kind,
                aggregate=kind is SpanKind.AGENT,
                point=draw(st.sampled_from([CLIENT, CLIENT, GATEWAY, SERVER])),
                tokens=tokens if kind not in (SpanKind.HTTP, SpanKind.TOOL) else (None, None),
                answer=draw(st.sampled_from([None, None, ANSWER, OTHER_ANSWER])),
                status=status,
                cost=draw(st.integers(0, 9)),
                sender=draw(st.sampled_from(["app", "gateway"])),
            )
        )
    return found


@st.composite
def deliveries(draw: st.DrawFn, world: list[Said]) -> list[list[Said]]:
    """The world in any order, split anyhow, some of it twice."""
    order = draw(st.permutations(world)) + draw(st.lists(st.sampled_from(world), max_size=3))
    requests: list[list[Said]] = [[]]
    for one in order:
        if draw(st.booleans()):
            requests.append([])
        requests[-1].append(one)
    return [request for request in requests if request]


EMPTIED = (
    schema.spans, schema.traces, schema.trace_facets, schema.rollup_hours, schema.cost_hours, schema.call_witnesses,
    schema.senders,
)  # fmt: skip


def empty(store: Store) -> None:
    with store.engine.begin() as connection:
        for table in EMPTIED:
            connection.execute(sa.delete(table))


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_any_delivery_comes_to_the_sums_of_a_clean_one(record_store: Store, data: st.DataObject) -> None:
    world = data.draw(worlds())
    empty(record_store)
    deliver(record_store, world)
    clean = totals(record_store)
    assert clean == recomputed(record_store)
    empty(record_store)
    deliver(record_store, *data.draw(deliveries(world)))
    assert totals(record_store) == clean


def test_witnesses_that_come_at_once_through_two_processes_are_one_call(record_url: str) -> None:
    """Client and gateway of the same calls, written by two stores at the same time, linked by trace or by answer."""
    stores = [open_store(record_url) for _ in range(2)]
    barrier = threading.Barrier(2)
    errors: list[BaseException] = []
    answers = [f"chatcmpl-{os.urandom(12).hex()}" for _ in range(24)]

    def write(store: Store, point: ObservationPoint, apart: int) -> None:
        try:
            for number, answer in enumerate(answers):
                linked = number % 2 == 0
                one = Said(
                    point.value[:3], trace=number + 1 + (0 if linked else apart), point=point, sender=point.value,
                    parent="cli" if linked and point is GATEWAY else None, answer=None if linked else answer,
                )  # fmt: skip
                barrier.wait(30)
                store.write([batch([one])])
        except BaseException as error:  # noqa: BLE001  # shown by the assertion
            errors.append(error)
            barrier.abort()

    threads = [
        threading.Thread(target=write, args=(stores[0], CLIENT, 100)),
        threading.Thread(target=write, args=(stores[1], GATEWAY, 200)),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    counted = rows(stores[0], schema.cost_hours)
    assert sum(row["calls"] for row in counted) == len(answers)
    assert sum(row["input_tokens"] for row in counted) == 100 * len(answers)
    assert totals(stores[0]) == recomputed(stores[0])
    for store in stores:
        store.close()
