"""The digest of a stored span: proof, years later, that nobody altered the row."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import orjson
import sqlalchemy as sa

from telemetry import schema
from telemetry.domain import ContentState, Flag

LEFT_OUT = frozenset(
    {"received_ns", "retention_class", "digest", "cost_nano_usd", "cost_status", "cost_basis", "price_id"}
)
"""Columns that a retry or a legal hold may change without the span being another one; and what we made of it: the cost
is our judgement by the prices known when it came, not the sender's words, and another price is no other span."""

VARYING_FLAGS = frozenset({Flag.WINDOW_EDGE, Flag.CLAIM_OUTSIDE_KEY, Flag.CONTENT_BY_LOG})
"""Flags that depend on the moment or the key, not on the span."""

_KEPT = tuple(sorted(str(column.name) for column in schema.spans.columns if column.name not in LEFT_OUT))
"""In the order of RFC 8785, so that no row has to be sorted: the names are ASCII."""
_FORM = dict.fromkeys(_KEPT, object())
"""A copy of it is filled faster than a new dictionary grows; a column that is missing is no JSON, and raises."""
_MASKED, _WAITING = ContentState.MASKED.value, ContentState.WAITING.value
_BINARY = tuple(name for name in _KEPT if isinstance(schema.spans.columns[name].type, sa.LargeBinary))
_WHOLE = tuple(name for name in _KEPT if isinstance(schema.spans.columns[name].type, sa.Integer))


def span_digest(columns: Mapping[str, Any]) -> bytes:
    """SHA-256 over the canonical form of a row of `schema.spans`; content is in it by id only.

    The recipe, for an auditor: take every column but those in `LEFT_OUT`; write bytes as
    lower-case hex, whole numbers as decimal strings, truth values and NULL as JSON has them, text as it is (JSON columns
    are text); in `flags` leave out `window_edge`, `claim_outside_key` and `content_by_log`; read `content_state`
    "masked" as "waiting", because masking happens afterwards; then canonical JSON (RFC 8785) and SHA-256.
    """
    form: dict[str, Any] = _FORM.copy()
    form.update(columns)
    for name in LEFT_OUT:
        form.pop(name, None)
    if len(form) != len(_KEPT):
        form = {name: form[name] for name in _KEPT}
    for name in _BINARY:
        value = columns[name]
        if value is not None:
            form[name] = value.hex()
    for name in _WHOLE:
        value = columns[name]
        if value is not None:
            form[name] = str(value)
    form["flags"] = _lasting_flags(columns["flags"])
    if form["content_state"] == _MASKED:
        form["content_state"] = _WAITING
    return hashlib.sha256(orjson.dumps(form)).digest()


def _lasting_flags(flags: str) -> str:
    if flags == "[]":
        return flags
    return orjson.dumps([flag for flag in orjson.loads(flags) if flag not in VARYING_FLAGS]).decode()
