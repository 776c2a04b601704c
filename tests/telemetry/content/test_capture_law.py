"""The law of capture: what may not be kept is nowhere in what is written, in no spelling."""

from __future__ import annotations

import base64
import json
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kernel.contracts.ingest import CaptureMode
from telemetry.content import capture, open_message
from telemetry.domain import DecodedEvent, MessageState, RecordedSpan, SpanStatus
from telemetry.normalise import normalise
from telemetry.normalise.found import CONTENT_FIELDS
from telemetry.normalise.spans import TABLE
from tests.telemetry.making import START_NS, DerivedKeys, a_sender, a_span

CONTENT = CONTENT_FIELDS | {"query_text", "tool_arguments", "tool_result", "output_tool_calls", "user_id"}
"""Fields of the mapping that hold what people or models said, or who they are."""


def content_keys() -> list[str]:
    """Every attribute that some content field reads whole."""
    keys = []
    for key, sources in TABLE._attributes.items():
        rules = [*sources.always, *(rule for rules in (sources.by_kind or {}).values() for rule in rules)]
        if any(rule.field in CONTENT and rule.path is None for rule in rules):
            keys.append(key)
    return sorted(keys)


FLATTENED = [
    "llm.input_messages.0.message.content",
    "llm.input_messages.1.message.contents.0.message_content.text",
    "llm.output_messages.0.message.tool_calls.0.tool_call.function.arguments",
    "llm.prompts.0.prompt.text",
    "llm.choices.0.completion.text",
    "gen_ai.prompt.0.content",
    "gen_ai.prompt.0.role",
    "gen_ai.completion.0.content",
    "gen_ai.completion.0.tool_calls.0.arguments",
    "embedding.embeddings.0.embedding.text",
    "retrieval.documents.0.document.content",
    "retrieval.documents.0.document.id",
    "retrieval.documents.0.document.metadata",
    "reranker.output_documents.0.document.content",
    "llm.tools.0.tool.json_schema",
    "llm.request.functions.0.description",
]
UNKNOWN = ["app.note", "metadata", "gen_ai.something.new", "llm.prompt_template.variables", "db.statement", "exception.message",
           "gen_ai.headers", "http.request.header.authorization", "tool.description", "gen_ai.tool.definitions", "log.body",
           "url.query", "__proto__", "process.command_line"]  # fmt: skip
URLS = ["url.full", "http.url", "gen_ai.openai.api_base"]
EVENTS = [
    "exception",
    "gen_ai.user.message",
    "gen_ai.choice",
    "gen_ai.client.inference.operation.details",
    "note",
]

canaries = st.integers(16**15, 16**16 - 1).map("canary{:x}".format)


def spoken(canary: str, shape: int) -> Any:
    """The canary, said in one of the shapes that senders use."""
    message = {"role": "user", "parts": [{"type": "text", "content": f"I am {canary}."}]}
    shapes = [
        f"I am {canary}.",
        canary,
        json.dumps([message]),
        [message],
        {"messages": [{"role": canary, "content": canary}]},
        json.dumps({"question": canary, canary: "a name that is a secret"}),
        [canary, {"content": [{"type": "image_url", "image_url": {"url": f"https://x.example/{canary}"}}]}],
        {"documents": [{"page_content": canary, "metadata": {"source": canary}}]},
        canary.encode(),
        {
            "id": canary,
            "service_tier": canary,
            "kwargs": {"tool_call_id": canary},
            "data": {"tool_call_id": canary},
        },
        json.dumps({"id": canary, "service_tier": canary, "model": canary, "query": canary, "total": canary}),
    ]
    return shapes[shape % len(shapes)]


shapes = st.integers(0, 10)
keys = st.one_of(
    st.sampled_from(content_keys()),
    st.sampled_from(FLATTENED),
    st.sampled_from(UNKNOWN),
    st.text(st.characters(categories=["L"]), min_size=1, max_size=8),
)
kinds = st.sampled_from(
    [
        "chat",
        "embeddings",
        "retrieval",
        "execute_tool",
        "invoke_agent",
        "invoke_workflow",
        "execute_task",
        "plan",
    ]
)


