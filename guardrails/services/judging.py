"""A chunk of settled traces: each answer of one sender held against what its trace retrieved, was told, and found."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa
import structlog

from guardrails.domain import Check, CheckRules, GroundednessEngine, Grounding, Outcome, Profile
from guardrails.domain.context import Generation, Said, contexts_of
from guardrails.domain.traces import TracedSpan
from guardrails.services.limits import limited, reason_of
from guardrails.services.runtime import Runtime
from guardrails.services.scanning import GIVEN_UP, SUSPICIOUS, NothingWorks, profiles_of
from kernel import clock
from telemetry.content import open_message
from telemetry.domain import MessageState
from telemetry.queries.spans import ContentReferences, references
from telemetry.store import Unstorable, checking
from telemetry.store.checking import MESSAGE, Chunk, Work, WorkKey
from telemetry.store.results import VerdictResult, write_verdicts
from telemetry.store.texts import MessageKey, StoredMessage, StoredSpan, messages_at, spans_of_trace

log = structlog.get_logger(__name__)

MASKED_SOON_NS = 15 * clock.NANOSECONDS_PER_SECOND
"""When a trace is looked at again whose text waits to be masked."""

NOTHING = ContentReferences()


@dataclass(frozen=True, slots=True)
class Trace:
    """One piece of work, read: the trace's spans, its messages, and the profile of the sender whose answers are judged.

    `waits` when some of its text waits to be masked, and will be.
    """

    work: Work
    spans: tuple[StoredSpan, ...]
    content: Mapping[bytes, ContentReferences]
    messages: Mapping[str, StoredMessage]
    profile: Profile
    waits: bool

    def mine(self, span: StoredSpan) -> bool:
        """Whether the span's answer is what this work is about."""
        return span.sender_id == self.work.sender_id and span.day == self.work.day


@dataclass(slots=True)
class Progress:
    """What is to be written of a chunk."""

    done: list[WorkKey] = field(default_factory=list)
    verdicts: dict[WorkKey, list[VerdictResult]] = field(default_factory=dict)
    failures: dict[WorkKey, tuple[int, str]] = field(default_factory=dict)
    failed: dict[WorkKey, list[VerdictResult]] = field(default_factory=dict)
    left: list[WorkKey] = field(default_factory=list)
    waiting: list[WorkKey] = field(default_factory=list)


def judge_chunk(
    runtime: Runtime, engine: GroundednessEngine, chunk: Chunk, *, deadline: float = float("inf")
) -> Progress:
    """Judge what was leased, and write all of it in one transaction. What was not begun by the deadline is given back.

    A trace of which text waits to be masked waits for that. Raises NothingWorks when not one trace could be judged.
    """
    progress = Progress()
    for item in chunk.items:
        if time.monotonic() >= deadline and (progress.done or progress.failures):
            progress.left.append(item.key)
        else:
            _judge(runtime, engine, item, progress)
    if len(progress.failures) >= SUSPICIOUS and not progress.done:
        keys = [item.key for item in chunk.items]
        runtime.store.transact(
            lambda connection: checking.release(connection, chunk, keys, now_ns=runtime.now_ns())
        )
        raise NothingWorks(next(iter(progress.failures.values()))[1])
    _write(runtime, chunk, progress)
    return progress


def _judge(runtime: Runtime, engine: GroundednessEngine, item: Work, progress: Progress) -> None:
    trace = runtime.store.read(lambda connection: read_trace(runtime, connection, item))
    rules = trace.profile.of(Check.GROUNDEDNESS)
    if rules is None:
        progress.done.append(item.key)
        return
    if trace.waits:
        progress.waiting.append(item.key)
        return
    generations: tuple[tuple[StoredSpan, Generation], ...] = ()
    try:
        with limited(runtime.limits.trace_s):
            generations = generations_of(runtime, trace)
            verdicts = [verdict(engine, rules, *one) for one in generations]
    except Exception as error:  # noqa: BLE001  # whatever an engine raises belongs to this trace alone
        reason = reason_of(error, "the judging of a trace")
        log.warning("checks.trace_failed", reason=reason, attempts=item.attempts)
        progress.failures[item.key] = (item.attempts, reason)
        progress.failed[item.key] = [_given_up(engine, rules, *one) for one in generations]
        return
    progress.done.append(item.key)
    progress.verdicts[item.key] = verdicts


# ---- reading


def read_trace(runtime: Runtime, connection: sa.Connection, item: Work) -> Trace:
    """Everything that judging a trace needs of the record."""
    spans = spans_of_trace(connection, item.subject, day=item.day)
    content = {span.span_id: _content(span) for span in spans}
    keys = {
        (span.day, span.sender_id, id_): id_.hex()
        for span in spans
        for id_ in content[span.span_id].all_ids()
    }
    found = messages_at(connection, keys)
    profiles = profiles_of(runtime, connection, [(item.sender_id, item.day)])
    return Trace(
        work=item,
        spans=tuple(spans),
        content=content,
        messages={keys[key]: message for key, message in found.items()},
        profile=profiles[item.sender_id, item.day],
        waits=_waits(connection, found),
    )


def _content(span: StoredSpan) -> ContentReferences:
    content = NOTHING
    for text in span.contents:
        content = content.with_more(references(text))
    return content


