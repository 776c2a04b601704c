"""The record's store: opened by URL, written by the receiver, read through `engine`.

migrate(url)                       # the one chain, SQLite and PostgreSQL
store = open_store(url)
store.write([batch, …])            # one transaction for many requests; returns when it is durable
store.engine                       # for queries
"""

from __future__ import annotations

from telemetry.store.batch import (
    NO_KEY,
    Batch,
    JoinedLog,
    LateLog,
    Refusal,
    Rejections,
    SenderTouch,
    Tally,
    WaitingLog,
)
from telemetry.store.errors import NotMigrated, StoreUnavailable, Unstorable
from telemetry.store.migrations import check, migrate
from telemetry.store.store import Store, open_store

__all__ = [
    "NO_KEY",
    "Batch",
    "JoinedLog",
    "LateLog",
    "NotMigrated",
    "Refusal",
    "Rejections",
    "SenderTouch",
    "Store",
    "StoreUnavailable",
    "Tally",
    "Unstorable",
    "WaitingLog",
    "check",
    "migrate",
    "open_store",
]
