"""One span as a page shows it: its lines in the tree, its facts, its attributes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from kernel.contracts.ingest import Resolution
from telemetry.domain import MODEL_CALLS
from telemetry.queries.spans import SpanWhole
from telemetry.queries.tree import Line, LineKind, Tree
from telemetry.services.estate import Estate, Known
from telemetry.tables.additions import Mark, SpanRef
from telemetry.tables.traces import deployment_href
from telemetry.tables.words import (
    CAPTURE_WORDS,
    COST_BASIS_WORDS,
    COST_STATUS_WORDS,
    DIALECT_WORDS,
    FLAG_WORDS,
    KIND_ICONS,
    KIND_WORDS,
    OBSERVATION_WORDS,
    STATUS_WORDS,
    said_badge,
    short_id,
    tokens_of,
)
from ui import charts, formats, parts
from ui.icons import icon
from ui.parts import Fact
from ui.text import Text

DEEPEST_INDENT = 8
LONGEST_ATTRIBUTE = 2_000

BRANCH_WORDS: dict[LineKind, tuple[Text, Text]] = {
    LineKind.MISSING: (
        _("parent not received"),
        _(
            "These steps name a parent that has not arrived. It may be late, or sampled away, or sent elsewhere."
        ),
    ),
    LineKind.HIDDEN: (
        _("under a step of another unit"),
        _("These steps hang under steps of a unit whose telemetry you may not read."),
    ),
    LineKind.LOOP: (_("steps that name each other as parent"), _("The sender’s IDs go round in a circle.")),
}


@dataclass(frozen=True, slots=True)
class DrawnLine:
    """A line of the tree with everything that the template needs."""

    id: str
    href: str
    name: Text
    level: int
    depth: int
    icon: SafeString
    kind: str
    chosen: bool
    failed: bool
    bar: SafeString
    duration: str
    tokens: int | None
    tokens_repeated: bool
    marks: SafeString
    count: int
    fold: bool
    opened: bool
    branch: bool
    title: Text


class TreeDrawing:
    """Draws the lines of one trace's tree: addresses, bars on one axis, marks."""

    def __init__(
        self,
        tree: Tree,
        *,
        path: str,
        chosen: str | None,
        opened: tuple[str, ...],
        marks: Mapping[SpanRef, Sequence[Mark]] | None = None,
    ) -> None:
        self.tree = tree
        self.given = marks or {}
        self.path = path
        self.chosen = chosen
        self.opened = opened
        self.length = tree.end_ns - tree.start_ns

    def lines(self) -> list[DrawnLine]:
        return [self._line(line) for line in self.tree.lines]

    def _line(self, line: Line) -> DrawnLine:
        branch = line.kind not in {LineKind.SPAN, LineKind.FOLD}
        name, title = BRANCH_WORDS[line.kind] if branch else (line.name or _("without a name"), line.name)
        return DrawnLine(
            id=f"step-{line.key}",
            href=self._href(line),
            name=name,
            title=title,
            level=min(line.depth, DEEPEST_INDENT),
            depth=line.depth,
            icon=self._icon(line, branch=branch),
            kind=line.span_kind or "other",
            chosen=line.kind is LineKind.SPAN and line.key == self.chosen,
            failed=line.error_count > 0,
            bar=self._bar(line, name),
            duration=formats.duration(line.duration_ns),
            tokens=_line_tokens(line),
            tokens_repeated=line.span is not None and _repeats(line),
            marks=format_html("{} {}", _marks(line), self._given_marks(line)),
            count=line.count,
            fold=line.kind is LineKind.FOLD,
            opened=line.opened,
            branch=branch,
        )

    def _icon(self, line: Line, *, branch: bool) -> SafeString:
        if branch:
            return icon("unplug")
        return icon(
            KIND_ICONS.get(line.span_kind, "box"), label=KIND_WORDS.get(line.span_kind, line.span_kind)
        )

    def _bar(self, line: Line, name: Text) -> SafeString:
        label = f"{name}: {formats.duration(line.duration_ns)}"
        return charts.span_bar(
            line.start_ns - self.tree.start_ns, line.duration_ns, total=self.length, label=label
        )

    def _given_marks(self, line: Line) -> SafeString:
        """What other apps know of the step; of a closed fold, each kind of mark once."""
        spans = [line.span] if line.span is not None else () if line.opened else line.members
        found = {mark.key: mark for span in spans for mark in self.given.get((span.span_id, span.day), ())}
        badges = (
            format_html(
                '<span class="badge {}" title="{}">{}</span>',
                mark.tone,
                mark.title or mark.word,
                icon(mark.picture, label=mark.word),
            )
            for mark in found.values()
        )
        return format_html_join(" ", "{}", ((badge,) for badge in badges))

    def _href(self, line: Line) -> str:
        if line.kind is LineKind.SPAN:
            return self.address(span=line.key)
        if line.kind is LineKind.FOLD:
            others = tuple(key for key in self.opened if key != line.key)
            return self.address(opened=others if line.opened else (*others, line.key), first=self.tree.first)
        return ""

    def address(
        self, *, span: str | None = None, opened: tuple[str, ...] | None = None, first: int | None = None
    ) -> str:
        """The page's address with another chosen span, other open folds, or another window."""
        chosen = span or self.chosen
        words = [("span", chosen)] if chosen else []
        words += [("open", key) for key in (self.opened if opened is None else opened)]
        words += [("from", str(first))] if first else []
        if span is not None and self.tree.first and not first:
            words.append(("from", str(self.tree.first)))
        return f"{self.path}?{urlencode(words)}" if words else self.path


