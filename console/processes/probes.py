"""`/healthz` and `/readyz` for processes that serve nothing else, on a loopback port."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Readiness = Callable[[], str | None]


def serve(port: int, *, not_ready: Readiness) -> ThreadingHTTPServer:
    """Answer probes in a thread. `not_ready` says in words why work cannot be taken on now, or None when it can.

    `/healthz`: 200, the process runs. `/readyz`: 200, or 503 with the reason. Raises OSError for a taken port.
    """

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/healthz":
                self._answer(200, {"status": "ok"})
            elif self.path == "/readyz":
                reason = not_ready()
                self._answer(
                    *((503, {"status": "not ready", "reason": reason}) if reason else (200, {"status": "ok"}))
                )
            else:
                self._answer(404, {"status": "unknown path"})

        def _answer(self, status: int, body: dict[str, str]) -> None:
            data = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the base class names it so
            """Probes come every few seconds and say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    threading.Thread(target=server.serve_forever, name="probes", daemon=True).start()
    return server
