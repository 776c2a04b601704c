"""`tutela check`: one span there, and what the server says of it back.

1. Settings and key are judged without the network.
2. One span is sent, as the SDK sends every span.
3. The server says which key that was and what time it has.
4. The server says whether it holds the span, under which sender, resolved to what.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.trace import format_span_id, format_trace_id

from tutela import _settings
from tutela._problems import Problem, SettingsError
from tutela._register import Tutela, new_processor, new_provider
from tutela._settings import Options, Settings
from tutela.cli._ask import Reply, Server, seconds_of
from tutela.cli._report import ExitCode, Report

_ONE_REQUEST = 0.6  # of the patience in all, so that a server that hangs is told from a process that ended
CLOCK_TOLERANCE = 3600.0  # seconds ahead of the server from which on it puts spans aside
_ATTRIBUTES = {
    "tutela.kind": "check",
    "gen_ai.operation.name": "execute_tool",
    "gen_ai.tool.name": "tutela check",
}


def run(endpoint: str | None, key: str | None, options: Options, *, patience: float) -> Report:
    """Check the way to the server. Never raises for anything that settings or a network may do."""
    report = Report("check")
    try:
        settings = _settings.resolve(endpoint, key, options, os.environ)
    except SettingsError as error:
        return report.fail(error.problem, ExitCode.UNUSABLE)
    report.endpoint = settings.url
    try:
        accepted = _send(settings, report, patience)
    except SettingsError as error:
        return report.fail(error.problem, ExitCode.UNUSABLE)
    if not accepted:
        return _look_at_clock(report, settings)
    return _ask(report, settings, patience)


def _send(settings: Settings, report: Report, patience: float) -> bool:
    """Send one span with a provider of its own; True when the server took it."""
    settings = replace(settings, timeout=min(settings.timeout, patience * _ONE_REQUEST))
    handle = Tutela(settings=settings)
    processor = new_processor(settings, handle.tally)
    provider = new_provider(settings)
    provider.add_span_processor(processor)
    context = _one_span(provider)
    report.trace_id, report.span_id = format_trace_id(context.trace_id), format_span_id(context.span_id)
    processor.close(patience)
    report.accepted = handle.tally.counts.sent == 1
    if report.accepted:
        report.say(f"✓ The server at {settings.base} took the test span.")
    elif handle.problem is not None:
        report.fail(handle.problem)
    return report.accepted


def _one_span(provider: TracerProvider) -> Any:
    span = provider.get_tracer("tutela.check").start_span("tutela check", attributes=_ATTRIBUTES)
    span.end()
    return span.get_span_context()


def _look_at_clock(report: Report, settings: Settings) -> Report:
    """A span that was taken and then rejected may have been rejected for its time: compare the clocks."""
    if settings.protocol == "http" and report.problem is not None and report.problem.code == "rejected":
        _learn_key(report, Server(settings).whoami())
        report.problem = _clock_problem(report) or report.problem
    return report


def _ask(report: Report, settings: Settings, patience: float) -> Report:
    if settings.protocol == "grpc":
        report.say(
            "– Over gRPC the server cannot be asked what became of it; check once more with --protocol http."
        )
        return report
    server = Server(settings)
    who = server.whoami()
    if who.problem is not None:
        return _not_to_be_asked(report, who)
    _learn_key(report, who)
    found = server.span(report.trace_id or "", report.span_id or "", patience=patience)
    if found.body.get("found") is True:
        return _tell(report, found.body)
    report.arrived = False if "found" in found.body else None
    return report.fail(_clock_problem(report) or _missing(found))


def _not_to_be_asked(report: Report, who: Reply) -> Report:
    """The span was taken, but by somebody who does not know what Tutela knows."""
    if who.status == 404:  # not found
        report.say(
            "– What became of it cannot be asked there: a Collector or a relay seems to stand in between."
        )
        report.say(
            "  Next: run tutela check with the address of the server itself, or look at Discovered in the console."
        )
        return report
    return report.fail(who.problem) if who.problem is not None else report


def _learn_key(report: Report, who: Reply) -> None:
    key = who.body.get("key")
    if isinstance(key, dict):
        report.key = key
        report.say(
            f"✓ The key is “{key.get('name', '?')}” ({key.get('public_id', '?')}), scope {key.get('scope', '?')}."
        )
    there = seconds_of(who.body.get("time"))
    if there is not None:
        report.clock_ahead_s = round(who.middle - there, 1)
        if abs(report.clock_ahead_s) > CLOCK_TOLERANCE:
            report.say(f"– {_clock_words(report.clock_ahead_s)}")


def _clock_words(ahead: float) -> str:
    return f"This machine's clock is {abs(ahead) / 3600:.1f} h {'ahead of' if ahead > 0 else 'behind'} the server's."


def _clock_problem(report: Report) -> Problem | None:
    if report.clock_ahead_s is None or report.clock_ahead_s <= CLOCK_TOLERANCE:
        return None
    return Problem(
        "clock",
        "The span lies outside the time that the server accepts",
        _clock_words(report.clock_ahead_s).rstrip("."),
        "set the clock of this machine (NTP); spans sent until then are put aside, not filed",
    )


def _missing(found: Reply) -> Problem:
    if found.problem is not None and "found" not in found.body:
        return found.problem
    return Problem(
        "not_found",
        "The server took the span, but does not find it",
        "it may have been filtered (only spans of AI are kept), or another installation answers questions at this address",
        "look at the page of rejected spans in the console, and run tutela check again",
    )


def _tell(report: Report, span: Mapping[str, Any]) -> Report:
    report.arrived, report.span = True, dict(span)
    report.say(f"✓ It arrived at {_time_words(span.get('received_at'))} and can be found.")
    report.say(f"  Sender: {_sender_words(_part(span, 'sender'))}")
    if str(_part(span, "sender").get("service_name", "")).startswith("unknown_service"):
        report.say("  Next: set OTEL_SERVICE_NAME; senders without a name are hard to tell apart")
    report.say(f"  Content: {span.get('content_mode', 'unknown')} (decided by the server for this sender)")
    for flag in span.get("flags") or ():
        report.say(f"  Note: {_FLAGS.get(str(flag), flag)}")
    for line in _resolution_words(_part(span, "resolution")):
        report.say(line)
    return report


_FLAGS = {
    "claim_outside_key": "the key may not speak for the deployment or site that was claimed, so the claim was ignored",
}


def _time_words(text: object) -> str:
    seconds = seconds_of(text)
    return (
        "an unknown time"
        if seconds is None
        else f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S} UTC"
    )


def _sender_words(sender: Mapping[str, Any]) -> str:
    name = "/".join(str(sender[part]) for part in ("service_namespace", "service_name") if sender.get(part))
    more = [f"{word} {sender[part]}" for part, word in _SENDER_PARTS if sender.get(part)]
    return ", ".join([name or "without a name", *more]) + f" ({sender.get('id', 'no id')})"


_SENDER_PARTS = (("environment", "environment"), ("place", "place"), ("claimed_deployment", "claims to be"))


def _resolution_words(resolution: Mapping[str, Any]) -> list[str]:
    how = f" ({resolution['how']})" if resolution.get("how") else ""
    if resolution.get("state") == "resolved":
        parts = [
            f"{part} {resolution[part]}"
            for part in ("deployment", "endpoint", "site")
            if resolution.get(part)
        ]
        return [f"✓ Resolved to {', '.join(parts) or 'a known sender'}{how}."]
    if resolution.get("state") == "dismissed":
        return [
            f"– Somebody has dismissed this sender in the console{how}.",
            "  Next: open Discovered in the console, and take it up again if that was wrong.",
        ]
    return [
        f"– The server does not know yet which deployment this sender is{how}; nothing is lost meanwhile.",
        "  Next: open Discovered in the console and say what it is, or set TUTELA_DEPLOYMENT to a deployment of the key.",
    ]


def _part(span: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = span.get(name)
    return value if isinstance(value, dict) else {}
