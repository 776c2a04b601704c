"""What is remembered of attribute names changes no answer, and has an end."""

from __future__ import annotations

import pytest

from telemetry.normalise import normalise
from telemetry.normalise.plan import REMEMBERED_CHARACTERS, REMEMBERED_NAMES, REMEMBERED_PLANS, Plans
from telemetry.normalise.spans import TABLE
from tests.telemetry.making import a_span, an_event

CHAT = {"gen_ai.operation.name": "chat", "gen_ai.request.model": "gpt-4o", "gen_ai.prompt.0.content": "Hello"}


def test_spans_with_the_same_names_share_a_plan():
    plans = Plans(TABLE)
    other = dict.fromkeys(CHAT, "another value")
    assert plans.plan("tests", CHAT) is plans.plan("tests", other)
    assert plans.plan("tests", CHAT) is not plans.plan("litellm", CHAT)


def test_a_shared_plan_keeps_no_value():
    first, second = normalise(a_span(CHAT)), normalise(a_span(CHAT | {"gen_ai.prompt.0.content": "Goodbye"}))
    assert first.input_messages[0].parts == [{"type": "text", "content": "Hello"}]
    assert second.input_messages[0].parts == [{"type": "text", "content": "Goodbye"}]


def test_a_plan_serves_spans_with_and_without_events():
    event = an_event("exception", exception__type="ValueError")
    assert normalise(a_span(CHAT)).error_type is None
    assert normalise(a_span(CHAT, events=[event])).error_type == "ValueError"
    assert normalise(a_span(CHAT, events=[event] * 30)).error_type == "ValueError"
    assert normalise(a_span(CHAT)).error_type is None


def test_an_attribute_may_be_called_like_a_flattened_list():
    span = normalise(a_span(CHAT | {"gen_ai.prompt": "not the list"}))
    assert [message.parts[0]["content"] for message in span.input_messages] == ["Hello"]


def test_made_up_names_do_not_fill_the_memory():
    plans = Plans(TABLE)
    for number in range(REMEMBERED_PLANS + 10):
        plans.plan("tests", {f"made.up.{number}": 1})
    assert len(plans._known) <= REMEMBERED_PLANS


@pytest.mark.parametrize(
    "names",
    [[f"n{number}" for number in range(REMEMBERED_NAMES)], ["x" * REMEMBERED_CHARACTERS]],
    ids=["many", "long"],
)
def test_spans_with_too_many_or_too_long_names_are_not_remembered(names: list[str]):
    plans = Plans(TABLE)
    plans.plan("tests", dict.fromkeys(names, 1))
    assert not plans._known
