from __future__ import annotations

import asyncio
import json

import pytest
import tutela
from conftest import KEY, attributes
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind


@pytest.fixture
def handle(receiver):
    return tutela.register(endpoint=receiver.url, key=KEY)


@pytest.fixture
def spans(handle, receiver):
    def by_name() -> dict:
        assert handle.force_flush(5)
        return {span.name: span for span in receiver.spans}

    return by_name


def test_a_model_call_carries_the_names_of_the_convention(spans):
    with tutela.model_call(
        "qwen3-32b", provider="vllm", input="Bonjour", system="Be brief.", server="gpu-3"
    ) as call:
        call.output("Salut !")
        call.response(model="qwen3-32b-awq", id="resp-1", finish_reasons=["stop"])
        call.usage(input_tokens=12, output_tokens=3, cache_read_tokens=8, reasoning_tokens=1)
    span = spans()["chat qwen3-32b"]
    found = attributes(span)
    assert span.kind == 3, "OTLP's CLIENT"
    assert json.loads(found.pop("gen_ai.input.messages")) == [
        {"role": "user", "parts": [{"type": "text", "content": "Bonjour"}]}
    ]
    assert json.loads(found.pop("gen_ai.output.messages")) == [
        {"role": "assistant", "parts": [{"type": "text", "content": "Salut !"}]}
    ]
    assert json.loads(found.pop("gen_ai.system_instructions")) == [{"type": "text", "content": "Be brief."}]
    assert found == {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "vllm",
        "gen_ai.request.model": "qwen3-32b",
        "server.address": "gpu-3",
        "gen_ai.response.model": "qwen3-32b-awq",
        "gen_ai.response.id": "resp-1",
        "gen_ai.response.finish_reasons": ["stop"],
        "gen_ai.usage.input_tokens": 12,
        "gen_ai.usage.output_tokens": 3,
        "gen_ai.usage.cache_read.input_tokens": 8,
        "gen_ai.usage.reasoning.output_tokens": 1,
    }


def test_chat_messages_of_the_usual_shapes_become_parts(spans):
    called = {"id": "c1", "type": "function", "function": {"name": "add", "arguments": "{}"}}
    said = [
        {"role": "system", "content": "S"},
        {
            "role": "user",
            "content": [{"type": "text", "text": "T"}, {"type": "image_url", "image_url": {"url": "u"}}],
        },
        {"role": "assistant", "content": None, "tool_calls": [called]},
        {"role": "tool", "tool_call_id": "c1", "content": "3"},
        {"role": "user", "parts": [{"type": "text", "content": "as it is"}]},
    ]
    with tutela.model_call("m", input=said):
        pass
    messages = json.loads(attributes(spans()["chat m"])["gen_ai.input.messages"])
    assert [message["role"] for message in messages] == ["system", "user", "assistant", "tool", "user"]
    assert messages[1]["parts"] == [
        {"type": "text", "content": "T"},
        {"type": "image_url", "image_url": {"url": "u"}},
    ]
    assert messages[2]["parts"] == [{"type": "tool_call", "id": "c1", "name": "add", "arguments": "{}"}]
    assert messages[3]["parts"] == [{"type": "tool_call_response", "id": "c1", "response": "3"}]
    assert messages[4] == said[4]


def test_a_prediction_says_its_units_and_its_decision(spans):
    with tutela.inference(
        "weld-vision-4", units=3, unit="image", decision_id="d-17", input="frame 9"
    ) as prediction:
        prediction.output({"defect": 0.93})
    assert attributes(spans()["inference weld-vision-4"]) == {
        "tutela.kind": "inference",
        "gen_ai.request.model": "weld-vision-4",
        "tutela.inference.units": 3,
        "tutela.inference.unit": "image",
        "tutela.decision.id": "d-17",
        "tutela.inference.input": "frame 9",
        "tutela.inference.output": '{"defect": 0.93}',
    }


def test_units_may_become_known_afterwards(spans):
    with tutela.inference("demand-forecast", unit="row") as prediction:
        prediction.units(1440)
    assert attributes(spans()["inference demand-forecast"])["tutela.inference.units"] == 1440


def test_a_human_review_is_a_span_of_its_own(spans):
    tutela.review("d-17", "overturned", "welding inspector")
    assert attributes(spans()["review"]) == {
        "tutela.kind": "review",
        "tutela.decision.id": "d-17",
        "tutela.review.outcome": "overturned",
        "tutela.review.reviewer_role": "welding inspector",
    }


def test_agent_search_and_tool_form_one_trace(spans):
    with tutela.agent("helper", conversation="c-1", input="?") as agent:
        with tutela.retrieval("contracts", query="notice", top_k=3) as search:
            search.documents(["ninety days", {"id": "x", "score": 0.5, "content": "sixty"}])
        with tutela.tool("calendar.add", arguments={"days": 90}, call_id="c1", type="function") as tool:
            tool.result({"ok": True})
        agent.output("Ninety days.")
    found = spans()
    root = found["invoke_agent helper"]
    assert root.parent_span_id == b""
    assert {span.parent_span_id for name, span in found.items() if span is not root} == {root.span_id}
    search = attributes(found["retrieval contracts"])
    assert search["gen_ai.data_source.id"] == "contracts"
    assert search["gen_ai.retrieval.query.text"] == "notice"
    assert json.loads(search["gen_ai.retrieval.documents"]) == [
        {"id": "0", "content": "ninety days"},
        {"id": "x", "score": 0.5, "content": "sixty"},
    ]
    tool = attributes(found["execute_tool calendar.add"])
    assert json.loads(tool["gen_ai.tool.call.arguments"]) == {"days": 90}
    assert json.loads(tool["gen_ai.tool.call.result"]) == {"ok": True}


