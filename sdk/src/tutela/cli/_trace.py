"""`tutela send-test-trace`: a small believable trace, made with the same functions that hand-written code uses."""

from __future__ import annotations

import time

from opentelemetry.trace import format_trace_id

import tutela
from tutela._register import start
from tutela._settings import Options
from tutela.cli._report import ExitCode, Report

_QUESTION = "How many days of notice does the supply contract with the shipyard ask for?"
_PASSAGE = "Either party may end this contract with ninety days of notice, in writing."
_ANSWER = "The contract asks for ninety days of notice, in writing. I have put the date into the calendar."
_CALL = {"id": "call_1", "name": "calendar.add", "arguments": {"title": "Notice period ends", "in_days": 90}}
_BEAT = 0.04  # seconds that each step takes, so that the waterfall has something to show


def run(endpoint: str | None, key: str | None, options: Options, *, patience: float) -> Report:
    """Send the trace and say whether the server took it."""
    report = Report("send-test-trace")
    options = {**options, "service_name": options.get("service_name") or "tutela-test"}
    handle = start(endpoint, key, options)
    report.endpoint = handle.status.endpoint
    if not handle.enabled:
        return _with_problem(report, handle, ExitCode.UNUSABLE)
    report.trace_id = _send()
    handle.shutdown(patience)
    status = handle.status
    report.accepted = status.sent > 0 and status.failed == status.dropped == 0
    if not report.accepted:
        return _with_problem(report, handle, ExitCode.NOT_ARRIVED)
    report.say(
        f"✓ The server at {report.endpoint} took {status.sent} spans: an agent, a search, two model calls, a tool."
    )
    report.say(f"  Trace: {report.trace_id}")
    report.say("  Next: open Traces in the console; an unknown sender waits under Discovered.")
    return report


def _with_problem(report: Report, handle: tutela.Tutela, code: ExitCode) -> Report:
    report.exit_code = code
    return report if handle.problem is None else report.fail(handle.problem, code)


def _send() -> str:
    with tutela.agent("contract-assistant", conversation="test-conversation", input=_QUESTION) as agent:
        with tutela.retrieval("supply-contracts", query=_QUESTION, top_k=3) as search:
            time.sleep(_BEAT)
            search.documents([{"id": "contract-17#4.2", "score": 0.83, "content": _PASSAGE}])
        _ask_model({"role": "assistant", "tool_calls": [_CALL]}, finish="tool_calls", tokens=(214, 31))
        with tutela.tool(
            "calendar.add", arguments=_CALL["arguments"], call_id="call_1", type="function"
        ) as tool:
            time.sleep(_BEAT)
            tool.result({"added": True})
        _ask_model(_ANSWER, finish="stop", tokens=(263, 24))
        agent.output(_ANSWER)
        return format_trace_id(agent.span.get_span_context().trace_id)


def _ask_model(answer: str | dict[str, object], *, finish: str, tokens: tuple[int, int]) -> None:
    asked = [f"{_PASSAGE}\n\n{_QUESTION}"]
    with tutela.model_call(
        "tutela-test-model", provider="tutela", input=asked, system="Answer from the passage."
    ) as call:
        time.sleep(_BEAT)
        call.output(answer)
        call.response(model="tutela-test-model", finish_reasons=[finish])
        call.usage(input_tokens=tokens[0], output_tokens=tokens[1])
