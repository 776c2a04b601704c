"""What the clock does for the queue of checks: give up what killed its workers, destroy keys that nothing needs."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
import structlog

from guardrails.services.runtime import Runtime
from guardrails.services.scanning import failed_scans, read_chunk
from telemetry.store import checking, redaction
from telemetry.store.checking import MESSAGE, OUT_OF_ATTEMPTS
from telemetry.store.results import write_scans

log = structlog.get_logger(__name__)

AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Swept:
    """How much work was given up, how many queue keys were destroyed."""

    buried: int
    keys: int


def sweep(runtime: Runtime) -> Swept:
    """Give up what has had its attempts without a word of any of them, and destroy the keys of drained days."""
    buried = runtime.store.transact(lambda connection: _bury(runtime, connection))
    destroyed = runtime.store.transact(lambda connection: _keys(runtime, connection))
    return Swept(buried, destroyed)


def _keys(runtime: Runtime, connection: sa.Connection) -> int:
    now_ns = runtime.now_ns()
    destroyed = redaction.destroy_retired(connection, now_ns=now_ns)
    redaction.retire_drained(connection, now_ns=now_ns)
    return len(destroyed)


def _bury(runtime: Runtime, connection: sa.Connection) -> int:
    now_ns = runtime.now_ns()
    spent = checking.spent(connection, now_ns=now_ns, terms=runtime.limits.terms, limit=AT_ONCE)
    if not spent:
        return 0
    keys = [item.key for item in spent]
    checking.bury(connection, keys, reason=OUT_OF_ATTEMPTS, now_ns=now_ns)
    messages = [item for item in spent if item.kind == MESSAGE]
    found = read_chunk(runtime, connection, messages)
    write_scans(connection, failed_scans(runtime, found, [item.key for item in messages]), now_ns=now_ns)
    log.warning("checks.given_up", rows=len(keys), reason=OUT_OF_ATTEMPTS)
    return len(keys)