def _waits(connection: sa.Connection, found: Mapping[MessageKey, StoredMessage]) -> bool:
    """Whether any message waits to be masked by work that is not given up."""
    sealed = [(MESSAGE, *key) for key, message in found.items() if message.row.state is MessageState.WAITING]
    return bool(checking.still_open(connection, sealed))


# ---- judging


def generations_of(runtime: Runtime, trace: Trace) -> tuple[tuple[StoredSpan, Generation], ...]:
    """The answers of this work's sender and day, each with its span. Sealed text counts as not kept."""
    said = {id_: _said(runtime, message) for id_, message in trace.messages.items() if _is_readable(message)}
    spans = {span.span_id: span for span in trace.spans if trace.mine(span)}
    found = contexts_of([_traced(span, trace.content[span.span_id]) for span in trace.spans], said)
    return tuple((spans[one.span_id], one) for one in found if one.span_id in spans)


def _is_readable(message: StoredMessage) -> bool:
    return message.row.state is not MessageState.WAITING


def _said(runtime: Runtime, message: StoredMessage) -> Said:
    opened = open_message(message.row, keys=runtime.keys)
    return Said(opened.role, opened.parts)


def _traced(span: StoredSpan, content: ContentReferences) -> TracedSpan:
    return TracedSpan(
        span_id=span.span_id,
        parent_span_id=span.parent_span_id,
        kind=span.kind,
        start_ns=span.start_ns,
        end_ns=span.start_ns + span.duration_ns,
        input=content.at("input"),
        output=content.at("output"),
        documents=tuple(document.id for document in content.documents),
        tool_result=content.at("tool_result"),
    )


def verdict(
    engine: GroundednessEngine, rules: CheckRules, span: StoredSpan, generation: Generation
) -> VerdictResult:
    """What holding one answer against its sources comes to."""
    if not rules.takes(span.trace_id):
        grounding = Grounding(Outcome.SAMPLED_OUT, None, None, None, shadow=False)
    elif generation.reason is not None:
        grounding = Grounding(Outcome.NOT_EVALUABLE, generation.reason, None, None, shadow=False)
    else:
        grounding = engine.judge(
            question=generation.question, answer=generation.answer, contexts=generation.contexts
        )
    return _result(engine, rules, span, generation, grounding)


def _given_up(
    engine: GroundednessEngine, rules: CheckRules, span: StoredSpan, generation: Generation
) -> VerdictResult:
    failed = Grounding(Outcome.FAILED, GIVEN_UP, None, None, shadow=False)
    return _result(engine, rules, span, generation, failed)


def _result(
    engine: GroundednessEngine,
    rules: CheckRules,
    span: StoredSpan,
    generation: Generation,
    grounding: Grounding,
) -> VerdictResult:
    return VerdictResult(
        day=span.day,
        trace_id=span.trace_id,
        span_id=span.span_id,
        check=Check.GROUNDEDNESS.value,
        engine_version=engine.version,
        profile_digest=rules.digest(),
        input_digest=generation.input_digest,
        sender_id=span.sender_id,
        hour=clock.epoch_hour(span.start_ns),
        outcome=grounding.outcome.value,
        reason=grounding.reason,
        score=grounding.score,
        shadow=grounding.shadow,
        language=grounding.language,
        sentences=_sentences(grounding, generation),
    )


def _sentences(grounding: Grounding, generation: Generation) -> str:
    """Offsets only: where each sentence stands in the answer, and its evidence in a message, by id and pointer."""
    rows = [
        {
            "answer": generation.answer_id,
            "start": one.start,
            "end": one.end,
            "outcome": one.outcome.value,
            "score": one.score,
            "evidence": None
            if one.evidence is None
            else {
                "context": one.evidence.context_id,
                "start": one.evidence.start,
                "end": one.evidence.end,
                "score": one.evidence.score,
            },
        }
        for one in grounding.sentences
    ]
    return json.dumps(rows, separators=(",", ":"))


# ---- writing


def _write(runtime: Runtime, chunk: Chunk, progress: Progress) -> None:
    try:
        runtime.store.transact(lambda connection: _commit(runtime, connection, chunk, progress))
    except Unstorable:
        reason = "what came of the judging cannot be stored"
        failures = {item.key: (item.attempts, reason) for item in chunk.items}
        runtime.store.transact(
            lambda connection: _commit(runtime, connection, chunk, Progress(failures=failures))
        )


def _commit(runtime: Runtime, connection: sa.Connection, chunk: Chunk, progress: Progress) -> None:
    """All that is still ours, or nothing. What a trace said meanwhile has opened it again: that will be judged then."""
    now_ns = runtime.now_ns()
    ours = checking.held(connection, chunk)
    failures = {key: failure for key, failure in progress.failures.items() if key in ours}
    dead = checking.fail(connection, failures, now_ns=now_ns, terms=runtime.limits.terms)
    verdicts = _of(progress.verdicts, ours) + _of(progress.failed, dead)
    write_verdicts(connection, verdicts, now_ns=now_ns)
    checking.finish(connection, [key for key in progress.done if key in ours], now_ns=now_ns)
    checking.release(connection, chunk, progress.left, now_ns=now_ns)
    checking.release(connection, chunk, progress.waiting, now_ns=now_ns, later_ns=MASKED_SOON_NS)


def _of(found: Mapping[WorkKey, Sequence[VerdictResult]], keys: Iterable[WorkKey]) -> list[VerdictResult]:
    return [verdict for key in sorted(keys) for verdict in found.get(key, ())]
