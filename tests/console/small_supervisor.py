"""A supervisor over small processes, for the tests of it: `python small_supervisor.py <folder> <scenario>`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from console.processes.supervisor import Supervisor
from console.processes.table import ProcessSpec
from console.processes.voice import Voice
from tests import servers

FOLDER = Path(sys.argv[1])

# Writes its id, then does nothing until it is told to end.
OBEDIENT = """
import os, pathlib, signal, sys, time
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
with open(sys.argv[1], "a") as file: file.write(f"{os.getpid()}\\n")
print("hello from", os.path.basename(sys.argv[1]), flush=True)
while True: time.sleep(0.1)
"""
STUBBORN = OBEDIENT.replace("lambda *_: sys.exit(0)", "signal.SIG_IGN")
ANSWERING = """
import sys, time
from http.server import BaseHTTPRequestHandler, HTTPServer
class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if time.monotonic() > ready_at else 503)
        self.end_headers()
    def log_message(self, *_): pass
ready_at = time.monotonic() + 1
HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""


def spec(name: str, code: str, *, patience_s: float = 10.0) -> ProcessSpec:
    return ProcessSpec(name, (sys.executable, "-c", code, str(FOLDER / name)), patience_s=patience_s)


def answering(name: str) -> ProcessSpec:
    port = servers.free_port()
    return ProcessSpec(name, (sys.executable, "-c", ANSWERING, str(port)), probes=f"http://127.0.0.1:{port}")


SCENARIOS = {
    "two": lambda: [spec("first", OBEDIENT), spec("second", OBEDIENT)],
    "stubborn": lambda: [spec("first", OBEDIENT), spec("stubborn", STUBBORN, patience_s=1.0)],
    "crashing": lambda: [spec("first", "import sys; sys.exit(3)"), spec("second", OBEDIENT)],
    "answering": lambda: [answering("first"), spec("second", OBEDIENT)],
}

if __name__ == "__main__":
    supervisor = Supervisor(
        SCENARIOS[sys.argv[2]](), voice=Voice(sys.stdout), status_file=FOLDER / "processes.json"
    )
    supervisor.run(when_ready=lambda: (FOLDER / "ready").write_text(json.dumps("yes")) and None)
