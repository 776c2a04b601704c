"""The corpus: what real instrumentation packages send, and what we make of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from telemetry.domain import DecodedEvent, DecodedSpan
from telemetry.normalise import MAPPING_VERSION, is_ai, normalise
from tests.golden.reading import projected, read_case

GOLDEN = Path(__file__).parents[2] / "golden"
EXPECTED: dict[str, list[dict[str, Any]]] = json.loads((GOLDEN / "expected.json").read_text(encoding="utf-8"))
CASES = sorted((GOLDEN / "cases").glob("*.json"))


def spans_of(path: Path) -> list[tuple[DecodedSpan, list[DecodedEvent]]]:
    return read_case(json.loads(path.read_text(encoding="utf-8")))


def every_span() -> Iterator[tuple[str, DecodedSpan, list[DecodedEvent]]]:
    for path in CASES:
        for span, logs in spans_of(path):
            yield path.stem, span, logs


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_each_span_of_the_corpus_becomes_what_was_written_down(path: Path):
    assert [projected(normalise(span, logs)) for span, logs in spans_of(path)] == EXPECTED[path.stem]


def test_every_expectation_has_its_case():
    assert set(EXPECTED) == {path.stem for path in CASES}


def test_captured_cases_say_what_made_them():
    for path in CASES:
        case = json.loads(path.read_text(encoding="utf-8"))
        assert case.get("authored") or case["captured_with"], path.stem


@pytest.mark.parametrize("flavour", ["openinference", "openllmetry", "openllmetry_2025", "otel_latest"])
def test_the_same_question_is_the_same_call_in_every_flavour(flavour: str):
    (call,) = EXPECTED[f"{flavour}.openai_chat"]
    assert call["kind"] == "llm"
    assert call["provider"] == "openai"
    assert call["request_model"] == "gpt-4o"
    assert call["response_model"] == "gpt-4o-2024-08-06"
    assert call["response_id"] == "chatcmpl-golden-1"
    assert (call["input_tokens"], call["output_tokens"]) == (1200, 90)
    assert [message["role"] for message in call["input_messages"]] == ["system", "user"]
    said = [{"type": "text", "content": "Paris is the capital of France."}]
    assert call["output_messages"] == [{"role": "assistant", "parts": said}]


@pytest.mark.parametrize("flavour", ["openinference", "openllmetry", "openllmetry_2025", "otel_latest"])
def test_a_tool_call_and_its_answer_are_the_same_in_every_flavour(flavour: str):
    asks, answered = EXPECTED[f"{flavour}.openai_tools"]
    call = {"type": "tool_call", "id": "call_weather_1", "name": "get_weather", "arguments": {"city": "Lyon"}}
    assert asks["output_messages"] == [{"role": "assistant", "parts": [call]}]
    response = {"type": "tool_call_response", "id": "call_weather_1", "response": "22 degrees, sunny"}
    assert answered["input_messages"][1:] == [
        {"role": "assistant", "parts": [call]},
        {"role": "tool", "parts": [response]},
    ]


@pytest.mark.parametrize("flavour", ["openinference", "openllmetry", "openllmetry_events"])
def test_anthropic_said_176_beside_1024_cached_and_every_flavour_makes_it_1200(flavour: str):
    (call,) = EXPECTED[f"{flavour}.anthropic_chat"]
    assert (call["input_tokens"], call["cache_read_tokens"], call["cache_write_tokens"]) == (1200, 1000, 24)
    assert call["provider"] == "anthropic"
    assert not call.get("flags")


def test_a_wrapper_of_the_ai_sdk_owns_nothing_and_its_inner_calls_everything():
    wrapper, *inner = EXPECTED["vercel.tools"]
    calls = [span for span in inner if span["kind"] == "llm"]
    assert wrapper["usage_is_aggregate"]
    assert not any(call.get("usage_is_aggregate") for call in calls)
    assert wrapper["input_tokens"] == sum(call["input_tokens"] for call in calls) == 2400


def test_every_ai_span_is_known_as_one_and_no_other():
    for name, span, _ in every_span():
        assert is_ai(span) is (name != "authored.http_kin"), (name, span.name)


def test_only_leaf_calls_own_their_tokens():
    for name, span, logs in every_span():
        normalised = normalise(span, logs)
        leaf = normalised.kind in {"llm", "embedding", "reranker", "inference"}
        assert normalised.usage_is_aggregate is not leaf, (name, span.name)


def test_every_span_carries_the_version_of_the_mapping():
    assert {normalise(span, logs).mapping_version for _, span, logs in every_span()} == {MAPPING_VERSION}
