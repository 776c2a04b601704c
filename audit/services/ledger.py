"""Writing to the ledger. Every verb of the house goes through `verb`, so that none changes anything unseen.

A verb is a function whose first argument is the actor. One verb = one transaction = at least one event.
"""

from __future__ import annotations

import functools
import uuid
from collections.abc import Callable, Iterable, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Concatenate, ParamSpec, TypeVar

from django.db import models, transaction

from audit.domain import BuiltEvent, Change, Outcome, Target, build, diff, read_disclosure, timestamp
from audit.models import Disclosure, Event, QueueEntry
from kernel import clock, ids
from kernel.actor import Actor
from kernel.errors import Forbidden

P = ParamSpec("P")
R = TypeVar("R")


class VerbWithoutEventError(AssertionError):
    """A verb ended without writing to the ledger: a defect in the verb. Its transaction is rolled back."""


@dataclass(slots=True)
class _Running:
    action: str
    accounted: bool = False


_running: ContextVar[_Running | None] = ContextVar("running_verb", default=None)


def verb(action: str) -> Callable[[Callable[Concatenate[Actor, P], R]], Callable[Concatenate[Actor, P], R]]:
    """Make a function a verb: one transaction, in which it must call `record` (or `unchanged`).

    `action` is the verb's name in the ledger, `<app>.<noun>.<verb>`. A refusal (Forbidden) is itself put on record,
    after the rollback. Raises VerbWithoutEventError when the function forgot the ledger.
    """

    def decorate(function: Callable[Concatenate[Actor, P], R]) -> Callable[Concatenate[Actor, P], R]:
        @functools.wraps(function)
        def run(actor: Actor, /, *args: P.args, **kwargs: P.kwargs) -> R:
            try:
                return _run(action, function, actor, *args, **kwargs)
            except Forbidden as refusal:
                _record_refusal(actor, action, refusal)
                raise

        run.__verb__ = action  # type: ignore[attr-defined]  # the mark that the test of all verbs looks for
        return run

    return decorate


def _run(
    action: str, function: Callable[Concatenate[Actor, P], R], actor: Actor, *args: P.args, **kwargs: P.kwargs
) -> R:
    running = _Running(action)
    token = _running.set(running)
    try:
        with transaction.atomic():
            result = function(actor, *args, **kwargs)
            if not running.accounted:
                raise VerbWithoutEventError(
                    f"{action} wrote no event; call audit.services.record or unchanged"
                )
            return result
    finally:
        _running.reset(token)


def record(
    actor: Actor,
    *,
    target: Target,
    changes: Iterable[Change] = (),
    personal: frozenset[str] = frozenset(),
    reason: str = "",
    action: str | None = None,
    outcome: Outcome = Outcome.SUCCESS,
) -> uuid.UUID:
    """Write one event in the current transaction and return its id.

    `action` defaults to that of the running verb. Values of changes are JSON without floats (see `plain`). Raises
    RuntimeError outside a transaction, where change and event could part.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError(
            "the ledger is written in the transaction of the change; use @verb or transaction.atomic"
        )
    running = _running.get()
    if running is not None:
        running.accounted = True
    name = action or (running.action if running else "")
    if not name:
        raise RuntimeError("an event outside a verb must name its action")
    return _store(
        actor, name, target=target, changes=changes, personal=personal, reason=reason, outcome=outcome
    )


@dataclass(frozen=True, slots=True)
class Entry:
    """One event of many that a verb writes at once; see `record`."""

    target: Target
    changes: tuple[Change, ...] = ()
    personal: frozenset[str] = frozenset()
    reason: str = ""
    action: str | None = None


def record_many(actor: Actor, entries: Sequence[Entry]) -> None:
    """Write an event for each entry, in a handful of statements for a thousand. Otherwise as `record`.

    No entries are no event: the running verb must then say `unchanged`.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError(
            "the ledger is written in the transaction of the change; use @verb or transaction.atomic"
        )
    running = _running.get()
    if running is not None and entries:
        running.accounted = True
    _store_many(actor, [(entry.action or (running.action if running else ""), entry) for entry in entries])


def unchanged() -> None:
    """Say that the running verb found nothing to change, so that no event is due."""
    running = _running.get()
    if running is not None:
        running.accounted = True