def _line_tokens(line: Line) -> int | None:
    known = [value for value in (line.input_tokens, line.output_tokens) if value is not None]
    return sum(known) if known else None


def _repeats(line: Line) -> bool:
    """Whether the tokens of a line only repeat what steps below it say."""
    span = line.span
    return (
        span is not None
        and tokens_of(span) is not None
        and (span.usage_is_aggregate or span.kind not in MODEL_CALLS)
    )


def _marks(line: Line) -> SafeString:
    marks = []
    if line.kind is LineKind.FOLD and line.error_count:
        marks.append(parts.badge(formats.number(line.error_count), "bad", title=_("with an error")))
    elif line.error_count and line.kind is LineKind.SPAN:
        marks.append(parts.badge(_("error"), "bad"))
    if line.span is not None and line.span.flagged:
        marks.append(
            parts.badge(_("note"), "warn", title=_("Something about this step is odd: see its facts."))
        )
    return format_html_join(" ", "{}", ((mark,) for mark in marks))


def span_facts(span: SpanWhole, *, estate: Estate) -> list[Fact]:
    """What is known of a span, in the order in which people ask."""
    resolution = estate.resolution(span.sender_id, span.columns["start_ns"])
    known = estate.known.get(span.sender_id)
    is_call = span.columns["kind"] in MODEL_CALLS
    return [
        *(_call_facts(span.columns) if is_call or span.columns["model"] else ()),
        *_usage_facts(span.columns, is_call=is_call, owns=span.owns),
        *_cost_facts(span),
        *_outcome_facts(span.columns),
        *_identity_facts(span, resolution, known),
        *_optional_facts(span.columns),
        *_origin_facts(span),
    ]


def _call_facts(columns: dict[str, Any]) -> Iterator[Fact]:
    requested, answered = columns["request_model"], columns["response_model"]
    yield Fact(_("Model asked for"), _model_link(requested), hint=_attribute("gen_ai.request.model"))
    value = _model_link(answered)
    if requested and answered and requested != answered:
        value = format_html(
            "{} {}",
            value,
            parts.badge(
                _("another one"),
                "plain",
                title=_("Not the name that was asked for: an alias, or a route of a gateway."),
            ),
        )
    yield Fact(
        _("Model that answered"), value, hint=_attribute("gen_ai.response.model"), unknown=_("not said")
    )
    yield Fact(_("Provider"), columns["provider"], unknown=_("not said"))
    yield Fact(_("Endpoint"), columns["endpoint_address"], unknown=_("not said"))


