"""The load generator of `ingest.py`: a process of its own, so that its work is not counted as the receiver's.

python ingest_load.py <port> <batch> <connections> <seconds> <token> [base|grpc]
Prints one line of JSON: spans acknowledged, seconds, latencies of acknowledgement in ms, statuses, own CPU seconds.
"""

from __future__ import annotations

import http.client
import json
import os
import random
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


def request(batch: int) -> tuple[bytes, list[bytes]]:
    """A batch of chat spans, five to a trace, about 1.4 KB each, and the ids that each sending replaces."""
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
        said = [{"role": "user", "parts": [{"type": "text", "content": text(40)}]}]
        answered = [{"role": "assistant", "parts": [{"type": "text", "content": text(25)}]}]
        put(
            span.attributes,
            {
                "gen_ai.operation.name": "chat", "gen_ai.provider.name": "openai", "gen_ai.request.model": "gpt-4o",
                "gen_ai.response.model": "gpt-4o-2024-08-06", "gen_ai.response.id": f"chatcmpl-{os.urandom(9).hex()}",
                "gen_ai.usage.input_tokens": 900 + number, "gen_ai.usage.output_tokens": 120,
                "gen_ai.conversation.id": f"conv_{number % 50}", "server.address": "api.openai.com", "server.port": 443,
                "gen_ai.input.messages": json.dumps(said), "gen_ai.output.messages": json.dumps(answered),
            },
        )  # fmt: skip
    return made.SerializeToString(), ids


class Bodies:
    """Batches that differ in nothing but their ids: another batch each time, at little cost to the generator."""

    def __init__(self, batch: int) -> None:
        body, ids = request(batch)
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
        """The batch under new ids; spans of one trace stay together."""
        noise = os.urandom(16 * len(self._lengths))
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
    def __init__(self, port: int, batch: int, token: str, until: float) -> None:
        super().__init__()
        self.port, self.batch, self.until = port, batch, until
        self.headers = {"authorization": f"Bearer {token}", "content-type": "application/x-protobuf"}
        self.bodies = Bodies(batch)
        self.spans, self.took, self.statuses = 0, [], {}

    def run(self) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        while time.monotonic() < self.until:
            body = self.bodies.fresh()
            begun = time.perf_counter()
            connection.request("POST", "/v1/traces", body=body, headers=self.headers)
            answer = connection.getresponse()
            answer.read()
            self.took.append(time.perf_counter() - begun)
            self.statuses[answer.status] = self.statuses.get(answer.status, 0) + 1
            if answer.status == 200:
                self.spans += self.batch
            else:
                time.sleep(0.2)
        connection.close()


def main() -> None:
    port, batch, connections, seconds, token = sys.argv[1:6]
    begun = time.monotonic()
    senders = [Sender(int(port), int(batch), token, begun + float(seconds)) for _ in range(int(connections))]
    begun = time.monotonic()
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
                "cpu_s": time.process_time(),
                "bytes_per_span": senders[0].bodies.size // int(batch),
            }
        )
    )


if __name__ == "__main__":
    main()
