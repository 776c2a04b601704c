"""Log lines: one JSON object each, constant event names, fields beside them. CR and LF cannot split a line."""

from __future__ import annotations

from typing import Any

import structlog

stamp = structlog.processors.TimeStamper(fmt="iso", utc=True)
render = structlog.processors.JSONRenderer(ensure_ascii=True)


def remove_meta(logger: Any, name: str, event: Any) -> Any:
    """Take the stdlib record's wrapping off and keep what says something."""
    record = event.pop("_record", None)
    event.pop("_from_structlog", None)
    event.pop("exc_info", None)  # said in words below
    if record is not None:
        event["level"] = record.levelname.lower()
        event["logger"] = record.name
        if record.exc_info:
            event["exception"] = structlog.processors.format_exc_info(
                logger, name, {"exc_info": record.exc_info}
            )["exception"]
    return event
