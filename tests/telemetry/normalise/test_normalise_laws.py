"""Laws: whatever a sender writes, there is an answer, and it is always the same."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from telemetry.domain import DecodedEvent, DecodedSpan, Flag, NormalisedSpan, SpanKind
from telemetry.normalise import normalise
from telemetry.normalise.flat import MAX_SLOTS
from telemetry.normalise.spans import TABLE
from tests.golden.reading import projected
from tests.telemetry.making import a_span

texts = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=40),
    st.sampled_from(
        [
            "{}", "[]", "[[]]", "{", "[{", "null", '"', '{"role": 1}', '{"messages": {}}', '{"messages": [null]}',
            '{"choices": [{"message": 3}]}', '[{"role": "tool", "tool_call_id": "x", "content": null}]',
            '{"lc": 1, "id": 3, "kwargs": {}}', '{"parts": {"parts": 1}}', '{"content": {"parts": [{"text": 1}]}}',
            "NaN", "-1", "1e400", "http://[", "LLM", "chat", "ai.generateText", "9" * 400, "[" * 200, "__proto__",
        ]
    ),
)  # fmt: skip
scalars = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**63), 2**64), st.floats(), texts, st.binary(max_size=8)
)
words = st.sampled_from(
    [
        "role", "content", "parts", "type", "text", "messages", "choices", "message", "tool_calls", "function", "id",
        "name", "arguments", "lc", "kwargs", "data", "documents", "score", "metadata", "document", "image_url",
        "functionCall", "system", "finish_reason", "__proto__", "total", "usage",
    ]
)  # fmt: skip
values = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.one_of(words, texts), inner, max_size=5)
    ),
    max_leaves=12,
)
slots = st.builds(
    "{}.{}.{}".format,
    st.sampled_from(sorted(TABLE.lists)),
    st.one_of(st.integers(0, 3), st.just(4_294_967_295), st.just(10**12)),
    st.one_of(
        st.sampled_from(
            [
                "message.role", "message.content", "message.contents.0.message_content.text", "role", "content",
                "message.tool_calls.0.tool_call.function.arguments", "tool_calls.0.name", "document.score", "__proto__",
                "document.metadata", "message.contents.4294967295.message_content.image.image.url", "finish_reason",
            ]
        ),
        texts,
    ),
)  # fmt: skip
keys = st.one_of(st.sampled_from(TABLE.mapped_attributes()), slots, texts)
attributes = st.dictionaries(keys, values, max_size=8)
events = st.lists(
    st.builds(
        DecodedEvent,
        name=st.one_of(st.sampled_from(sorted(TABLE.events)), texts),
        time_ns=st.integers(0, 2**64 - 1),
        attributes=attributes,
        body=values,
    ),
    max_size=3,
)
spans = st.builds(a_span, attributes, events=events, resource=attributes, otel_kind=st.integers(0, 9))

thoroughly = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


def same(one: NormalisedSpan, other: NormalisedSpan) -> bool:
    return repr(projected(one)) == repr(projected(other))  # NaN within a message equals itself by its text


@thoroughly
@given(spans, events)
def test_any_span_is_normalised_and_always_the_same_way(span: DecodedSpan, logs: list[DecodedEvent]):
    once = normalise(span, logs)
    assert isinstance(once.kind, SpanKind)
    assert same(once, normalise(span, logs))


@thoroughly
@given(st.sampled_from(TABLE.mapped_attributes()), values)
def test_any_value_under_any_mapped_name_is_read_or_left(key: str, value: Any):
    span = normalise(a_span({key: value}))
    for said in (span.request_model, span.provider, span.user_id, span.session_id, span.operation):
        assert said is None or (isinstance(said, str) and said)
    for count in (
        span.usage.input_tokens,
        span.usage.output_tokens,
        span.cost_reported_nano_usd,
        span.ttft_ns,
    ):
        assert count is None or (isinstance(count, int) and count >= 0)
    for message in (*span.input_messages, *span.output_messages):
        assert isinstance(message.role, str)
        assert all(isinstance(part, dict) and isinstance(part["type"], str) for part in message.parts)


@thoroughly
@given(attributes)
def test_the_order_of_attributes_means_nothing(given_: dict[str, Any]):
    backwards = dict(reversed(given_.items()))
    assert same(normalise(a_span(given_)), normalise(a_span(backwards)))


@thoroughly
@given(attributes)
def test_a_normalised_span_written_as_genai_normalises_to_itself(given_: dict[str, Any]):
    """Idempotence: what was read, written again in the current conventions, is read as the same."""
    once = normalise(a_span(given_))
    written = {
        "gen_ai.request.model": once.request_model,
        "gen_ai.response.model": once.response_model,
        "gen_ai.provider.name": once.provider,
        "gen_ai.usage.output_tokens": once.usage.output_tokens,
        "gen_ai.response.finish_reasons": once.finish_reasons,
        "gen_ai.conversation.id": once.conversation_id,
        "session.id": once.session_id,
        "user.id": once.user_id,
    }
    again = normalise(a_span({key: value for key, value in written.items() if value not in (None, [])}))
    assert again.request_model == once.request_model
    assert again.response_model == once.response_model
    assert again.usage.output_tokens == once.usage.output_tokens
    assert again.finish_reasons == once.finish_reasons
    assert again.conversation_id == once.conversation_id
    assert again.session_id == once.session_id
    assert again.user_id == once.user_id


def test_flattened_lists_have_a_budget():
    flood = {f"llm.input_messages.{index}.message.content": "x" for index in range(MAX_SLOTS + 500)}
    span = normalise(a_span(flood))
    assert len(span.input_messages) == MAX_SLOTS
    assert Flag.VALUE_TRUNCATED in span.flags


def test_an_index_of_four_billion_costs_nothing():
    flattened = {
        "gen_ai.prompt.4294967295.content": "last",
        "gen_ai.prompt.0.content": "first",
        "gen_ai.prompt.99999999999999999999.content": "no index at all",
    }
    span = normalise(a_span(flattened))
    assert [message.parts[0]["content"] for message in span.input_messages] == ["first", "last"]


def test_proto_is_a_name_like_any_other():
    messages = json.dumps(
        [{"role": "user", "parts": [{"type": "__proto__", "__proto__": {"polluted": True}}]}]
    )
    span = normalise(
        a_span({"gen_ai.input.messages": messages, "__proto__": "x", "gen_ai.prompt.0.__proto__": "y"})
    )
    assert span.input_messages[0].parts == [{"type": "__proto__", "__proto__": {"polluted": True}}]


def test_structures_deeper_than_sixty_four_levels_are_left_out_and_flagged():
    deep: Any = "x"
    for _ in range(5000):
        deep = [deep]
    span = normalise(a_span({"gen_ai.input.messages": deep, "gen_ai.tool.call.arguments": {"a": deep}}))
    assert span.input_messages == []
    assert span.tool_arguments is None
    assert Flag.VALUE_TRUNCATED in span.flags
