"""What a log line says, and what it never says."""

from __future__ import annotations

import json
import logging

import structlog

from console import logs


def formatted(record: logging.LogRecord) -> dict[str, object]:
    formatter = structlog.stdlib.ProcessorFormatter(processors=[logs.remove_meta, logs.stamp, logs.render])
    text = formatter.format(record)
    assert "\n" not in text
    return json.loads(text)


def test_a_line_of_our_own_is_json_with_its_fields(caplog):
    with caplog.at_level(logging.INFO):
        structlog.get_logger("telemetry.test").info("span.rejected", reason="too_old", text="two\nlines")
    line = formatted(caplog.records[-1])
    assert line["event"] == "span.rejected"
    assert line["text"] == "two\nlines"
    assert line["level"] == "info"


def test_a_traceback_shows_no_local_variables(caplog):
    secret = "ttl_ep_of_somebody"
    try:
        int("broken")
    except ValueError:
        structlog.get_logger("telemetry.test").exception("commit.failed")
    line = formatted(caplog.records[-1])
    assert "ValueError: invalid literal" in str(line["exception"])
    assert secret not in str(line["exception"])
