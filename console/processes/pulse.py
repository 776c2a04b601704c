"""Signs of life that went through the broker: a file per sender, whose time is that of its last beat.

A file, because the question is about this host's processes; a worker elsewhere answers for itself.
"""

from __future__ import annotations

import re
import time
from pathlib import Path

from django.conf import settings

PORT_VARIABLE = "TUTELA_PROBE_PORT"  # where a process without a server of its own answers probes
QUEUE_VARIABLE = "TUTELA_HEARTBEAT_QUEUE"  # the queue that only this worker reads
NICE_VARIABLE = "TUTELA_NICE"  # how far this worker's pool stands back when others want the CPU

_NAME = re.compile(r"[0-9A-Za-z._@-]{1,128}")


def beat(who: str) -> None:
    """Note that `who` is alive now. Raises ValueError for a name that is no file name."""
    path = _path(who)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()


def age_s(who: str) -> float | None:
    """Seconds since the last beat, or None when there has been none."""
    try:
        return max(0.0, time.time() - _path(who).stat().st_mtime)
    except FileNotFoundError:
        return None


def forget(who: str) -> None:
    """Remove what an earlier process of this name left, so that its last beat is not taken for a new one's."""
    _path(who).unlink(missing_ok=True)


def _path(who: str) -> Path:
    if not _NAME.fullmatch(who):
        raise ValueError(f"{who!r} cannot name a heartbeat")
    return Path(settings.TUTELA.home) / "run" / f"heartbeat.{who}"
