"""A model server that is none: it answers as the OpenAI and Anthropic APIs do, from a script, on a port of the loopback."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

USAGE = {
    "prompt_tokens": 1200,
    "completion_tokens": 90,
    "total_tokens": 1290,
    "prompt_tokens_details": {"cached_tokens": 1024, "audio_tokens": 0},
    "completion_tokens_details": {"reasoning_tokens": 64, "audio_tokens": 0},
}

ANSWER = "Paris is the capital of France."

TOOL_CALL = {
    "id": "call_weather_1",
    "type": "function",
    "function": {"name": "get_weather", "arguments": '{"city": "Lyon"}'},
}

HEAD = {
    "id": "chatcmpl-golden-1",
    "created": 1_760_000_000,
    "model": "gpt-4o-2024-08-06",
    "service_tier": "default",
    "system_fingerprint": "fp_golden",
}


def chat(request: dict[str, Any]) -> dict[str, Any]:
    """The answer to /chat/completions: a tool call where tools are offered and none has answered yet."""
    asks_tool = bool(request.get("tools")) and request["messages"][-1]["role"] != "tool"
    message: dict[str, Any] = {"role": "assistant", "content": ANSWER, "refusal": None}
    if asks_tool:
        message |= {"content": None, "tool_calls": [TOOL_CALL]}
    choice = {
        "index": 0,
        "message": message,
        "finish_reason": "tool_calls" if asks_tool else "stop",
        "logprobs": None,
    }
    return HEAD | {"object": "chat.completion", "choices": [choice], "usage": USAGE}


def chunks(request: dict[str, Any]) -> list[dict[str, Any]]:
    """The same answer in pieces, usage in the last one when it was asked for."""
    pieces: list[dict[str, Any]] = [{"role": "assistant", "content": ""}]
    pieces += [{"content": word} for word in ("Paris is the capital", " of France.")]
    deltas = [_chunk([{"index": 0, "delta": piece, "finish_reason": None}]) for piece in pieces]
    deltas.append(_chunk([{"index": 0, "delta": {}, "finish_reason": "stop"}]))
    if request.get("stream_options", {}).get("include_usage"):
        deltas.append(_chunk([]) | {"usage": USAGE})
    return deltas


def _chunk(choices: list[dict[str, Any]]) -> dict[str, Any]:
    return HEAD | {"object": "chat.completion.chunk", "choices": choices, "usage": None}


def embeddings(request: dict[str, Any]) -> dict[str, Any]:
    """The answer to /embeddings."""
    inputs = request["input"] if isinstance(request["input"], list) else [request["input"]]
    data = [
        {"object": "embedding", "index": index, "embedding": [0.25, -0.5]} for index, _ in enumerate(inputs)
    ]
    usage = {"prompt_tokens": 8, "total_tokens": 8}
    return {"object": "list", "data": data, "model": "text-embedding-3-small", "usage": usage}


def responses(_request: dict[str, Any]) -> dict[str, Any]:
    """The answer to /responses."""
    text = {"type": "output_text", "text": ANSWER, "annotations": []}
    message = {
        "type": "message",
        "id": "msg_golden_1",
        "status": "completed",
        "role": "assistant",
        "content": [text],
    }
    return {
        "id": "resp_golden_1",
        "object": "response",
        "created_at": 1_760_000_000,
        "status": "completed",
        "model": "gpt-4o-2024-08-06",
        "output": [message],
        "parallel_tool_calls": True,
        "tool_choice": "auto",
        "tools": [],
        "service_tier": "default",
        "usage": {
            "input_tokens": 1200,
            "input_tokens_details": {"cached_tokens": 1024},
            "output_tokens": 90,
            "output_tokens_details": {"reasoning_tokens": 64},
            "total_tokens": 1290,
        },
    }


def anthropic_messages(_request: dict[str, Any]) -> dict[str, Any]:
    """The answer to Anthropic's /messages, which counts cached tokens beside the input."""
    return {
        "id": "msg_golden_1",
        "type": "message",
        "role": "assistant",
        "model": "claude-sonnet-4-5-20250929",
        "content": [{"type": "text", "text": ANSWER}],
        "stop_reason": "end_turn",
        "stop_sequence": None,
        "usage": {
            "input_tokens": 176,
            "cache_read_input_tokens": 1000,
            "cache_creation_input_tokens": 24,
            "output_tokens": 90,
        },
    }


REFUSAL = {
    "error": {
        "message": "Rate limit reached for gpt-4o: you said 'capital of France' too often",
        "type": "rate_limit",
        "code": "rate_limit_exceeded",
    }
}

ROUTES = {
    "/v1/chat/completions": chat,
    "/v1/embeddings": embeddings,
    "/v1/responses": responses,
    "/v1/messages": anthropic_messages,
}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if request.get("model") == "refused":
            self._answer(429, json.dumps(REFUSAL).encode(), "application/json")
        elif request.get("stream"):
            lines = [f"data: {json.dumps(chunk)}\n\n" for chunk in chunks(request)]
            self._answer(200, ("".join(lines) + "data: [DONE]\n\n").encode(), "text/event-stream")
        else:
            self._answer(200, json.dumps(ROUTES[self.path](request)).encode(), "application/json")

    def _answer(self, status: int, body: bytes, content_type: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args: object) -> None:
        """Say nothing."""


@contextmanager
def serving(port: int) -> Iterator[str]:
    """The base URL of a running server."""
    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1"
    finally:
        server.shutdown()
        server.server_close()