def test_an_error_passes_through_and_is_on_the_span(spans):
    with pytest.raises(KeyError, match="gone"), tutela.tool("t"):
        raise KeyError("gone")
    span = spans()["execute_tool t"]
    assert attributes(span)["error.type"] == "KeyError"
    assert span.status.code == 2
    assert span.events[0].name == "exception"


def test_a_decorator_makes_one_span_per_call_and_keeps_the_name(spans, receiver):
    @tutela.inference("score", unit="row")
    def score(row: int) -> int:
        """Doc."""
        return row * 2

    assert [score(1), score(2)] == [2, 4]
    assert (score.__name__, score.__doc__) == ("score", "Doc.")
    spans()
    assert receiver.names() == ["inference score"] * 2


def test_a_decorated_coroutine_is_measured_until_it_ends(spans):
    @tutela.model_call("m")
    async def ask() -> str:
        await asyncio.sleep(0.05)
        assert trace.get_current_span().is_recording()
        return "a"

    async def both() -> None:
        async with tutela.agent("a"):
            assert await asyncio.gather(ask(), ask()) == ["a", "a"]

    asyncio.run(both())
    span = spans()["chat m"]
    assert span.end_time_unix_nano - span.start_time_unix_nano >= 45_000_000
    assert span.parent_span_id == spans()["invoke_agent a"].span_id


def test_a_decorated_stream_is_one_span_and_leaves_its_callers_context_alone(spans):
    @tutela.model_call("m")
    def stream():
        yield "a"
        yield "b"

    @tutela.model_call("n")
    async def stream_later():
        yield "a"
        yield "b"

    async def collect() -> list[str]:
        return [piece async for piece in stream_later() if not trace.get_current_span().is_recording()]

    steps = stream()
    next(steps)
    assert not trace.get_current_span().is_recording()
    assert list(steps) == ["b"]
    assert asyncio.run(collect()) == ["a", "b"]
    assert set(spans()) == {"chat m", "chat n"}


def test_a_stream_that_is_left_early_or_breaks_still_ends_its_span(spans):
    @tutela.tool("left")
    def left():
        yield 1
        yield 2

    @tutela.tool("broken")
    def broken():
        yield 1
        raise ValueError("no")

    steps = left()
    next(steps)
    steps.close()
    with pytest.raises(ValueError, match="no"):
        list(broken())
    found = spans()
    assert found["execute_tool left"].status.code == 0
    assert attributes(found["execute_tool broken"])["error.type"] == "ValueError"


def test_nothing_happens_before_register_even_beside_a_provider_of_the_host():
    theirs = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(theirs))
    trace.set_tracer_provider(provider)
    with tutela.agent("a") as agent, tutela.model_call("m", input="x") as call, tutela.tool("t") as tool:
        agent.output("x")
        call.usage(input_tokens=1)
        tool.result(1)
    tutela.review("d", "upheld", "clerk")
    assert theirs.get_finished_spans() == ()


_ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary() | st.just(object()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(thing=_ANYTHING)
def test_no_value_that_is_recorded_stops_its_host(handle, thing):
    with tutela.model_call("m", input=thing, system=thing, provider=thing, operation=thing) as call:
        call.output(thing)
        call.response(model=thing, id=thing, finish_reasons=thing)
        call.usage(input_tokens=thing)
    with tutela.retrieval(thing, query=thing) as search:
        search.documents(thing)
    with tutela.tool(thing, arguments=thing) as tool:
        tool.result(thing)
    with tutela.inference(thing, units=thing, unit=thing, decision_id=thing):
        pass
    tutela.review(thing, thing, thing)


def test_content_that_cannot_be_written_is_said_in_its_place(spans):
    circle: list = []
    circle.append(circle)

    class Rude:
        def __str__(self) -> str:
            raise RuntimeError

    with tutela.tool("circle", arguments=circle) as tool:
        tool.result([Rude()])
    with tutela.tool("half", arguments="a\ud800b") as tool:
        tool.result({"x": "a\ud800b"})
    found = attributes(spans()["execute_tool circle"])
    assert "not written: ValueError" in found["gen_ai.tool.call.arguments"]
    assert "not written: RuntimeError" in found["gen_ai.tool.call.result"]
    assert "a?b" in attributes(spans()["execute_tool half"])["gen_ai.tool.call.result"]
    assert attributes(spans()["execute_tool half"])["gen_ai.tool.call.arguments"] == "a?b"


def leak_in_every_way(secret: str) -> None:
    with tutela.model_call("m", provider="vllm", input=secret) as call:
        call.output(secret)
        call.usage(input_tokens=7)
        call.set("note", secret)
        call.span.add_event("gen_ai.content.prompt", {"gen_ai.prompt": secret, "count": 2})
        call.span.set_attribute("input.value", secret)
        call.span.set_attribute("words", [secret])
        raise ValueError(secret)


def test_with_capture_none_no_text_leaves_whoever_recorded_it(receiver):
    handle = tutela.register(endpoint=receiver.url, key=KEY, capture="none")
    secret = "diagnosis: asthma"
    with pytest.raises(ValueError, match="asthma"):
        leak_in_every_way(secret)
    with trace.get_tracer("other").start_as_current_span(
        "GET", kind=SpanKind.CLIENT, attributes={"url.full": secret}
    ):
        pass
    handle.force_flush(5)
    assert all(secret.encode() not in taken.request.SerializeToString() for taken in receiver.taken)
    found = attributes(receiver.spans[0])
    assert found == {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "vllm",
        "gen_ai.request.model": "m",
        "gen_ai.usage.input_tokens": 7,
        "error.type": "ValueError",
    }
    assert receiver.spans[0].dropped_attributes_count == 3
    assert receiver.spans[0].status.code == 2
    assert receiver.resources[0]["tutela.capture"] == "none"
