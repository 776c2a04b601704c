"""Log lines: one JSON object each, constant event names, fields beside them. CR and LF cannot split a line."""

from __future__ import annotations

from typing import Any

import structlog

stamp = structlog.processors.TimeStamper(fmt="iso", utc=True)
render = structlog.processors.JSONRenderer(ensure_ascii=True)


def configure() -> None:
    """Send what the house logs through the standard library, so that every line of a process looks alike.

    A traceback is its plain text: structlog's own default would print the local variables with it, keys and prompts
    among them.
    """
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.format_exc_info,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


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
