"""Messages come in many shapes; a guardrail must see the words in all of them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from telemetry.domain import Message
from telemetry.normalise import messages

HELLO = [Message("user", [{"type": "text", "content": "Hello"}])]

LANGCHAIN_HUMAN = {
    "lc": 1,
    "type": "constructor",
    "id": ["langchain", "schema", "messages", "HumanMessage"],
    "kwargs": {"content": "Hello", "type": "human"},
}


@pytest.mark.parametrize(
    "shape",
    [
        "Hello",
        ["Hello"],
        {"role": "user", "content": "Hello"},
        [{"role": "user", "content": "Hello"}],
        [{"role": "user", "parts": [{"type": "text", "content": "Hello"}]}],
        [{"role": "user", "content": [{"type": "text", "text": "Hello"}]}],
        [{"role": "user", "content": [{"type": "input_text", "text": "Hello"}]}],
        {"messages": [{"role": "user", "content": "Hello"}]},
        {"messages": [[{"role": "user", "content": "Hello"}]]},
        {"model": "gpt-4o", "messages": [{"role": "user", "content": "Hello"}], "temperature": 0},
        {"model": "gpt-4o", "input": "Hello"},
        {"contents": [{"role": "user", "parts": [{"text": "Hello"}]}]},
        {"inputs": {"question": "Hello"}, "tags": []},
        {"prompt": "Hello"},
        [LANGCHAIN_HUMAN],
        {"messages": [[LANGCHAIN_HUMAN]]},
        [{"type": "human", "data": {"content": "Hello"}}],
        [{"type": "human", "content": "Hello"}],
    ],
)
@pytest.mark.parametrize("as_text", [False, True])
def test_the_same_words_in_every_shape_are_the_same_message(shape: Any, as_text: bool):
    written = json.dumps(shape) if as_text and not isinstance(shape, str) else shape
    assert messages.input_messages(written) == HELLO


@pytest.mark.parametrize(
    "shape",
    [
        {
            "choices": [
                {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "Hi"}}
            ]
        },
        {
            "generations": [
                [{"text": "Hi", "message": {"lc": 1, "id": ["AIMessage"], "kwargs": {"content": "Hi"}}}]
            ]
        },
        {"candidates": [{"content": {"role": "assistant", "parts": [{"text": "Hi"}]}}]},
        {
            "output": [
                {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "Hi"}]}
            ]
        },
        {"outputs": "Hi", "kwargs": {"tags": []}},
        {"role": "assistant", "content": [{"type": "text", "text": "Hi"}]},
    ],
)
def test_answers_are_found_in_whole_responses(shape: Any):
    assert messages.output_messages(shape) == [Message("assistant", [{"type": "text", "content": "Hi"}])]


CALL = {"type": "tool_call", "id": "c1", "name": "weather", "arguments": {"city": "Lyon"}}


@pytest.mark.parametrize(
    "part",
    [
        {"type": "tool_call", "id": "c1", "name": "weather", "arguments": {"city": "Lyon"}},
        {"type": "tool_use", "id": "c1", "name": "weather", "input": {"city": "Lyon"}},
        {"type": "tool-call", "toolCallId": "c1", "toolName": "weather", "input": {"city": "Lyon"}},
        {"functionCall": {"id": "c1", "name": "weather", "args": {"city": "Lyon"}}},
        {"type": "function_call", "id": "c1", "name": "weather", "arguments": '{"city": "Lyon"}'},
    ],
)
def test_a_tool_call_is_one_in_every_vendors_words(part: dict[str, Any]):
    assert messages.parts([part]) == [CALL]


def test_openai_tool_calls_stand_beside_the_content():
    function = {"name": "weather", "arguments": '{"city": "Lyon"}'}
    value = {"role": "assistant", "content": None, "tool_calls": [{"id": "c1", "function": function}]}
    assert messages.output_messages(value) == [Message("assistant", [CALL])]


@pytest.mark.parametrize(
    "value",
    [
        {"role": "tool", "tool_call_id": "c1", "content": "sunny"},
        {"role": "tool", "content": [{"type": "tool_result", "tool_use_id": "c1", "content": "sunny"}]},
        {"role": "tool", "parts": [{"type": "tool_call_response", "id": "c1", "response": "sunny"}]},
    ],
)
def test_a_tools_answer_is_one_in_every_vendors_words(value: dict[str, Any]):
    answer = {"type": "tool_call_response", "id": "c1", "response": "sunny"}
    assert messages.input_messages([value]) == [Message("tool", [answer])]


def test_system_text_beside_the_messages_comes_first():
    value = {"system": "Be brief.", "messages": [{"role": "user", "content": "Hello"}]}
    assert messages.input_messages(value) == [
        Message("system", [{"type": "text", "content": "Be brief."}]),
        *HELLO,
    ]


def test_arguments_that_are_no_json_stay_as_the_model_wrote_them():
    (part,) = messages.parts([{"type": "tool_call", "name": "weather", "arguments": '{"city": Lyon'}])
    assert part["arguments"] == '{"city": Lyon'


def test_what_is_no_message_is_still_said():
    assert messages.input_messages('{"patient": "Jean", "score": 3}') == [
        Message("user", [{"type": "text", "content": '{"patient":"Jean","score":3}'}])
    ]
    assert messages.input_messages("{broken") == [Message("user", [{"type": "text", "content": "{broken"}])]


@pytest.mark.parametrize("nothing", [None, "", "  ", [], {}, [[]], {"messages": []}])
def test_nothing_said_is_no_message(nothing: Any):
    assert messages.input_messages(nothing) is None


def test_unknown_parts_stay_whole():
    part = {"type": "server_tool_call", "id": "s1", "server_tool_call": {"query": "Lyon"}}
    assert messages.parts([part]) == [part]
    assert messages.parts([{"citation": "atlas.pdf"}]) == [{"type": "generic", "citation": "atlas.pdf"}]


@pytest.mark.parametrize("kind", [[], {}, ["human"], 3])
def test_a_type_that_is_no_text_is_no_type(kind: Any):
    assert messages.input_messages([{"content": "Hello", "type": kind}]) is not None
