"""Metrics are counted and, for now, not stored; their senders are told so."""

from __future__ import annotations

from typing import Any

from telemetry.domain import Reason, Signal
from telemetry.receiver import decode_json, wire
from telemetry.receiver.inflate import Body
from telemetry.store import Batch

NOT_STORED = "metrics are not stored by this release; traces and logs are"
_SHAPES = ("gauge", "sum", "histogram", "exponentialHistogram", "summary")


def metrics_batch(body: Body, *, key_id: bytes, json: bool, received_ns: int) -> Batch:
    """A metrics request as its account: every data point received and rejected. Raises Refused when it is none."""
    points = _json_points(body) if json else wire.count_data_points(body)
    batch = Batch(
        key_id=key_id, signal=Signal.METRICS, received_ns=received_ns, received=points, size=len(body)
    )
    if points:
        batch.rejections.add(Reason.METRICS_NOT_STORED, NOT_STORED, count=points)
    return batch


def _json_points(body: Body) -> int:
    points = 0
    for metric in decode_json.metrics(body):
        for shape in _SHAPES:
            inner: Any = metric.get(shape)
            if isinstance(inner, dict) and isinstance(inner.get("dataPoints"), list):
                points += len(inner["dataPoints"])
    return points
