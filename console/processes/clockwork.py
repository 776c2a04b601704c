"""What worker and beat do besides their work: answer probes, beat, and die with their parents.

Both load the Celery app through this module (`celery -A console.processes.clockwork …`), which hooks in as it loads.
"""

from __future__ import annotations

import os
import threading
import time
import warnings
from typing import Any

import structlog
from celery import signals
from celery.platforms import SecurityWarning

from console.celery import HEARTBEAT_SECONDS, QUEUE, app
from console.processes import death, probes, pulse
from console.processes.pulse import NICE_VARIABLE, PORT_VARIABLE, QUEUE_VARIABLE

STALE_S = 4 * HEARTBEAT_SECONDS

log = structlog.get_logger(__name__)
_last_ring: float | None = None


def _connect() -> None:
    # Celery warns root at length because of pickle, which this app does not accept; in a container root is usual.
    warnings.filterwarnings("ignore", category=SecurityWarning)
    signals.worker_ready.connect(_worker_is_ready)
    signals.worker_process_init.connect(_pool_process_starts)
    signals.beat_init.connect(_beat_starts)
    signals.after_task_publish.connect(_message_sent)


def worker_not_ready() -> str | None:
    """Why this worker cannot be trusted with work: no heartbeat of its own came back through broker and pool."""
    age = pulse.age_s(_own_queue())
    if age is None:
        return "no heartbeat has come through the broker yet"
    return f"the last heartbeat came through the broker {age:.0f} s ago" if age > STALE_S else None


def beat_not_ready() -> str | None:
    """Why the clock cannot be trusted: it has not been able to hand a message to the broker lately."""
    if _last_ring is None:
        return "the clock has not rung yet"
    age = time.monotonic() - _last_ring
    return f"the clock last reached the broker {age:.0f} s ago" if age > STALE_S else None


def _worker_is_ready(**_kwargs: Any) -> None:
    if PORT_VARIABLE not in os.environ:
        return
    pulse.forget(_own_queue())
    probes.serve(int(os.environ[PORT_VARIABLE]), not_ready=worker_not_ready)
    threading.Thread(target=_send_heartbeats, name="heartbeats", daemon=True).start()


def _beat_starts(**_kwargs: Any) -> None:
    if PORT_VARIABLE in os.environ:
        probes.serve(int(os.environ[PORT_VARIABLE]), not_ready=beat_not_ready)
    _send_heartbeat(
        "beat", queue=QUEUE
    )  # the first ring comes only after an interval; readiness need not wait for it


def _pool_process_starts(**_kwargs: Any) -> None:
    death.die_with_parent()
    os.nice(int(os.environ.get(NICE_VARIABLE) or 0))


def _message_sent(**_kwargs: Any) -> None:
    global _last_ring  # noqa: PLW0603  # one clock per process
    _last_ring = time.monotonic()


def _send_heartbeats() -> None:
    """Send this worker a message through its own queue, again and again: only it can bring it back."""
    while True:
        _send_heartbeat(_own_queue(), queue=_own_queue())
        time.sleep(HEARTBEAT_SECONDS)


def _send_heartbeat(who: str, *, queue: str) -> None:
    try:
        app.send_task(
            "console.tasks.heartbeat", args=[who], queue=queue, expires=3 * HEARTBEAT_SECONDS, retry=False
        )
    except Exception as error:  # noqa: BLE001  # whatever the broker's client raises, readiness will say
        log.warning("heartbeat.not_sent", reason=str(error))


def _own_queue() -> str:
    return os.environ.get(QUEUE_VARIABLE, "heartbeat")


_connect()
