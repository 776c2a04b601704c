"""On the page of a trace: marks on its lines; of the chosen step what every check came to, and the sources of its answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from guardrails.domain.checks import CONTENT_CHECKS, Check, Outcome
from guardrails.domain.context import place_of
from guardrails.panels.sentences import Judged, judged
from guardrails.queries.steps import found_in_steps
from guardrails.tables.lists import outcome_badge, shadow_badge
from guardrails.tables.words import CHECK_WORDS, reason_word, type_word
from telemetry.domain import ContentState
from telemetry.queries import checks
from telemetry.queries.checks import ScanRow, VerdictRow
from telemetry.queries.spans import SpanBrief, SpanWhole
from telemetry.services import reading
from telemetry.tables.additions import Mark, SpanRef, Step
from telemetry.tables.conversation import PLACE_WORDS, ROLE_WORDS
from ui import formats, parts
from ui.text import Text


def marks_of(
    connection: sa.Connection, trace_id: bytes, steps: Sequence[SpanBrief]
) -> Mapping[SpanRef, Sequence[Mark]]:
    """A mark for each check that found something in a step, and for an answer that its sources do not support."""
    found = found_in_steps(connection, trace_id, steps)
    verdicts = checks.verdicts_of(connection, trace_id)
    marks: dict[SpanRef, list[Mark]] = {}
    for step in steps:
        mine = [
            _found(check, count) for check, count in sorted(found.get((step.span_id, step.day), {}).items())
        ]
        verdict = verdicts.get(step.span_id)
        if verdict is not None and verdict.day == step.day:
            mine += _unsupported(verdict)
        if mine:
            marks[step.span_id, step.day] = mine
    return marks


def _found(check: str, count: int) -> Mark:
    if check == Check.SECRETS:
        title = ngettext("%(count)s secret was found in it", "%(count)s secrets were found in it", count)
        return Mark(check, _("secret"), "bad", "key-round", title % {"count": formats.number(count)})
    title = ngettext(
        "%(count)s piece of personal data was found in it",
        "%(count)s pieces of personal data were found in it",
        count,
    )
    return Mark(
        check, _("personal data"), "warn", "fingerprint-pattern", title % {"count": formats.number(count)}
    )


def _unsupported(verdict: VerdictRow) -> list[Mark]:
    if verdict.outcome == Outcome.UNSUPPORTED:
        tone, word, picture = "bad", _("unsupported"), "circle-alert"
    elif verdict.outcome == Outcome.UNCERTAIN:
        tone, word, picture = "warn", _("uncertain"), "circle-help"
    else:
        return []
    if verdict.shadow:
        why = _("In shadow: this language is not calibrated, and nothing is held against anybody.")
        return [Mark(f"shadow.{verdict.outcome}", word, "plain", picture, f"{word} · {why}")]
    return [Mark(verdict.outcome, word, tone, picture)]


def sources_of(connection: sa.Connection, span: SpanWhole) -> list[str]:
    """The messages that hold the best evidence for an answer: they are opened along with it."""
    verdict = _verdict(connection, span)
    if verdict is None:
        return []
    contexts = (sentence.get("evidence") for sentence in verdict.sentences)
    ids = (place_of(str(evidence.get("context", "")))[0] for evidence in contexts if evidence)
    return [id_ for id_ in dict.fromkeys(ids) if _is_id(id_)]


def _is_id(text: str) -> bool:
    return len(text) == 64 and all(letter in "0123456789abcdef" for letter in text)


def _verdict(connection: sa.Connection, span: SpanWhole) -> VerdictRow | None:
    found = checks.verdicts_of(connection, span.trace_id).get(span.span_id)
    return found if found is not None and found.day == span.day else None


@dataclass(frozen=True, slots=True)
class MessageLine:
    """One message of a step: where it stands in it, and what each check of messages came to, in that order."""

    id: str
    place: Text
    cells: tuple[SafeString, ...]


UNCHECKED: dict[str, Text] = {
    ContentState.NOT_CAPTURED: gettext_lazy(
        "The sender sent no content with this step: nothing could be checked."
    ),
    ContentState.DROPPED: gettext_lazy(
        "By the capture mode nothing of the content was kept: nothing could be checked."
    ),
    ContentState.HASHED: gettext_lazy("Only IDs of the messages were kept: nothing could be checked."),
    ContentState.REFERENCE: gettext_lazy(
        "The sender sent only an address of the content: nothing could be checked."
    ),
}


def of_step(request: HttpRequest, subject: object) -> str | None:
    """The panel about the chosen step. Four queries at most."""
    step = subject
    if not isinstance(step, Step):
        return None
    with reading() as connection:
        scans = checks.findings_of_span(connection, step.span)
        verdict = _verdict(connection, step.span)
    unchecked = UNCHECKED.get(step.span.content_state) if not scans else None
    lines = [] if unchecked else message_lines(step, scans)
    if unchecked is None and not lines and verdict is None:
        return None
    context = {
        "unchecked": unchecked,
        "checks": [CHECK_WORDS[check] for check in Check if check in CONTENT_CHECKS],
        "lines": lines,
        "verdict": verdict,
        "badge": outcome_badge(verdict.outcome) if verdict else "",
        "shadow": shadow_badge() if verdict and verdict.shadow else "",
        "reason": reason_word(verdict.reason) if verdict else "",
        "judged": judged(step, verdict) if verdict else Judged(),
        "opened": step.opened is not None,
    }
    return render_to_string("guardrails/panels/step.html", context, request)


def message_lines(step: Step, scans: Mapping[str, Sequence[ScanRow]]) -> list[MessageLine]:
    """Every message of the step, documents last, each once."""
    places = [(PLACE_WORDS.get(place, place), id_) for place, ids in step.span.content.places for id_ in ids]
    places += [(ROLE_WORDS["document"], item.id) for item in step.span.content.documents]
    waiting = step.span.content_state == ContentState.WAITING
    seen: dict[str, MessageLine] = {}
    for place, id_ in places:
        if id_ not in seen:
            seen[id_] = MessageLine(id_, place, _cells(scans.get(id_, ()), waiting=waiting))
    return list(seen.values())


def _cells(scans: Sequence[ScanRow], *, waiting: bool) -> tuple[SafeString, ...]:
    by_check = {scan.check: scan for scan in scans}
    return tuple(_cell(by_check.get(check), waiting=waiting) for check in Check if check in CONTENT_CHECKS)


def _cell(scan: ScanRow | None, *, waiting: bool) -> SafeString:
    if scan is None:
        return parts.badge(_("waiting"), "warn") if waiting else parts.unknown(_("not checked"))
    if not scan.findings:
        why = (
            format_html(' <span class="muted small">{}</span>', reason_word(scan.reason))
            if scan.reason
            else ""
        )
        return format_html("{}{}", outcome_badge(scan.outcome), why)
    counted = Counter(finding.type for finding in scan.findings)
    shown = (
        parts.badge(
            f"{type_word(kind)} × {formats.number(count)}" if count > 1 else type_word(kind),
            "bad" if scan.check == Check.SECRETS else "warn",
            title=_("score %(score)s") % {"score": formats.number(best(scan, kind), digits=2)},
        )
        for kind, count in counted.most_common()
    )
    return format_html(
        '<span class="row tight">{}</span>', format_html_join("", "{}", ((one,) for one in shown))
    )


def best(scan: ScanRow, kind: str) -> float:
    """The highest score that a type was found with."""
    return max(finding.score for finding in scan.findings if finding.type == kind)
