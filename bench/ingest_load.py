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


class Sender(threading.Thread):
    def __init__(self, port: int, batch: int, token: str, until: float) -> None:
        super().__init__()
        self.port, self.batch, self.until = port, batch, until
        self.headers = {"authorization": f"Bearer {token}", "content-type": "application/x-protobuf"}
        self.body, ids = request(batch)
        self.places = [self.body.index(one) for one in ids]
        self.lengths = [len(one) for one in ids]
        self.spans, self.took, self.statuses = 0, [], {}

    def fresh(self) -> bytes:
        """The batch under new ids: another batch, at little cost to the generator."""
        body = bytearray(self.body)
        noise = os.urandom(16 * len(self.places))
        for number, (place, length) in enumerate(zip(self.places, self.lengths, strict=True)):
            if length == 8:
                body[place : place + 8] = noise[16 * number : 16 * number + 8]
        return bytes(body)

    def run(self) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        while time.monotonic() < self.until:
            body = self.fresh()
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
                "bytes_per_span": len(senders[0].body) // int(batch),
            }
        )
    )


if __name__ == "__main__":
    main()
