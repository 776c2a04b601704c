"""The mapping: precedence, kinds, providers, places."""

from __future__ import annotations

from typing import Any

import pytest

from telemetry.domain import Flag, ObservationPoint, SpanKind
from telemetry.normalise import is_ai, is_genai_event, normalise
from telemetry.normalise.spans import TABLE
from tests.telemetry.making import START_NS, a_span, an_event


@pytest.mark.parametrize(
    ("attributes", "kind"),
    [
        ({"tutela.kind": "review", "gen_ai.operation.name": "chat"}, SpanKind.REVIEW),
        ({"tutela.kind": "check", "gen_ai.operation.name": "execute_tool"}, SpanKind.OTHER),
        ({"langfuse.observation.type": "generation", "openinference.span.kind": "CHAIN"}, SpanKind.LLM),
        ({"openinference.span.kind": "TOOL", "gen_ai.operation.name": "chat"}, SpanKind.TOOL),
        ({"openinference.span.kind": "PROMPT"}, SpanKind.CHAIN),
        ({"openinference.span.kind": " Embedding "}, SpanKind.EMBEDDING),
        ({"openinference.span.kind": "NOVELTY", "gen_ai.operation.name": "chat"}, SpanKind.LLM),
        ({"gen_ai.operation.name": "generate_content"}, SpanKind.LLM),
        ({"gen_ai.operation.name": "retrieval"}, SpanKind.RETRIEVER),
        ({"gen_ai.operation.name": "update_memory"}, SpanKind.MEMORY),
        ({"gen_ai.operation.name": "plan"}, SpanKind.WORKFLOW),
        ({"traceloop.span.kind": "workflow"}, SpanKind.WORKFLOW),
        ({"llm.request.type": "rerank"}, SpanKind.RERANKER),
        ({"operation.name": "ai.embed.doEmbed my-function"}, SpanKind.EMBEDDING),
        ({"operation.name": "GET"}, SpanKind.OTHER),
        ({"mlflow.spanType": "CHAT_MODEL"}, SpanKind.LLM),
        ({"mcp.method.name": "tools/call"}, SpanKind.TOOL),
        ({"mcp.method.name": "tools/list"}, SpanKind.OTHER),
        ({"tool.name": "search"}, SpanKind.TOOL),
        ({"tutela.inference.units": 3}, SpanKind.INFERENCE),
        ({"gen_ai.retrieval.documents": [{"id": "d"}]}, SpanKind.RETRIEVER),
        ({"retrieval.documents.0.document.id": "d"}, SpanKind.RETRIEVER),
        ({"gen_ai.request.model": "gpt-4o"}, SpanKind.LLM),
        ({"llm.model_name": "gpt-4o"}, SpanKind.LLM),
        ({"http.request.method": "POST"}, SpanKind.HTTP),
        ({"input.value": "x"}, SpanKind.OTHER),
        ({}, SpanKind.OTHER),
    ],
)
def test_the_kind_is_said_by_the_first_that_knows(attributes: dict[str, Any], kind: SpanKind):
    assert normalise(a_span(attributes)).kind is kind


@pytest.mark.parametrize(
    ("attributes", "provider"),
    [
        ({"gen_ai.provider.name": "aws.bedrock"}, "aws"),
        ({"gen_ai.system": "OpenAI"}, "openai"),
        ({"gen_ai.system": "Langchain", "gen_ai.request.model": "gpt-4o"}, None),
        ({"gen_ai.provider.name": "langchain", "llm.system": "mistralai"}, "mistral"),
        ({"ai.model.provider": "openai.chat"}, "openai"),
        ({"ai.model.provider": "amazon-bedrock"}, "aws"),
        ({"ai.model.provider": "google.generative-ai"}, "google"),
        ({"ai.model.provider": "google.vertex.chat"}, "google"),
        ({"ai.model.provider": "azure-openai.chat"}, "azure"),
        ({"gen_ai.system": "az.ai.inference", "server.address": "models.example"}, "azure"),
        ({"gen_ai.system": "az.ai.inference", "server.address": "api.mistral.ai"}, "mistral"),
        ({"server.address": "eu.api.openai.com"}, "openai"),
        ({"server.address": "notopenai.com"}, None),
        ({"gen_ai.openai.api_base": "https://api.groq.com/openai/v1"}, "groq"),
        ({"gen_ai.request.model": "bedrock/anthropic.claude-3"}, "aws"),
        ({"gen_ai.provider.name": "Plant-7 vLLM"}, "plant-7 vllm"),
    ],
)
def test_the_provider_is_known_by_name_by_host_or_by_model(attributes: dict[str, Any], provider: str | None):
    assert normalise(a_span(attributes)).provider == provider


