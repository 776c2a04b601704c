"""The load generator of `ingest.py`: a process of its own, so that its work is not counted as the receiver's.

python ingest_load.py <port> <batch> <connections> <seconds> <token> <repeat texts: 0 or 1>
Bodies are serialised once; each sending gets new ids and new texts by joining bytes, and goes through a bare socket that
is kept open. Prints one line of JSON: spans acknowledged, seconds, latencies of acknowledgement in ms, statuses, own CPU.
"""

from __future__ import annotations

import json
import os
import random
import socket
import sys
import threading
import time
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

WORDS = ["system", "user", "answer", "policy", "invoice", "patient", "ticket", "order", "model", "value"]


def text(words: int) -> str:
    return " ".join(random.choice(WORDS) + str(random.randrange(1000)) for _ in range(words))


def put(attributes: Any, values: dict[str, Any]) -> None:
    for key, value in values.items():
        pair = attributes.add(key=key)
        if isinstance(value, int):
            pair.value.int_value = value
        else:
            pair.value.string_value = value


def request(batch: int, *, repeat_texts: bool) -> tuple[bytes, list[bytes]]:
    """A batch of chat spans, five to a trace, about 1.4 KB each, and the ids that each sending replaces.

    With `repeat_texts` every sending says the same again; else no message is ever said twice.
    """
    made = ExportTraceServiceRequest()
    block = made.resource_spans.add()
    put(
        block.resource.attributes, {"service.name": "bench-full", "deployment.environment.name": "production"}
    )
    scope = block.scope_spans.add()
    scope.scope.name = "bench"
    ids = []
    now = time.time_ns()
    trace_id = b""
    for number in range(batch):
        if number % 5 == 0:
            trace_id = os.urandom(16)
            ids.append(trace_id)
        span_id = os.urandom(8)
        ids.append(span_id)
        span = scope.spans.add(
            trace_id=trace_id, span_id=span_id, name="chat gpt-4o", kind=3,
            start_time_unix_nano=now - 2 * 10**9, end_time_unix_nano=now,
        )  # fmt: skip
        marks = [os.urandom(8).hex().encode() for _ in range(2)]
        ids += [] if repeat_texts else marks
        answer_id = os.urandom(8).hex()  # no provider names two answers alike
        ids.append(answer_id.encode())
        asked, answer = (
            f"{mark.decode()} {text(words)}" for mark, words in zip(marks, (40, 25), strict=True)
        )
        said = [{"role": "user", "parts": [{"type": "text", "content": asked}]}]
        answered = [{"role": "assistant", "parts": [{"type": "text", "content": answer}]}]
        put(
            span.attributes,
            {
                "gen_ai.operation.name": "chat", "gen_ai.provider.name": "openai", "gen_ai.request.model": "gpt-4o",
                "gen_ai.response.model": "gpt-4o-2024-08-06", "gen_ai.response.id": f"chatcmpl-{answer_id}",
                "gen_ai.usage.input_tokens": 900 + number, "gen_ai.usage.output_tokens": 120,
                "gen_ai.conversation.id": f"conv_{number % 50}", "server.address": "api.openai.com", "server.port": 443,
                "gen_ai.input.messages": json.dumps(said), "gen_ai.output.messages": json.dumps(answered),
            },
        )  # fmt: skip
    return made.SerializeToString(), ids


class Bodies:
    """Batches that differ in nothing but their ids: another batch each time, at little cost to the generator."""

    def __init__(self, batch: int, *, repeat_texts: bool = False) -> None:
        body, ids = request(batch, repeat_texts=repeat_texts)
        self._parts: list[bytes] = []  # what stands still, and between each two of them an id
        self._names: dict[bytes, int] = {}
        self._order: list[int] = []
        begin = 0
        for place, one in _places(body, ids):
            self._parts.append(body[begin:place])
            self._order.append(self._names.setdefault(one, len(self._names)))
            begin = place + len(one)
        self._parts.append(body[begin:])
        self._lengths = [len(one) for one in self._names]
        self.size = len(body)

    def fresh(self) -> bytes:
        """The batch under new ids; spans of one trace stay together. Marks in texts are hexadecimal, so everything is."""
        noise = os.urandom(8 * len(self._lengths)).hex().encode()
        ids = [noise[16 * n : 16 * n + length] for n, length in enumerate(self._lengths)]
        mixed: list[bytes] = [b""] * (2 * len(self._order) + 1)
        mixed[0::2] = self._parts
        mixed[1::2] = [ids[n] for n in self._order]
        return b"".join(mixed)


def _places(body: bytes, ids: list[bytes]) -> list[tuple[int, bytes]]:
    found = []
    for one in ids:
        place = body.find(one)
        while place >= 0:
            found.append((place, one))
            place = body.find(one, place + 1)
    return sorted(found)


class Sender(threading.Thread):
    """One connection that sends batch after batch."""

    def __init__(self, port: int, bodies: Bodies, batch: int, token: str) -> None:
        super().__init__()
        self.port, self.bodies, self.batch, self.until = port, bodies, batch, 0.0
        self.head = (
            f"POST /v1/traces HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer {token}\r\n"
            f"content-type: application/x-protobuf\r\ncontent-length: {bodies.size}\r\n\r\n"
        ).encode()
        self.spans = 0
        self.took: list[float] = []
        self.statuses: dict[int, int] = {}

    def run(self) -> None:
        with socket.create_connection(("127.0.0.1", self.port), timeout=60) as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            while time.monotonic() < self.until:
                request_bytes = self.head + self.bodies.fresh()
                begun = time.perf_counter()
                connection.sendall(request_bytes)
                status = _status(connection)
                self.took.append(time.perf_counter() - begun)
                self.statuses[status] = self.statuses.get(status, 0) + 1
                if status == 200:
                    self.spans += self.batch
                else:
                    time.sleep(0.2)


def _status(connection: socket.socket) -> int:
    """The status of one answer, its body read to the end."""
    data = b""
    while b"\r\n\r\n" not in data:
        data += _some(connection)
    head, _, body = data.partition(b"\r\n\r\n")
    length = head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]
    while len(body) < int(length or 0):
        body += _some(connection)
    return int(head[9:12])


def _some(connection: socket.socket) -> bytes:
    data = connection.recv(65536)
    if not data:
        raise ConnectionError("the receiver closed the connection")
    return data


def main() -> None:
    port, batch, connections, seconds, token, repeat = sys.argv[1:7]
    bodies = Bodies(int(batch), repeat_texts=repeat == "1")
    senders = [Sender(int(port), bodies, int(batch), token) for _ in range(int(connections))]
    cpu, begun = time.process_time(), time.monotonic()
    for sender in senders:
        sender.until = begun + float(seconds)
        sender.start()
    for sender in senders:
        sender.join()
    took = sorted(value for sender in senders for value in sender.took)
    statuses: dict[int, int] = {}
    for sender in senders:
        for status, count in sender.statuses.items():
            statuses[status] = statuses.get(status, 0) + count
    print(
        json.dumps(
            {
                "spans": sum(sender.spans for sender in senders),
                "seconds": time.monotonic() - begun,
                "p50_ms": 1000 * took[len(took) // 2],
                "p99_ms": 1000 * took[int(len(took) * 0.99)],
                "statuses": statuses,
                "cpu_s": time.process_time() - cpu,
                "bytes_per_span": bodies.size // int(batch),
            }
        )
    )


if __name__ == "__main__":
    main()