def _usage_facts(columns: dict[str, Any], *, is_call: bool, owns: bool) -> Iterator[Fact]:
    names = ("input_tokens", "output_tokens")
    if is_call or any(columns[name] is not None for name in names):
        hint = (
            _("Repeats what steps below say; counted there.")
            if not owns and (columns["usage_is_aggregate"] or not is_call)
            else ""
        )
        yield Fact(
            _("Tokens in"),
            _tokens_with(
                columns,
                "input_tokens",
                (("cache_read_tokens", _("read from cache")), ("cache_write_tokens", _("written to cache"))),
            ),
            hint=hint,
            unknown=_("not measured"),
        )
        yield Fact(
            _("Tokens out"),
            _tokens_with(columns, "output_tokens", (("reasoning_tokens", _("reasoning")),)),
            unknown=_("not measured"),
        )
    if columns["inference_units"] is not None:
        yield Fact(
            _("Units"),
            f"{formats.number(columns['inference_units'], digits=0)} {columns['inference_unit'] or ''}".strip(),
        )
    if columns["cost_reported_nano_usd"] is not None:
        yield Fact(_("Cost as the sender says"), formats.money(columns["cost_reported_nano_usd"]))
    if columns["ttft_ns"] is not None:
        yield Fact(_("First token after"), formats.duration(columns["ttft_ns"]))


def _cost_facts(span: SpanWhole) -> Iterator[Fact]:
    """What the call cost, by which price; of what has no price that it has none. Nothing where nothing was priced."""
    status = span.columns["cost_status"]
    if status is None:
        return
    cost = span.columns["cost_nano_usd"]
    basis = COST_BASIS_WORDS.get(span.columns["cost_basis"] or "")
    word = COST_STATUS_WORDS.get(status, status)
    if cost is None:
        value: Text = parts.badge(word, "warn" if status == "unpriced" else "plain")
    else:
        value = f"{formats.money(cost)} ({basis or word})"
    yield Fact(_("Cost"), value)
    if not span.owns:
        yield Fact(_("Counted"), _counted_with(span))


def _counted_with(span: SpanWhole) -> Text:
    """Who owns the call instead. Linked within the trace alone: another one may not be the reader's to see."""
    word = _("with another span of the same call")
    if span.owner is None or span.owner[0] != span.trace_id:
        return word
    path = reverse("telemetry:trace", args=[span.trace_id.hex()])
    return format_html('<a href="{}?{}">{}</a>', path, urlencode({"span": span.owner[1].hex()}), word)


def _tokens_with(columns: dict[str, Any], name: str, inside: tuple[tuple[str, Text], ...]) -> str | None:
    if columns[name] is None:
        return None
    of_these = [
        f"{formats.number(columns[part], digits=0)} {word}"
        for part, word in inside
        if columns[part] is not None
    ]
    total = formats.number(columns[name], digits=0)
    return f"{total} ({', '.join(of_these)})" if of_these else total


def _outcome_facts(columns: dict[str, Any]) -> Iterator[Fact]:
    said = STATUS_WORDS.get(columns["status"])
    yield Fact(_("Status"), said_badge(said) if said else None, hint=columns["error_type"] or "")
    yield Fact(_("Started"), parts.when_ns(columns["start_ns"], absolute=True))
    yield Fact(_("Took"), formats.duration(columns["duration_ns"]))


