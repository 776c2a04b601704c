"""Captures the golden corpus: real instrumentation packages, asked real questions, against a model server of ours.

    python tests/golden/capture.py tests/golden/cases                      # in an environment of requirements.txt
    python tests/golden/capture.py tests/golden/cases openllmetry_2025     # in one of requirements-2025.txt

One process per flavour, because instrumentations patch the same functions.
Spans and log records are written as OTLP JSON: hex ids, one file per case, with the versions that made them.
"""

from __future__ import annotations

import base64
import importlib.metadata
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from model_server import serving

PORT = 18_431
FLAVOURS = ("openinference", "openllmetry", "openllmetry_events", "otel", "otel_latest")
SWITCHES = {"OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT": "true", "TRACELOOP_TRACE_CONTENT": "true"}
SETTINGS = {
    "otel": {"OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT": "NO_CONTENT"},
    "otel_latest": {
        "OTEL_SEMCONV_STABILITY_OPT_IN": "gen_ai_latest_experimental",
        "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT": "SPAN_AND_EVENT",
    },
}
ID_FIELDS = frozenset({"traceId", "spanId", "parentSpanId"})
SOURCE_PATH = re.compile(r'File \\"[^"]*?((?:site-packages/|lib/python[0-9.]+/)?[^"/]+/[^"/]+\.py)(?=\\")')
"""Where this machine keeps its packages is nobody's business: tracebacks keep the last two parts of each path."""
QUESTION = "What is the capital of France?"
SYSTEM = "You answer in one sentence."
TOOLS: list[Any] = [
    {
        "type": "function",
        "function": {
            "name": "get_weather",
            "description": "Today's weather in a city",
            "parameters": {
                "type": "object",
                "properties": {"city": {"type": "string"}},
                "required": ["city"],
            },
        },
    }
]


def instrument(flavour: str, providers: dict[str, Any]) -> None:
    """Switch on the instrumentations of a flavour."""
    if flavour.startswith("otel"):
        from opentelemetry.instrumentation.openai_v2 import OpenAIInstrumentor as OfficialInstrumentor

        OfficialInstrumentor().instrument(**providers)
        return
    if flavour == "openinference":
        from openinference.instrumentation.anthropic import AnthropicInstrumentor
        from openinference.instrumentation.langchain import LangChainInstrumentor
        from openinference.instrumentation.openai import OpenAIInstrumentor

        AnthropicInstrumentor().instrument(**providers)
        OpenAIInstrumentor().instrument(**providers)
        LangChainInstrumentor().instrument(**providers)
        return
    from opentelemetry.instrumentation.langchain import LangchainInstrumentor
    from opentelemetry.instrumentation.openai import OpenAIInstrumentor as TraceloopInstrumentor

    attributes = {} if flavour == "openllmetry_2025" else {"use_attributes": flavour == "openllmetry"}
    if flavour != "openllmetry_2025":
        from opentelemetry.instrumentation.anthropic import (
            AnthropicInstrumentor as TraceloopAnthropicInstrumentor,
        )

        TraceloopAnthropicInstrumentor(**attributes).instrument(**providers)
    TraceloopInstrumentor(**attributes).instrument(**providers)
    LangchainInstrumentor(**attributes).instrument(**providers)


def openai_chat(client: Any) -> None:
    """One question, one answer, with everything an OpenAI usage may say."""
    messages = [{"role": "system", "content": SYSTEM}, {"role": "user", "content": QUESTION}]
    client.chat.completions.create(model="gpt-4o", messages=messages, temperature=0.2, user="user-1")


def openai_stream(client: Any) -> None:
    """The same in pieces."""
    messages = [{"role": "user", "content": QUESTION}]
    options = {"include_usage": True}
    for _ in client.chat.completions.create(
        model="gpt-4o", messages=messages, stream=True, stream_options=options
    ):
        pass


