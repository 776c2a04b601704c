"""What the supervisor and its children say on the terminal: one line at a time, each with its process's name."""

from __future__ import annotations

import os
import sys
import threading
from typing import IO, TextIO

_COLOURS = (36, 35, 34, 33, 32, 96, 95, 94)  # ANSI foregrounds that read on dark and light terminals
_OWN_NAME = "tutela"


class Voice:
    """Writes prefixed lines; safe to use from several threads."""

    def __init__(self, out: TextIO | None = None, *, width: int = 8) -> None:
        self._out = out or sys.stdout
        self._width = width
        self._lock = threading.Lock()
        self._coloured = self._out.isatty() and not os.environ.get("NO_COLOR")
        self._names: list[str] = []

    def say(self, text: str, *, name: str = _OWN_NAME) -> None:
        """Write each line of the text behind the name."""
        with self._lock:
            for line in text.splitlines() or [""]:
                self._out.write(f"{self._prefix(name)} {line}\n")
            self._out.flush()

    def plain(self, text: str) -> None:
        """Write text as it is, for what a person should copy."""
        with self._lock:
            self._out.write(f"{text}\n")
            self._out.flush()

    def follow(self, stream: IO[bytes], *, name: str) -> threading.Thread:
        """Repeat a child's output line by line until it ends, in a thread."""
        thread = threading.Thread(
            target=self._repeat, args=(stream, name), name=f"output of {name}", daemon=True
        )
        thread.start()
        return thread

    def _repeat(self, stream: IO[bytes], name: str) -> None:
        with stream:
            for line in stream:
                self.say(line.decode("utf-8", "replace").rstrip("\r\n"), name=name)

    def _prefix(self, name: str) -> str:
        text = f"{name.ljust(self._width)} |"
        if not self._coloured:
            return text
        if name not in self._names:
            self._names.append(name)
        colour = _COLOURS[self._names.index(name) % len(_COLOURS)]
        return f"\x1b[{colour}m{text}\x1b[0m"
