"""Questions to the server about what it received, with the key that sent it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import requests

from tutela import _problems
from tutela._problems import Problem
from tutela._settings import Settings
from tutela._transport import USER_AGENT, problem_of, said_by, session

_FIRST_LOOK = 0.1  # seconds until the second question; doubles
_LONGEST_LOOK = 1.0


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back: a JSON object, or a problem. `middle` is this machine's time half-way through the request."""

    status: int
    body: dict[str, Any]
    problem: Problem | None
    middle: float


class Server:
    """The server that takes the spans, asked over HTTP."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._session = session(settings)
        self._headers = {**dict(settings.headers), "user-agent": USER_AGENT, "accept": "application/json"}

    def whoami(self) -> Reply:
        """Which key this is, and what time it is there."""
        return self._get("/v1/whoami")

    def span(self, trace_id: str, span_id: str, *, patience: float) -> Reply:
        """What became of a span; asks again until it is there or `patience` seconds have passed."""
        ends, pause = time.monotonic() + patience, _FIRST_LOOK
        while True:
            reply = self._get(f"/v1/spans/{trace_id}/{span_id}")
            if reply.status != requests.codes.not_found or time.monotonic() + pause > ends:
                return reply
            time.sleep(pause)
            pause = min(pause * 2, _LONGEST_LOOK)

    def _get(self, path: str) -> Reply:
        url = self._settings.base + path
        began = time.time()
        try:
            response = self._session.get(
                url, headers=self._headers, timeout=self._settings.timeout, allow_redirects=False
            )
        except (OSError, ValueError) as error:
            problem = problem_of(error, url=url, timeout=self._settings.timeout)
            return Reply(0, {}, problem, began)
        middle = (began + time.time()) / 2
        return _read(response, url, middle)


def _read(response: requests.Response, url: str, middle: float) -> Reply:
    status = response.status_code
    try:
        body = response.json()
    except ValueError:
        body = None
    if not isinstance(body, dict):
        body = {}
    if status == requests.codes.ok and body:
        return Reply(status, body, None, middle)
    problem = _problems.of_page(url) if status == requests.codes.ok else None
    return Reply(
        status, body, problem or _problems.of_status(status, url=url, said=said_by(response)), middle
    )


def seconds_of(time_text: object) -> float | None:
    """Epoch seconds of a time as the server writes it: ISO 8601, or None when it is none."""
    try:
        moment = datetime.fromisoformat(str(time_text))
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
