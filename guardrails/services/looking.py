"""What a worker does when the bell rings: take due work, chunk by chunk, until there is none or its time is up."""

from __future__ import annotations

import time
from dataclasses import dataclass

import structlog

from guardrails.services.judging import judge_chunk
from guardrails.services.runtime import Runtime
from guardrails.services.scanning import NothingWorks, scan_chunk
from telemetry.store import checking
from telemetry.store.checking import MESSAGE, TRACE, Chunk

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Looked:
    """What one look came to. `more` when work was left because the time was up."""

    done: int = 0
    failed: int = 0
    more: bool = False


def look(runtime: Runtime) -> Looked:
    """Do what is due: messages first, for traces may wait for theirs. Stops after `limits.look_s`."""
    looked = Looked()
    deadline = time.monotonic() + runtime.limits.look_s
    try:
        while _one_of_each(runtime, looked, deadline):
            if time.monotonic() >= deadline:
                looked.more = True
                break
    except NothingWorks as error:
        # Nothing was counted against the messages. The next ring tries again; whoever watches sees the lag grow.
        log.warning("checks.nothing_works", reason=str(error))
    return looked


def _one_of_each(runtime: Runtime, looked: Looked, deadline: float) -> bool:
    worked = False
    for kind in (MESSAGE, TRACE):
        if kind == TRACE and runtime.grounding is None:
            continue
        chunk = _lease(runtime, kind)
        if chunk is not None:
            _work(runtime, chunk, looked, deadline)
            worked = True
    return worked


def _lease(runtime: Runtime, kind: str) -> Chunk | None:
    return runtime.store.transact(
        lambda connection: checking.lease(
            connection, kind, now_ns=runtime.now_ns(), terms=runtime.limits.terms
        )
    )


def _work(runtime: Runtime, chunk: Chunk, looked: Looked, deadline: float) -> None:
    if chunk.kind == TRACE and runtime.grounding is not None:
        judged = judge_chunk(runtime, runtime.grounding, chunk, deadline=deadline)
        done, failed = len(judged.done), len(judged.failures)
    else:
        scanned = scan_chunk(runtime, chunk, deadline=deadline)
        done, failed = len(scanned.done), len(scanned.failures)
    looked.done += done
    looked.failed += failed