def _identity_facts(span: SpanWhole, resolution: Resolution | None, known: Known | None) -> Iterator[Fact]:
    if resolution is not None and resolution.deployment_id is not None:
        link = format_html(
            '<a href="{}">{}</a>', deployment_href(resolution.deployment_id), resolution.deployment_name
        )
        yield Fact(_("Deployment"), link, hint=resolution.how)
    else:
        yield Fact(_("Deployment"), parts.badge(_("not registered"), "warn"))
    if resolution is not None and resolution.endpoint_id is not None:
        address = reverse("inventory:endpoint", args=[resolution.endpoint_id])
        yield Fact(
            _("Endpoint in the register"),
            format_html('<a href="{}">{}</a>', address, resolution.endpoint_name),
        )
    if resolution is not None and resolution.site_id is not None:
        address = reverse("inventory:site", args=[resolution.site_id])
        yield Fact(
            _("Site"),
            format_html('<a href="{}">{}</a> {}', address, resolution.site_name, parts.tier(resolution.tier)),
        )
    name = (known.sender.identity.service_name if known else "") or short_id(span.sender_id.hex())
    yield Fact(_("Sender"), format_html('<a href="{}">{}</a>', sender_href(span.sender_id), name))
    if span.columns["session_id"]:
        session = span.columns["session_id"]
        yield Fact(_("Session"), format_html('<a href="{}">{}</a>', session_href(session), session))


_OPTIONAL: tuple[tuple[str, Text], ...] = (
    ("operation", _("Operation")),
    ("agent_name", _("Agent")),
    ("tool_name", _("Tool")),
    ("data_source_id", _("Data source")),
    ("environment", _("Environment")),
    ("conversation_id", _("Conversation")),
    ("decision_id", _("Decision")),
    ("review_outcome", _("Outcome of the human review")),
    ("service_tier", _("Service tier")),
    ("response_id", _("Response ID")),
)


def _optional_facts(columns: dict[str, Any]) -> Iterator[Fact]:
    for name, label in _OPTIONAL:
        if columns[name]:
            yield Fact(label, columns[name])


def _origin_facts(span: SpanWhole) -> Iterator[Fact]:
    columns = span.columns
    yield Fact(_("Seen"), OBSERVATION_WORDS.get(columns["observation_point"], columns["observation_point"]))
    yield Fact(_("Capture mode"), CAPTURE_WORDS.get(columns["capture_mode"], columns["capture_mode"]))
    dialect = DIALECT_WORDS.get(columns["dialect"], columns["dialect"])
    yield Fact(
        _("Dialect"), dialect, hint=_("mapping version %(version)s") % {"version": columns["mapping_version"]}
    )
    yield Fact(_("Span ID"), parts.copyable(span.span_id.hex()))
    yield Fact(_("Received at"), parts.when_ns(columns["received_ns"], absolute=True))
    for flag in span.flags:
        yield Fact(_("Note"), FLAG_WORDS.get(flag, flag))


def _attribute(name: str) -> SafeString:
    return format_html("<code>{}</code>", name)


def _model_link(model: str | None) -> SafeString | None:
    if not model:
        return None
    return format_html('<a href="{}">{}</a>', traces_href(model=model), model)


def traces_href(**words: str | list[str]) -> str:
    """The list of traces with some filters set."""
    return f"{reverse('telemetry:traces')}?{urlencode(words, doseq=True)}"


def session_href(session_id: str) -> str:
    """The traces of a session, whenever they were."""
    return traces_href(session=session_id, when="all")


def sender_href(sender_id: bytes) -> str:
    """The page of a sender."""
    return reverse("telemetry:sender", args=[sender_id.hex()])


@dataclass(frozen=True, slots=True)
class AttributeRow:
    """An attribute as text, cut to what a page can hold; the copy button has as much."""

    name: str
    value: str
    cut: bool


def attribute_rows(attributes: dict[str, Any], *, containing: str = "") -> list[AttributeRow]:
    """The attributes by name, those with the text in name or value."""
    wanted = containing.casefold()
    rows = [_attribute_row(name, value) for name, value in sorted(attributes.items())]
    return [row for row in rows if wanted in row.name.casefold() or wanted in row.value.casefold()]


def _attribute_row(name: str, value: Any) -> AttributeRow:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return AttributeRow(name, text[:LONGEST_ATTRIBUTE], len(text) > LONGEST_ATTRIBUTE)
