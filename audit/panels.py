"""The ledger on other apps' pages: events as entries of a history, with fields and values in words.

An app says once, in its `ready()`, how to read the changes of its things:

    audit.panels.explain("inventory.system", said_of_systems)

where `said_of_systems(changes)` gets the changes of many events and answers, for each of them in the same order, what
the reader should see. Things that nobody explains are shown with their exact names.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit import queries
from audit.domain import Change
from audit.queries import RecordedEvent
from kernel.actor import Permission
from ui import history, navigation
from ui.history import Entry
from ui.navigation import Group, Item
from ui.text import Text

NOTHING: tuple[Any, ...] = (None, "", [], {})
"""Values that say nothing: a field that goes from one to another of them has not changed for a reader."""


@dataclass(frozen=True, slots=True)
class Said:
    """A change in words: the field's label and both values as a reader knows them."""

    path: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of thing that events are about: its word, and the address of one thing of it ("" where it has no page)."""

    label: Text
    href: Callable[[str], str] | None = None


_kinds: dict[str, Kind] = {}


def name_kind(target_type: str, kind: Kind) -> None:
    """Give a kind of thing its word and its page; the same kind again replaces it."""
    _kinds[target_type] = kind


def kinds() -> Mapping[str, Kind]:
    """Every kind that has a word."""
    return _kinds


def kind_word(target_type: str) -> Text:
    """The word of a kind; its exact name where nobody gave any."""
    return _kinds[target_type].label if target_type in _kinds else target_type


def href_of(event: RecordedEvent) -> str:
    """The page of the thing that an event is about, "" where it has none."""
    kind = _kinds.get(event.target_type)
    return kind.href(event.target_id) if kind is not None and kind.href is not None else ""


Explain: TypeAlias = Callable[[Sequence[Change]], Sequence[Said]]

_explain: dict[str, Explain] = {}


def explain(target_type: str, say: Explain) -> None:
    """Let a kind of thing be explained; the same kind again replaces it."""
    _explain[target_type] = say


def history_of(
    target_type: str,
    target_id: str,
    limit: int = 50,
    *,
    related: Mapping[tuple[str, str], Text] | None = None,
) -> list[Entry]:
    """What happened to a thing, newest first, in words.

    `related` names further things whose events belong to the story, by (type, id): for example the placements of a
    deployment, each with the name of the place. The caller has made sure that the reader may see the thing.
    """
    others = related or {}
    events = [
        replace(event, changes=_without(event.changes, target_id))
        for event in queries.histories([(target_type, target_id), *others], limit=limit)
    ]
    return [
        _with_name(entry, others.get((event.target_type, event.target_id)))
        for event, entry in zip(events, in_words(events), strict=True)
    ]


def explained(target_type: str, changes: Sequence[Change]) -> Sequence[Said]:
    """Changes of one thing in words: labels for fields, names for ids."""
    return _explained(target_type, {0: _telling(changes)})[0]


def in_words(events: Sequence[RecordedEvent]) -> list[Entry]:
    """Events as entries, their changes explained; one explanation for all events of a kind."""
    said: dict[int, tuple[Said, ...]] = {}
    for target_type in {event.target_type for event in events}:
        chosen = [at for at, event in enumerate(events) if event.target_type == target_type]
        said |= _explained(target_type, {at: _telling(events[at].changes) for at in chosen})
    return [replace(entry, changes=said[at]) for at, entry in enumerate(history.entries(events))]


def _explained(target_type: str, changes: Mapping[int, Sequence[Change]]) -> dict[int, tuple[Said, ...]]:
    flat = [change for several in changes.values() for change in several]
    say = _explain.get(target_type)
    words = iter(say(flat) if say else [Said(change.path, change.before, change.after) for change in flat])
    return {at: tuple(next(words) for _change in several) for at, several in changes.items()}


def _telling(changes: Sequence[Change]) -> list[Change]:
    return [
        change
        for change in changes
        if change.path != "id" and not (change.before in NOTHING and change.after in NOTHING)
    ]


def _without(changes: tuple[Change, ...], target_id: str) -> tuple[Change, ...]:
    """A relation’s events name the thing whose page this is; the reader knows where they are."""
    return tuple(change for change in changes if target_id not in (change.before, change.after))


def _with_name(entry: Entry, name: Text | None) -> Entry:
    if not name:
        return entry
    return replace(entry, what=_("%(what)s: %(name)s") % {"what": entry.what, "name": name})


def register_all() -> None:
    """The ledger's own page in the sidebar, and the words of what belongs to no app's nouns."""
    navigation.register(
        Item(
            Group.ASSURANCE,
            gettext_lazy("Audit trail"),
            "audit:trail",
            "scroll-text",
            10,
            Permission.AUDIT_READ,
        )
    )
    navigation.register(
        Item(Group.ASSURANCE, gettext_lazy("Exports"), "audit:exports", "download", 30, Permission.EXPORT)
    )
    history.describe(
        {
            "audit.export.ask": gettext_lazy("asked for an export"),
            "audit.export.finish": gettext_lazy("received an export"),
            "audit.export.take": gettext_lazy("took an export away"),
        }
    )
    name_kind("audit.export", Kind(gettext_lazy("Export"), lambda pk: reverse("audit:export", args=[pk])))
    name_kind("permission", Kind(gettext_lazy("A right")))
