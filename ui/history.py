"""Who did what to a thing, when and why, with the fields before and after."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from ui import parts
from ui.text import Text

LONGEST_VALUE = 240  # characters of a value in a diff; the whole stands in the audit trail


class FieldChange(Protocol):
    """One field of an event: `audit.domain.Change` has this shape."""

    @property
    def path(self) -> str: ...
    @property
    def before(self) -> Any: ...
    @property
    def after(self) -> Any: ...


class Recorded(Protocol):
    """An event of the ledger: `audit.queries.RecordedEvent` has this shape."""

    @property
    def time(self) -> datetime: ...
    @property
    def action(self) -> str: ...
    @property
    def outcome(self) -> str: ...
    @property
    def actor_id(self) -> str: ...
    @property
    def actor_label(self) -> str | None: ...
    @property
    def reason(self) -> str | None: ...
    @property
    def changes(self) -> tuple[FieldChange, ...]: ...


@dataclass(frozen=True, slots=True)
class Entry:
    """One event of a thing's history, in words. `code` is the exact name of the action."""

    time: datetime
    who: str
    what: Text
    changes: tuple[FieldChange, ...] = ()
    why: str = ""
    denied: bool = False
    href: str = ""
    code: str = ""


_words: dict[str, Text] = {}


def describe(words: Mapping[str, Text]) -> None:
    """Give actions of the ledger their words: `{"inventory.system.retire": _("retired it")}`, in an app's `ready()`."""
    _words.update(words)


def word(action: str) -> Text:
    """The words of an action; its exact name where nobody gave any."""
    return _words.get(action, action)


def entries(events: Iterable[Recorded]) -> list[Entry]:
    """Events of the ledger as entries of a history."""
    return [
        Entry(
            time=event.time,
            who=event.actor_label or event.actor_id,
            what=word(event.action),
            changes=event.changes,
            why=event.reason or "",
            denied=event.outcome != "success",
            code=event.action,
        )
        for event in events
    ]


def history(entries: Iterable[Entry], *, labels: Mapping[str, Text] | str | None = None) -> SafeString:
    """A thing's history, newest first as given. `labels` gives the words for field paths."""
    words = labels if isinstance(labels, Mapping) else {}  # a template without labels hands over ""
    rows = [_entry(entry, words) for entry in entries]
    if not rows:
        return format_html('<p class="muted">{}</p>', _("Nothing has been recorded about this yet."))
    return format_html('<ol class="history">{}</ol>', format_html_join("", "{}", ((row,) for row in rows)))


def diff(changes: Iterable[FieldChange], *, labels: Mapping[str, Text] | None = None) -> SafeString:
    """The changed fields of one event: before struck out, after beside it."""
    known = labels or {}
    rows = format_html_join(
        "",
        '<tr><th scope="row">{}</th><td>{}</td><td>{}</td></tr>',
        (
            (known.get(change.path, change.path), _before(change.before), _after(change.after))
            for change in changes
        ),
    )
    if not rows:
        return parts.EMPTY
    head = format_html(
        '<thead class="visually-hidden"><tr><th scope="col">{}</th><th scope="col">{}</th><th scope="col">{}</th></tr>'
        "</thead>",
        _("Field"),
        _("Before"),
        _("After"),
    )
    return format_html('<table class="diff">{}<tbody>{}</tbody></table>', head, rows)


def _entry(entry: Entry, labels: Mapping[str, Text]) -> SafeString:
    said = format_html('<span title="{}">{}</span>', entry.code, entry.what) if entry.code else entry.what
    what = format_html('<a href="{}">{}</a>', entry.href, said) if entry.href else said
    denied = parts.badge(_("Refused"), "bad") if entry.denied else parts.EMPTY
    why = format_html('<p class="why">{}</p>', entry.why) if entry.why else parts.EMPTY
    return format_html(
        '<li>{}<span class="dot{}"></span><div><b>{}</b> {} {}{}{}</div></li>',
        parts.when(entry.time, absolute=True),
        " denied" if entry.denied else "",
        entry.who or _("somebody"),
        what,
        denied,
        why,
        diff(entry.changes, labels=labels),
    )


def _before(value: Any) -> SafeString:
    return format_html("<del>{}</del>", _text(value)) if value not in (None, "") else parts.EMPTY


def _after(value: Any) -> SafeString:
    if value in (None, ""):
        return format_html('<span class="muted">{}</span>', _("empty"))
    return format_html("<ins>{}</ins>", _text(value))


def _text(value: Any) -> str:
    match value:
        case bool():
            text = _("yes") if value else _("no")
        case str():
            text = value
        case list() if all(isinstance(item, str) for item in value):
            text = ", ".join(value)
        case _:
            text = json.dumps(value, ensure_ascii=False, sort_keys=True)
    return text if len(text) <= LONGEST_VALUE else text[:LONGEST_VALUE] + "…"
