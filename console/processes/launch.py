"""Becomes another program that dies with its parent: `python launch.py <parent pid> <program> <arguments…>`.

Run as a file, with nothing imported from the house, so that it costs a few milliseconds. It stands between the
supervisor and each child because setting the death signal in a forked child of a process with threads is unsafe.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent))
    from death import die_with_parent  # type: ignore[import-not-found]  # found by the line above, not by mypy

    die_with_parent(int(sys.argv[1]))
    os.execvp(sys.argv[2], sys.argv[2:])  # noqa: S606  # the supervisor's own fixed command, no shell wanted
