"""Probes of one process among several on a port."""

from __future__ import annotations

import asyncio
import http.client

import pytest

from telemetry.receiver.probes import serve_probes
from tests.servers import free_port


async def ask(path: str, reason: str | None) -> tuple[int, bytes]:
    async def not_ready() -> str | None:
        return reason

    port = free_port()
    server = await serve_probes(port, not_ready)
    try:
        return await asyncio.to_thread(_get, port, path)
    finally:
        server.close()


def _get(port: int, path: str) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    connection.request("GET", path)
    answer = connection.getresponse()
    found = answer.status, answer.read()
    connection.close()
    return found


@pytest.mark.parametrize(
    ("path", "reason", "status", "said"),
    [
        ("/healthz", "no database", 200, b"ok"),
        ("/readyz", None, 200, b"ready"),
        ("/readyz", "no database", 503, b"no database"),
        ("/v1/traces", None, 404, b"unknown path"),
    ],
)
def test_a_process_answers_for_itself(path: str, reason: str | None, status: int, said: bytes) -> None:
    found, body = asyncio.run(ask(path, reason))
    assert found == status
    assert said in body