def openai_tools(client: Any) -> None:
    """A tool is asked for, and its answer is given back."""
    from model_server import TOOL_CALL

    messages: list[dict[str, Any]] = [{"role": "user", "content": "How is the weather in Lyon?"}]
    client.chat.completions.create(model="gpt-4o", messages=messages, tools=TOOLS)
    messages.append({"role": "assistant", "content": None, "tool_calls": [TOOL_CALL]})
    messages.append({"role": "tool", "tool_call_id": TOOL_CALL["id"], "content": "22 degrees, sunny"})
    client.chat.completions.create(model="gpt-4o", messages=messages, tools=TOOLS)


def openai_image(client: Any) -> None:
    """A question in several parts, one of them an image by address."""
    image = {"type": "image_url", "image_url": {"url": "https://images.example/weld.png"}}
    content = [{"type": "text", "text": "Is this weld sound?"}, image]
    client.chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": content}])


def openai_embedding(client: Any) -> None:
    """Two texts to vectors."""
    client.embeddings.create(
        model="text-embedding-3-small", input=["first passage", "second passage"], encoding_format="float"
    )


def openai_error(client: Any) -> None:
    """The server refuses."""
    import openai

    try:
        client.chat.completions.create(model="refused", messages=[{"role": "user", "content": QUESTION}])
    except openai.RateLimitError:
        return
    raise AssertionError("the model server should have refused")


def openai_responses(client: Any) -> None:
    """The Responses API."""
    client.responses.create(model="gpt-4o", instructions=SYSTEM, input=QUESTION)


def anthropic_chat(base_url: str) -> None:
    """One question to Anthropic, with most of the prompt from the cache."""
    import anthropic

    client = anthropic.Anthropic(base_url=base_url.removesuffix("/v1"), api_key="none", max_retries=0)
    messages: list[Any] = [{"role": "user", "content": QUESTION}]
    client.messages.create(model="claude-sonnet-4-5", max_tokens=200, system=SYSTEM, messages=messages)


def langchain_chain(base_url: str) -> None:
    """A prompt, a model, a parser."""
    from langchain_core.output_parsers import StrOutputParser
    from langchain_core.prompts import ChatPromptTemplate

    prompt = ChatPromptTemplate.from_messages([("system", SYSTEM), ("human", "{question}")])
    chain = prompt | _langchain_model(base_url) | StrOutputParser()
    chain.invoke({"question": QUESTION}, config={"metadata": {"session_id": "session-7"}})


def langchain_tools(base_url: str) -> None:
    """A model asks for a tool, and LangChain runs it."""
    from langchain_core.tools import tool

    @tool
    def get_weather(city: str) -> str:
        """Today's weather in a city."""
        return f"22 degrees in {city}"

    model = _langchain_model(base_url).bind_tools([get_weather])
    answer = model.invoke("How is the weather in Lyon?")
    get_weather.invoke(answer.tool_calls[0])


def langchain_retrieval(base_url: str) -> None:
    """Documents are fetched and given to the model."""
    from langchain_core.documents import Document
    from langchain_core.retrievers import BaseRetriever

    class Shelf(BaseRetriever):
        def _get_relevant_documents(self, query: str, *, run_manager: Any) -> list[Document]:
            del query, run_manager
            return [
                Document(
                    page_content="Paris has been the capital of France since 987.",
                    metadata={"source": "atlas.pdf"},
                ),
                Document(
                    page_content="Lyon is a city on the Rhône.", metadata={"source": "cities.pdf", "page": 4}
                ),
            ]

    documents = Shelf().invoke(QUESTION)
    context = "\n".join(document.page_content for document in documents)
    _langchain_model(base_url).invoke(f"{context}\n\n{QUESTION}")


def _langchain_model(base_url: str) -> Any:
    from langchain_openai import ChatOpenAI

    return ChatOpenAI(model="gpt-4o", base_url=base_url, api_key="none", max_retries=0, temperature=0.2)


