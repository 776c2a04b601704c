"""Which sources a generation of a trace is held against."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrails.domain.context import Said, Source, contexts_of, input_digest, place_of, readable
from guardrails.domain.grounding import Context
from guardrails.domain.traces import TracedSpan

QUESTION = "When does the workshop close?"
ANSWER = "The workshop closes at six."
HOURS = "The workshop closes at six in the evening."
PRICES = "An hour of work costs 90 euros."


class Trace:
    """A trace under construction: spans with what was said in them."""

    def __init__(self):
        self.spans: list[TracedSpan] = []
        self.messages: dict[str, Said] = {}

    def say(self, role, *parts):
        id_ = f"{len(self.messages):064x}"
        self.messages[id_] = Said(
            role, [{"type": "text", "content": part} if isinstance(part, str) else part for part in parts]
        )
        return id_

    def step(self, kind, *, under=None, at=(0, 100), documents=(), result=None, asked=(), said=()):
        number = (len(self.spans) + 1).to_bytes(8, "big")
        self.spans.append(
            TracedSpan(
                number, under, kind, *at,
                input=tuple(self.say(*turn) for turn in asked),
                output=tuple(self.say(*turn) for turn in said),
                documents=tuple(self.say("document", {"type": "document", "content": text}) for text in documents),
                tool_result=() if result is None else (self.say("tool_result", {"type": "json", "content": result}),),
            )
        )  # fmt: skip
        return number

    def answer(
        self, *, under=None, at=(50, 60), asked=(("user", QUESTION),), said=(("assistant", ANSWER),), **more
    ):
        return self.step("llm", under=under, at=at, asked=asked, said=said, **more)

    def generations(self):
        return contexts_of(self.spans, self.messages)

    def texts(self):
        """The contexts of the last generation."""
        return [context.text for context in self.generations()[-1].contexts]


@pytest.fixture
def trace():
    return Trace()


def test_an_answer_is_held_against_what_the_retriever_of_its_workflow_had_found(trace):
    workflow = trace.step("workflow")
    trace.step("retriever", under=workflow, at=(10, 20), documents=[HOURS, PRICES])
    trace.answer(under=workflow)

    (found,) = trace.generations()

    assert [context.text for context in found.contexts] == [HOURS, PRICES]
    assert (found.question, found.answer, found.reason) == (QUESTION, ANSWER, None)
    assert found.source is Source.RETRIEVER


def test_its_own_documents_come_before_those_of_a_retriever(trace):
    workflow = trace.step("workflow")
    trace.step("retriever", under=workflow, at=(10, 20), documents=[PRICES])
    trace.answer(under=workflow, documents=[HOURS])

    assert trace.texts() == [HOURS]
    assert trace.generations()[0].source is Source.OWN_DOCUMENTS


def test_a_search_that_had_not_ended_when_the_answer_began_is_no_source(trace):
    workflow = trace.step("workflow")
    trace.step("retriever", under=workflow, at=(10, 51), documents=[HOURS])
    trace.answer(under=workflow, at=(50, 60))

    assert trace.texts() == []
    assert trace.generations()[0].reason == "no_context"


def test_another_agents_search_is_no_source(trace):
    root = trace.step("workflow")
    researcher = trace.step("agent", under=root, at=(1, 30))
    trace.step("retriever", under=researcher, at=(10, 20), documents=[HOURS])
    writer = trace.step("agent", under=root, at=(40, 90))
    trace.answer(under=writer)

    assert trace.texts() == []


def test_a_search_in_a_chain_beside_the_answers_chain_is_found_under_their_common_workflow(trace):
    root = trace.step("workflow")
    gathering = trace.step("chain", under=root, at=(1, 30))
    trace.step("retriever", under=gathering, at=(10, 20), documents=[HOURS])
    writing = trace.step("chain", under=root, at=(40, 90))
    trace.answer(under=writing)

    assert trace.texts() == [HOURS]


def test_the_nearest_chain_with_a_search_wins_over_one_further_up(trace):
    root = trace.step("chain")
    trace.step("retriever", under=root, at=(2, 5), documents=[PRICES])
    inner = trace.step("chain", under=root, at=(6, 90))
    trace.step("retriever", under=inner, at=(10, 20), documents=[HOURS])
    trace.answer(under=inner)

    assert trace.texts() == [HOURS]


def test_what_a_reranker_kept_is_a_source_and_a_text_found_twice_counts_once(trace):
    workflow = trace.step("workflow")
    trace.step("retriever", under=workflow, at=(10, 20), documents=[PRICES, HOURS])
    trace.step("reranker", under=workflow, at=(21, 25), documents=[HOURS])
    trace.answer(under=workflow)

    assert trace.texts() == [PRICES, HOURS]


def test_what_a_tool_answered_in_the_prompt_is_a_source(trace):
    trace.answer(
        asked=(
            ("user", QUESTION),
            (
                "tool",
                {
                    "type": "tool_call_response",
                    "id": "1",
                    "response": {"closes": "18:00", "days": ["Mon", "Tue"]},
                },
            ),
        )
    )

    assert trace.texts() == ["closes: 18:00\ndays: Mon\ndays: Tue"]
    assert trace.generations()[0].source is Source.TOOL


def test_a_tool_that_ran_before_is_a_source_only_where_the_prompt_does_not_hold_its_answer(trace):
    agent = trace.step("agent")
    trace.step("tool", under=agent, at=(10, 20), result={"closes": "18:00"})
    trace.answer(under=agent)
    assert trace.texts() == ["closes: 18:00"]

    trace.answer(under=agent, at=(70, 80), asked=(("user", QUESTION), ("tool", "It closes at 18:00")))
    assert trace.texts() == ["It closes at 18:00"]


def test_an_agent_answers_from_its_searches_and_its_tools_alike(trace):
    agent = trace.step("agent")
    trace.step("retriever", under=agent, at=(10, 20), documents=[HOURS])
    trace.answer(under=agent, asked=(("user", QUESTION), ("tool", PRICES)))

    assert trace.texts() == [HOURS, PRICES]


def test_sources_written_out_in_a_prompt_serve_where_nothing_else_is_known(trace):
    prompt = f"Context:\n{HOURS}\n\nQuestion: {QUESTION}"
    trace.answer(asked=(("user", prompt),))

    (found,) = trace.generations()

    assert [context.text for context in found.contexts] == [HOURS]
    assert (found.question, found.source) == (QUESTION, Source.PROMPT)
    message, pointer, start = place_of(found.contexts[0].id)
    assert pointer == "/0/content"
    assert trace.messages[message].parts[0]["content"][start:].startswith(HOURS)


def test_sources_in_a_message_of_their_own_leave_the_question_to_the_one_before(trace):
    trace.answer(asked=(("user", QUESTION), ("assistant", "…"), ("user", f"Extraits :\n[a] {HOURS}")))

    (found,) = trace.generations()

    assert (found.question, [context.text for context in found.contexts]) == (QUESTION, [f"[a] {HOURS}"])


def test_a_turn_that_calls_a_tool_makes_no_claim(trace):
    trace.answer(said=(("assistant", "Let me look.", {"type": "tool_call", "id": "1", "name": "hours"}),))

    (found,) = trace.generations()

    assert (found.answer, found.reason) == ("", "no_claim")


def test_thoughts_are_not_part_of_the_answer(trace):
    trace.answer(said=(("assistant", {"type": "reasoning", "content": "Perhaps seven?"}, ANSWER),))

    (found,) = trace.generations()

    assert (found.answer, found.answer_id) == (ANSWER, f"{trace.spans[0].output[0]}/1/content")


@pytest.mark.parametrize("forgotten", ["answer", "document"])
def test_a_text_that_was_not_kept_is_said_and_not_taken_for_missing_support(trace, forgotten):
    workflow = trace.step("workflow")
    trace.step("retriever", under=workflow, at=(10, 20), documents=[HOURS, PRICES])
    trace.answer(under=workflow)
    place = trace.spans[2].output[0] if forgotten == "answer" else trace.spans[1].documents[0]
    del trace.messages[place]

    assert trace.generations()[0].reason == "content_not_kept"


def test_steps_that_name_each_other_as_parent_end_the_search_for_their_agent():
    looped = [
        TracedSpan(b"a", b"b", "chain", 0, 9),
        TracedSpan(b"b", b"a", "chain", 0, 9),
        TracedSpan(b"g", b"a", "llm", 5, 6, output=("m",)),
    ]

    (found,) = contexts_of(looped, {"m": Said("assistant", [{"type": "text", "content": ANSWER}])})

    assert found.reason == "no_context"


def test_thousands_of_searches_and_answers_in_one_deep_trace_take_moments():
    trace = Trace()
    under = trace.step("agent")
    for number in range(3_000):
        under = trace.step("chain", under=under, at=(number, 9_000))
        trace.step("retriever", under=under, at=(number, number), documents=[f"text {number}"])
    for _ in range(200):
        trace.answer(under=under, at=(5_000, 5_001))

    assert len(trace.generations()) == 200


@given(st.randoms(use_true_random=False))
def test_the_order_in_which_spans_are_given_changes_nothing(rng: random.Random):
    trace = Trace()
    workflow = trace.step("workflow")
    for place in range(4):
        trace.step("retriever", under=workflow, at=(1, 10 + place % 2), documents=[f"text {place}"])
    trace.answer(under=workflow)
    before = trace.generations()

    rng.shuffle(trace.spans)

    assert trace.generations() == before


def test_the_digest_tells_questions_answers_and_the_order_of_contexts_apart():
    a, b = Context("1", "a"), Context("2", "b")
    digests = {
        input_digest("q", "x", [a, b]),
        input_digest("q", "x", [b, a]),
        input_digest("q", "xa", [b]),
        input_digest(None, "x", [a, b]),
        input_digest("", "x", [a, b]),
    }

    assert len(digests) == 5
    assert input_digest("q", "x", [a]) == input_digest("q", "x", [Context("other", "a")])


def test_a_deep_answer_of_a_tool_becomes_lines_without_ever_recursing():
    deep: object = "bottom"
    for _ in range(5_000):
        deep = {"a": deep}

    assert readable(deep).endswith(": bottom")
