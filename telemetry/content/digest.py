"""The digest of a stored span: proof, years later, that nobody altered the row."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import orjson
import sqlalchemy as sa

from telemetry import schema
from telemetry.domain import ContentState, Flag

LEFT_OUT = frozenset({"received_ns", "retention_class", "digest"})
"""Columns that a retry or a legal hold may change without the span being another one."""

VARYING_FLAGS = frozenset({Flag.WINDOW_EDGE, Flag.CLAIM_OUTSIDE_KEY, Flag.CONTENT_BY_LOG})
"""Flags that depend on the moment or the key, not on the span."""

_KEPT = tuple(str(column.name) for column in schema.spans.columns if column.name not in LEFT_OUT)
_BINARY = tuple(name for name in _KEPT if isinstance(schema.spans.columns[name].type, sa.LargeBinary))
_WHOLE = tuple(name for name in _KEPT if isinstance(schema.spans.columns[name].type, sa.Integer))


def span_digest(columns: Mapping[str, Any]) -> bytes:
    """SHA-256 over the canonical form of a row of `schema.spans`; content is in it by id only.

    The recipe, for an auditor: take every column but `received_ns`, `retention_class` and `digest`; write bytes as
    lower-case hex, whole numbers as decimal strings, truth values and NULL as JSON has them, text as it is (JSON columns
    are text); in `flags` leave out `window_edge`, `claim_outside_key` and `content_by_log`; read `content_state`
    "masked" as "waiting", because masking happens afterwards; then canonical JSON (RFC 8785) and SHA-256.
    """
    form = {name: columns[name] for name in _KEPT}
    for name in _BINARY:
        if form[name] is not None:
            form[name] = form[name].hex()
    for name in _WHOLE:
        if form[name] is not None:
            form[name] = str(form[name])
    form["flags"] = _lasting_flags(columns["flags"])
    if form["content_state"] == ContentState.MASKED:
        form["content_state"] = ContentState.WAITING.value
    return hashlib.sha256(orjson.dumps(form, option=orjson.OPT_SORT_KEYS)).digest()


def _lasting_flags(flags: str) -> str:
    if flags == "[]":
        return flags
    return orjson.dumps([flag for flag in orjson.loads(flags) if flag not in VARYING_FLAGS]).decode()
