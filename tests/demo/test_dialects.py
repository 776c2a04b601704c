"""Dialects: whatever the dialect, normalisation reads the same out of it."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import pytest

from demo import dialects
from demo.conversations import compose, scripts
from demo.conversations.engine import Engine
from demo.conversations.steps import Scene, Step, StepKind
from telemetry.domain import DecodedEvent, DecodedScope, DecodedSpan, NormalisedSpan, SpanKind, SpanStatus
from telemetry.normalise import is_ai, normalise

START_NS = 1_800_000_000_000_000_000
ENGINE = Engine(
    "asked-model",
    answered_by="answering-model",
    provider="openai",
    address="api.openai.com",
    embedding="bge",
    failing=0,
)
SPOKEN = sorted(set(dialects.DIALECTS))


def scene_of(name: str, *, number: int = 0) -> Scene:
    script = scripts.load(name)
    only = replace(script, exchanges=(script.exchanges[number],))
    return compose.conversation(only, engine=ENGINE, rng=random.Random(1), seed=7)[0]


def read(scene: Scene, dialect: str) -> list[tuple[Step, NormalisedSpan]]:
    """Every step beside what normalisation makes of it."""
    return [(span.step, normalise(decoded(span, dialect))) for span in dialects.encode(scene, dialect)]


def decoded(span: dialects.Span, dialect: str) -> DecodedSpan:
    encoded = span.encoded
    events = [
        DecodedEvent(name, START_NS + (span.start + after) * 1_000_000, dict(attributes))
        for name, after, attributes in encoded.events
    ]
    attributes: dict[str, Any] = dict(encoded.attributes)
    return DecodedSpan(
        trace_id=bytes(16),
        span_id=bytes(8),
        parent_span_id=None,
        name=encoded.name,
        otel_kind=int(encoded.kind),
        start_ns=START_NS + span.start * 1_000_000,
        end_ns=START_NS + span.end * 1_000_000,
        status=SpanStatus.UNSET,
        status_message="",
        attributes=attributes,
        events=events,
        resource={},
        scope=DecodedScope(*dialects.SCOPES[dialect]),
    )


def only(scene: Scene, dialect: str, kind: StepKind) -> tuple[Step, NormalisedSpan]:
    return [(step, span) for step, span in read(scene, dialect) if step.kind is kind][-1]


@pytest.mark.parametrize("dialect", SPOKEN)
@pytest.mark.parametrize("name", scripts.names())
def test_every_span_is_seen_to_be_ai(dialect: str, name: str) -> None:
    assert all(is_ai(decoded(span, dialect)) for span in dialects.encode(scene_of(name), dialect))


@pytest.mark.parametrize("dialect", SPOKEN)
def test_a_model_call_says_the_same_in_every_dialect(dialect: str) -> None:
    step, span = only(scene_of("claims"), dialect, StepKind.LLM)
    assert step.tokens is not None
    assert span.kind is SpanKind.LLM
    assert span.provider == "openai"
    assert span.model == "answering-model"
    assert (span.usage.input_tokens, span.usage.output_tokens) == (step.tokens.input, step.tokens.output)
    assert span.response_id == step.response_id
    assert span.ttft_ns == (step.first_token or 0) * 1_000_000
    assert [message.role for message in span.output_messages] == ["assistant"]
    assert len(span.input_messages) == len(step.input)


@pytest.mark.parametrize("dialect", [dialect for dialect in SPOKEN if dialect != "vercel"])
def test_a_search_shows_its_documents_with_their_text(dialect: str) -> None:
    step, span = only(scene_of("contracts"), dialect, StepKind.RETRIEVER)
    assert span.kind is SpanKind.RETRIEVER
    assert [document.content for document in span.documents] == [source.text for source in step.sources]
    assert span.query_text == step.query
    assert span.data_source_id == step.name


@pytest.mark.parametrize("dialect", SPOKEN)
def test_a_tool_shows_what_it_was_asked_and_what_it_answered(dialect: str) -> None:
    step, span = only(scene_of("copilot"), dialect, StepKind.TOOL)
    assert span.kind is SpanKind.TOOL
    assert span.tool_name == step.name
    assert span.tool_arguments
    assert span.tool_result


@pytest.mark.parametrize("dialect", SPOKEN)
def test_a_decision_keeps_its_id(dialect: str) -> None:
    scene = scene_of("hr")
    assert read(scene, dialect)[0][1].decision_id == scene.root.decision


@pytest.mark.parametrize("dialect", SPOKEN)
def test_a_span_is_read_as_the_dialect_that_it_speaks(dialect: str) -> None:
    assert {span.dialect for _, span in read(scene_of("handover"), dialect)} == {dialect}


def test_a_gateway_sees_each_model_call_once_and_below_the_clients() -> None:
    spans = dialects.encode(scene_of("code"), "vercel")
    seen = dialects.witness(spans)
    assert len(seen) == sum(span.step.kind is StepKind.LLM for span in spans)
    for span in seen:
        assert span.parent is not None
        client = spans[span.parent]
        assert client.start <= span.start <= span.end <= client.end
        read_ = normalise(decoded(span, "gateway"))
        assert read_.observation_point == "gateway"
        assert read_.response_id == client.step.response_id