@pytest.mark.parametrize(
    ("otel_kind", "attributes", "point"),
    [
        (3, {}, ObservationPoint.CLIENT),
        (2, {}, ObservationPoint.SERVER),
        (1, {}, ObservationPoint.INTERNAL),
        (0, {}, ObservationPoint.UNKNOWN),
        (5, {}, ObservationPoint.UNKNOWN),
        (99, {}, ObservationPoint.UNKNOWN),
        (3, {"litellm.call_id": "x"}, ObservationPoint.GATEWAY),
    ],
)
def test_where_it_was_seen_from(otel_kind: int, attributes: dict[str, Any], point: ObservationPoint):
    assert normalise(a_span(attributes, otel_kind=otel_kind)).observation_point is point


@pytest.mark.parametrize(
    ("attributes", "address"),
    [
        ({"server.address": "api.openai.com", "server.port": 443}, "api.openai.com:443"),
        ({"server.address": "10.0.0.7"}, "10.0.0.7"),
        ({"url.full": "https://u:p@llm.example:8443/v1?k=secret"}, "llm.example:8443"),
        ({"gen_ai.openai.api_base": "http://[::1]:8000/v1"}, "::1:8000"),
        ({"url.full": "http://[broken"}, None),
        ({"url.full": "not a url"}, None),
        ({"url.full": "http://x:99999999/"}, None),
    ],
)
def test_the_endpoint_is_a_host_and_port_and_nothing_of_the_url_else(
    attributes: dict[str, Any], address: str | None
):
    assert normalise(a_span(attributes)).endpoint_address == address


def test_the_environment_may_stand_on_the_resource():
    span = a_span({"gen_ai.request.model": "m"}, resource={"deployment.environment": "production"})
    assert normalise(span).environment == "production"
    span.attributes["deployment.environment.name"] = "test"
    assert normalise(span).environment == "test"


def test_the_first_token_is_measured_from_the_start():
    event = an_event("First Token Stream Event", at=250_000_000)
    assert normalise(a_span({"llm.model_name": "m"}, events=[event])).ttft_ns == 250_000_000
    before = an_event("First Token Stream Event", at=-1)
    assert normalise(a_span({"llm.model_name": "m"}, events=[before])).ttft_ns is None
    said = {"langfuse.observation.completion_start_time": START_NS + 5}
    assert normalise(a_span(said)).ttft_ns == 5


def test_content_that_came_by_log_is_marked():
    log = an_event("gen_ai.user.message", body={"content": "Hello"})
    by_log = normalise(a_span({"gen_ai.request.model": "m"}), [log])
    assert by_log.input_messages[0].parts == [{"type": "text", "content": "Hello"}]
    assert Flag.CONTENT_BY_LOG in by_log.flags
    by_event = normalise(a_span({"gen_ai.request.model": "m"}, events=[log]))
    assert by_event.input_messages == by_log.input_messages
    assert Flag.CONTENT_BY_LOG not in by_event.flags


def test_standard_messages_win_over_framework_blobs():
    attributes = {
        "gen_ai.input.messages": '[{"role": "user", "parts": [{"type": "text", "content": "standard"}]}]',
        "input.value": "blob",
        "traceloop.entity.input": "blob",
        "gen_ai.operation.name": "chat",
    }
    assert normalise(a_span(attributes)).input_messages[0].parts[0]["content"] == "standard"


def test_a_dialect_that_nobody_maps_is_flagged():
    assert Flag.UNKNOWN_DIALECT in normalise(a_span({"pydantic_ai.run": "x"})).flags
    assert Flag.UNKNOWN_DIALECT not in normalise(a_span({"http.request.method": "GET"})).flags


@pytest.mark.parametrize(
    ("span", "ai"),
    [
        (a_span({"gen_ai.request.model": "m"}), True),
        (a_span({"gen_ai.brand_new": "m"}), True),
        (a_span({"ai.operationId": "ai.embed"}), True),
        (a_span({"llm.whatever": 1}), True),
        (a_span({"http.request.method": "GET", "user.id": "u", "input.value": "x"}), False),
        (a_span({"ai_generated": "x", "air.temperature": 3}), False),
        (a_span({}), False),
    ],
)
def test_ai_spans_are_told_from_the_rest_of_a_collector(span: Any, ai: bool):
    assert is_ai(span) is ai


def test_genai_log_records_are_known_by_name():
    assert is_genai_event("gen_ai.choice")
    assert not is_genai_event("device.app.lifecycle")


def test_every_field_of_the_mapping_is_read_somewhere():
    fields = {rule.field for entry in TABLE._known.values() for rule in entry.always}
    assert {"kind", "input_messages", "documents", "cost_reported", "user_id"} <= fields
    assert len(TABLE.mapped_attributes()) > 150


def test_names_that_senders_make_up_do_not_fill_the_memory():
    for number in range(60_000):
        TABLE.entry(f"made.up.{number}")
    assert len(TABLE._known) <= 50_001
    assert TABLE.entry("gen_ai.request.model").always
