"""Checks as evidence: how much was covered, what was found, which answers their sources did not support. Never a text."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from audit import evidence
from audit.evidence import Dataset
from kernel.actor import Permission
from telemetry.evidence import HOUR_NS, Recorded
from telemetry.schema import check_hours, findings, verdicts

COVERAGE = Recorded(
    check_hours,
    "hour",
    HOUR_NS,
    tuple(column.name for column in check_hours.columns),
    notes=(
        (
            "Subjects are messages, once per sender and day; for groundedness, answers. What has no row was not checked. "
            "`shadow` verdicts are held against nobody."
        ),
    ),
)
FINDINGS = Recorded(
    findings,
    "found_ns",
    1,
    (
        "found_ns", "sender_id", "day", "message_id", "check", "type", "pointer", "start", "end", "score", "engine_version",
    ),
    notes=("Where something of which type was found: characters at a place in a message. Never what it said.",),
)  # fmt: skip
VERDICTS = Recorded(
    verdicts,
    "checked_ns",
    1,
    (
        "checked_ns", "sender_id", "day", "trace_id", "span_id", "outcome", "reason", "score", "shadow", "language", "sentences",
        "engine_version",
    ),
    notes=("Sentences are places in the answer, with the place of the best evidence; never a text.",),
)  # fmt: skip


def register_all() -> None:
    """Called once, when the app is ready."""
    for order, (name, title, recorded) in enumerate(
        (
            ("guardrails.coverage", _("Guardrail coverage by the hour"), COVERAGE),
            ("guardrails.findings", _("Findings"), FINDINGS),
            ("guardrails.verdicts", _("Verdicts on groundedness"), VERDICTS),
        ),
        start=50,
    ):
        evidence.register(Dataset(name, title, Permission.TELEMETRY_READ, recorded.read, order=order))