OPENAI: tuple[Callable[[Any], None], ...] = (
    openai_chat, openai_stream, openai_tools, openai_image, openai_embedding, openai_error, openai_responses,
)  # fmt: skip
OTHERS: tuple[Callable[[str], None], ...] = (
    anthropic_chat,
    langchain_chain,
    langchain_tools,
    langchain_retrieval,
)


def capture(flavour: str, folder: Path) -> None:
    """Run every case of one flavour in this process and write its file."""
    import openai
    from opentelemetry.sdk._logs import LoggerProvider
    from opentelemetry.sdk._logs.export import InMemoryLogRecordExporter, SimpleLogRecordProcessor
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

    resource = Resource({"service.name": "golden", "deployment.environment.name": "test"})
    spans, logs = InMemorySpanExporter(), InMemoryLogRecordExporter()
    tracer_provider = TracerProvider(resource=resource)
    tracer_provider.add_span_processor(SimpleSpanProcessor(spans))
    logger_provider = LoggerProvider(resource=resource)
    logger_provider.add_log_record_processor(SimpleLogRecordProcessor(logs))
    instrument(flavour, {"tracer_provider": tracer_provider, "logger_provider": logger_provider})
    cases = OPENAI if flavour.startswith("otel") else OPENAI + OTHERS
    with serving(PORT) as base_url:
        client = openai.OpenAI(base_url=base_url, api_key="none", max_retries=0)
        for case in cases:
            if case is anthropic_chat and flavour == "openllmetry_2025":
                continue  # nothing of that age knows it
            spans.clear()
            logs.clear()
            case(base_url if case in OTHERS else client)
            if not spans.get_finished_spans():
                continue  # this flavour does not know the call
            write(folder / f"{flavour}.{case.__name__}.json", spans=spans, logs=logs)


def write(path: Path, *, spans: Any, logs: Any) -> None:
    """One case: the packages that made it, its spans and its log records, as OTLP JSON."""
    from google.protobuf.json_format import MessageToDict
    from opentelemetry.exporter.otlp.proto.common._log_encoder import encode_logs
    from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans

    case = {
        "captured_with": versions(),
        "traces": hex_ids(MessageToDict(encode_spans(spans.get_finished_spans()))),
        "logs": hex_ids(MessageToDict(encode_logs(logs.get_finished_logs()))),
    }
    text = json.dumps(case, indent=1, ensure_ascii=False)
    short = SOURCE_PATH.sub(lambda found: f'File \\"{found[1]}', text)
    path.write_text(short + "\n", encoding="utf-8")


def versions() -> dict[str, str]:
    """The packages that had a hand in it."""
    families = ("anthropic", "langchain", "openai", "openinference", "opentelemetry")
    installed = {
        found.metadata["Name"].lower(): found.version for found in importlib.metadata.distributions()
    }
    return {name: installed[name] for name in sorted(installed) if name.startswith(families)}


def hex_ids(value: Any) -> Any:
    """OTLP JSON writes ids in hex, where protobuf's own JSON writes base64."""
    if isinstance(value, list):
        return [hex_ids(inner) for inner in value]
    if not isinstance(value, dict):
        return value
    return {
        key: base64.b64decode(inner).hex() if key in ID_FIELDS else hex_ids(inner)
        for key, inner in value.items()
    }


def main() -> None:
    """Capture the named flavours, or all of today's, each in a process of its own."""
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    if os.environ.get("GOLDEN_FLAVOUR"):
        capture(os.environ["GOLDEN_FLAVOUR"], folder)
        return
    for flavour in sys.argv[2:] or FLAVOURS:
        environment = os.environ | SWITCHES | SETTINGS.get(flavour, {}) | {"GOLDEN_FLAVOUR": flavour}
        subprocess.run([sys.executable, __file__, str(folder)], check=True, env=environment)


if __name__ == "__main__":
    main()
