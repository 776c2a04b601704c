"""An answer with its sentences marked and the best evidence beside each, once the content has been opened."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString

from guardrails.domain.checks import Outcome
from guardrails.domain.context import Said, contexts_of, place_of, readable
from guardrails.domain.traces import TracedSpan
from guardrails.tables.lists import outcome_badge
from telemetry.domain import MessageState
from telemetry.queries.checks import VerdictRow
from telemetry.services import Opened
from telemetry.tables.additions import Step
from telemetry.tables.conversation import ROLE_WORDS, Masked
from ui.text import Text

LONGEST_SHOWN = 2_000
MARKED = frozenset({Outcome.UNSUPPORTED, Outcome.UNCERTAIN})


@dataclass(frozen=True, slots=True)
class Sentence:
    """One claim: its verdict, its text and that of the best evidence once opened (None before), and where that stands."""

    badge: SafeString
    score: float | None
    start: int
    end: int
    text: SafeString | str | None = None
    evidence: SafeString | str | None = None
    source: Text = ""
    evidence_score: float | None = None
    has_evidence: bool = False


@dataclass(frozen=True, slots=True)
class Judged:
    """The sentences of a verdict in order, and the whole answer with its weak ones marked (None before it was opened)."""

    sentences: tuple[Sentence, ...] = ()
    answer: SafeString | None = None


def judged(step: Step, verdict: VerdictRow) -> Judged:
    """The verdict with its texts, as far as they are open."""
    answer, answer_message = _answer(step)
    sentences = tuple(
        _sentence(item, step, answer=answer, message=answer_message) for item in verdict.sentences
    )
    shown = _marked(answer, verdict.sentences, step, answer_message) if answer is not None else None
    return Judged(sentences, shown)


def _answer(step: Step) -> tuple[str | None, str | None]:
    """The answer that was judged, put together as the judging did, and the id of its message if it is one alone."""
    if step.opened is None:
        return None, None
    content = step.span.content
    span = TracedSpan(
        step.span.span_id, None, "llm", 0, 1, input=content.at("input"), output=content.at("output")
    )
    said = {
        id_: Said(item.message.role, item.message.parts) for id_, item in step.opened.items() if item.message
    }
    generations = contexts_of([span], said)
    if not generations or not generations[0].answer:
        return None, None
    place = generations[0].answer_id
    return generations[0].answer, place_of(place)[0] if place else None


def _sentence(item: Mapping[str, Any], step: Step, *, answer: str | None, message: str | None) -> Sentence:
    start, end = int(item["start"]), int(item["end"])
    evidence = item.get("evidence") or None
    text = answer[start:end] if answer is not None else None
    found, source = _evidence(evidence, step) if evidence else (None, "")
    return Sentence(
        badge=outcome_badge(str(item["outcome"])),
        score=item.get("score"),
        start=start,
        end=end,
        text=_shown(text, step, message) if text else None,
        evidence=found,
        source=source,
        evidence_score=evidence.get("score") if evidence else None,
        has_evidence=evidence is not None,
    )


def _evidence(evidence: Mapping[str, Any], step: Step) -> tuple[SafeString | str | None, Text]:
    """The text of the evidence where its message is open, and what kind of message that is."""
    id_, pointer, begin = place_of(str(evidence["context"]))
    opened = step.opened.get(id_) if step.opened else None
    if opened is None or opened.message is None:
        return None, ""
    value = at_pointer(opened.message.parts, pointer)
    whole = "" if value is None else readable(value)
    text = whole[begin + int(evidence["start"]) : begin + int(evidence["end"])]
    role = opened.message.role
    return (_shown(text, step, id_) if text else None), ROLE_WORDS.get(role, role)


def at_pointer(parts: Sequence[Mapping[str, Any]], pointer: str) -> Any:
    """The value at a JSON pointer (RFC 6901) into a message's parts; None where there is none."""
    value: Any = parts
    for step in pointer.split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        if isinstance(value, list | tuple):
            value = value[int(name)] if name.isdigit() and int(name) < len(value) else None
        elif isinstance(value, Mapping):
            value = value.get(name)
        else:
            return None
    return value


def _shown(text: str, step: Step, message: str | None) -> SafeString | str:
    """Text of one message, its placeholders in words where it was masked."""
    cut = text[:LONGEST_SHOWN]
    return Masked(step.numbering, message).shown(cut) if message and _is_masked(step, message) else cut


def _is_masked(step: Step, message: str) -> bool:
    opened: Opened | None = step.opened.get(message) if step.opened else None
    return opened is not None and opened.state is MessageState.MASKED


def _marked(
    answer: str, sentences: Sequence[Mapping[str, Any]], step: Step, message: str | None
) -> SafeString:
    """The whole answer, its weak sentences marked; everything escaped."""
    shown, end = SafeString(""), 0
    for item in sorted(sentences, key=lambda one: int(one["start"])):
        start, stop = max(int(item["start"]), end), min(int(item["end"]), len(answer))
        if item["outcome"] not in MARKED or start >= stop:
            continue
        shown += format_html("{}", _shown(answer[end:start], step, message))
        shown += format_html(
            '<mark class="{}">{}</mark>', item["outcome"], _shown(answer[start:stop], step, message)
        )
        end = stop
    return shown + format_html("{}", _shown(answer[end:], step, message))