def snapshot(instance: models.Model, *, leave_out: frozenset[str] = frozenset()) -> dict[str, Any]:
    """The stored fields of a row as plain JSON values, for `diff`. Many-to-many sets as sorted lists of ids."""
    fields = {
        field.name: plain(field.value_from_object(instance))
        for field in instance._meta.concrete_fields
        if field.name not in leave_out and not field.primary_key
    }
    if instance.pk is None or instance._state.adding:
        return fields
    for many in instance._meta.many_to_many:
        if many.name not in leave_out:
            ids_ = getattr(instance, many.name).values_list("pk", flat=True)
            fields[many.name] = sorted(str(value) for value in ids_)
    return fields


def plain(value: Any) -> Any:
    """A field's value as JSON without floats: ids, dates and decimals become text, bytes become hex."""
    match value:
        case None | bool() | int():
            return value
        case datetime():
            return timestamp(value)
        case bytes() | memoryview():
            return bytes(value).hex()
        case dict():
            return {str(name): plain(inner) for name, inner in value.items()}
        case list() | tuple() | set() | frozenset():
            return [plain(inner) for inner in value]
        case _:
            return str(value)


def changes_between(before: dict[str, Any], after: dict[str, Any]) -> tuple[Change, ...]:
    """`diff` of two snapshots, by the name that services read well with."""
    return diff(before, after)


def _store(
    actor: Actor,
    action: str,
    *,
    target: Target,
    changes: Iterable[Change],
    personal: frozenset[str],
    reason: str,
    outcome: Outcome,
) -> uuid.UUID:
    entry = Entry(target, tuple(changes), personal, reason)
    made = _built(actor, action, entry, outcome)
    event = _row(made, actor, action, entry, outcome)
    event.save(force_insert=True)  # with its signal: whoever listens hears of changes one by one
    Disclosure.objects.bulk_create(_disclosures(made, actor, entry))
    QueueEntry.objects.create(event=event)
    return made.id


def _store_many(actor: Actor, entries: Sequence[tuple[str, Entry]]) -> None:
    if not all(action for action, _entry in entries):
        raise RuntimeError("an event outside a verb must name its action")
    built = [(_built(actor, action, entry, Outcome.SUCCESS), action, entry) for action, entry in entries]
    Event.objects.bulk_create(
        _row(made, actor, action, entry, Outcome.SUCCESS) for made, action, entry in built
    )
    Disclosure.objects.bulk_create(
        disclosure for made, _action, entry in built for disclosure in _disclosures(made, actor, entry)
    )
    QueueEntry.objects.bulk_create(QueueEntry(event_id=made.id) for made, *_rest in built)


def _disclosures(made: BuiltEvent, actor: Actor, entry: Entry) -> list[Disclosure]:
    return [
        Disclosure(
            event_id=made.id, digest=digest, disclosure=text, subject_id=_subject(text, actor, entry.target)
        )
        for digest, text in made.disclosures
    ]


def _built(actor: Actor, action: str, entry: Entry, outcome: Outcome) -> BuiltEvent:
    return build(
        event_id=ids.uuid7(),
        time=clock.now(),
        action=action,
        actor=actor,
        target=entry.target,
        outcome=outcome,
        changes=entry.changes,
        personal=entry.personal,
        reason=entry.reason,
    )


def _row(made: BuiltEvent, actor: Actor, action: str, entry: Entry, outcome: Outcome) -> Event:
    return Event(
        id=made.id,
        body=made.body,
        time=made.time,
        action=action,
        outcome=outcome.value,
        actor_kind=actor.kind.value,
        actor_id=actor.id,
        target_type=entry.target.type,
        target_id=entry.target.id,
        unit_id=entry.target.unit_id,
        request_id=actor.source.request_id or "",
    )


def _subject(disclosure: str, actor: Actor, target: Target) -> str:
    """Whom a disclosed field speaks of: the person acted on for their name and fields, else who acted and wrote."""
    name, _value = read_disclosure(disclosure)
    theirs = name.startswith(("target.", "changes."))
    return target.person_id if theirs and target.person_id else actor.id


def _record_refusal(actor: Actor, action: str, refusal: Forbidden) -> None:
    """A denied attempt is on record too, in a transaction of its own: the verb's has been rolled back."""
    with transaction.atomic():
        _store(
            actor,
            action,
            target=_refused_target(refusal),
            changes=(),
            personal=frozenset(),
            reason=str(refusal),
            outcome=Outcome.DENIED,
        )


def _refused_target(refusal: Forbidden) -> Target:
    """What was wanted; where the refusal came before anything was looked up, the right that is missing."""
    thing = refusal.thing
    if thing is None:
        return Target(type="permission", id=refusal.code)
    return Target(type=thing.type, id=thing.id, unit_id=thing.unit_id)