def spelt(canary: str) -> list[str]:
    """How the canary might hide."""
    plain = canary.encode()
    return [canary, plain.hex(), base64.b64encode(plain).decode().rstrip("=")[:-1], canary[::-1]]


def written(recorded: RecordedSpan) -> str:
    """Everything that would reach the store, as text."""
    columns = {
        name: value.hex() if isinstance(value, bytes) else value for name, value in recorded.columns.items()
    }
    rows = [(row.role, row.state, row.body.hex(), row.body.decode("latin-1")) for row in recorded.messages]
    return json.dumps(columns, ensure_ascii=False) + repr(columns) + repr(rows)


def captured(
    canary: str, said: dict[str, Any], *, operation: str, mode: CaptureMode, logged: bool
) -> RecordedSpan:
    attributes = said | {"gen_ai.operation.name": operation, "gen_ai.request.model": "gpt-4o"}
    attributes |= dict.fromkeys(URLS, f"https://{canary}:{canary}@llm.example/{canary}?q={canary}#{canary}")
    events = [
        DecodedEvent(
            name,
            START_NS + 1,
            {"exception.message": canary, "gen_ai.input.messages": canary, "x": canary},
            {"content": canary},
        )
        for name in EVENTS
    ]
    span = a_span(
        attributes,
        name=f"I am {canary} and so is my wife",
        status=SpanStatus.ERROR,
        status_message=f"failed on {canary}",
        events=[] if logged else events,
        resource={"host.name": canary, "process.command_line": canary, "service.name": "shop"},
    )
    normalised = normalise(span, events if logged else ())
    return capture(normalised, sender=a_sender(mode), keys=DerivedKeys(), received_ns=START_NS)


law = settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
said_somewhere = st.dictionaries(keys, shapes, min_size=1, max_size=12)


@law
@given(
    canaries, said_somewhere, kinds, st.sampled_from([CaptureMode.NONE, CaptureMode.HASHED]), st.booleans()
)
def test_none_and_hashed_write_no_word_of_what_was_said(
    canary: str, said: dict[str, int], operation: str, mode: CaptureMode, logged: bool
):
    told = {key: spoken(canary, shape) for key, shape in said.items()}
    recorded = captured(canary, told, operation=operation, mode=mode, logged=logged)
    assert recorded.messages == []
    text = written(recorded)
    assert not [spelling for spelling in spelt(canary) if spelling in text]


@law
@given(canaries, said_somewhere, kinds, st.booleans())
def test_redact_writes_nothing_in_the_clear(canary: str, said: dict[str, int], operation: str, logged: bool):
    told = {key: spoken(canary, shape) for key, shape in said.items()}
    recorded = captured(canary, told, operation=operation, mode=CaptureMode.REDACT, logged=logged)
    assert {row.state for row in recorded.messages} == {MessageState.WAITING}
    text = written(recorded)
    assert not [spelling for spelling in spelt(canary) if spelling in text]
    opened = [open_message(row, keys=DerivedKeys()) for row in recorded.messages]
    assert any(canary in repr(message.parts) for message in opened)


def test_every_content_attribute_is_held_back_by_itself():
    """The same law, name by name and shape by shape, so that no generator has to be lucky."""
    canary = "canary0123456789abcdef"
    for key in (*content_keys(), *FLATTENED, *UNKNOWN):
        for shape in range(11):
            for operation in ("chat", "retrieval", "execute_tool", "invoke_agent"):
                attributes = {key: spoken(canary, shape), "gen_ai.operation.name": operation}
                for mode in (CaptureMode.HASHED, CaptureMode.REDACT):
                    recorded = capture(
                        normalise(a_span(attributes)),
                        sender=a_sender(mode),
                        keys=DerivedKeys(),
                        received_ns=1,
                    )
                    assert canary not in written(recorded), (key, shape, operation, mode)
