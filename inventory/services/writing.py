"""How a row of the register is made, changed, retired: one way for all nouns.

Every step does the same in the same order: find what is named, ask for the right, validate, save, write the event.
Called inside verbs (`audit.services.verb`), which give the transaction.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, FieldDoesNotExist, ValidationError
from django.db import IntegrityError
from django.db.models import CharField, Field, ForeignKey, JSONField, TextField
from django.utils.text import slugify
from django.utils.translation import gettext as _

from audit.domain import Target
from audit.services import changes_between, record, snapshot, unchanged
from inventory.domain.states import Table, step
from inventory.models.base import SLUG_LENGTH, Kept, Named
from inventory.services.nouns import BY_MODEL, M, Noun, R
from kernel import clock
from kernel.actor import Actor, Permission
from kernel.errors import Conflict, Invalid, NotFound

_NOT_RECORDED = frozenset({"version", "created_at", "updated_at"})
_MAINTAINED = frozenset({"id", "version", "created_at", "updated_at", "retired_at"})
_RETIRED_STATE = "retired"


def insert(
    noun: Noun[M], actor: Actor, fields: Mapping[str, Any], *, reason: str = "", action: str | None = None
) -> M:
    """Make a row and write its event. Foreign keys are given as ids under the field's own name.

    Raises Forbidden, or Invalid with the bad fields; a name without a slug gets a free one.
    """
    actor.require_somewhere(noun.permission)
    row = noun.model()
    _assign(noun, actor, row, fields, allow_own_verbs=True)
    if isinstance(row, Named) and not row.slug:
        row.slug = free_slug(noun, row.name)
    _require(noun, actor, row)
    _validate(row)
    _save(row, new=True)
    _record(noun, actor, row, before={}, reason=reason, action=action)
    return row


def change(
    noun: Noun[M],
    actor: Actor,
    row_id: uuid.UUID,
    fields: Mapping[str, Any],
    *,
    version: int | None,
    reason: str = "",
    allow_own_verbs: bool = False,
) -> M:
    """Change some fields of a row that still has this version (None: whatever version it has).

    Raises NotFound, Forbidden, Conflict (edited meanwhile, retired, or a name that is fixed) or Invalid. The actor needs the right where the
    row is and where it goes.
    """
    row = locked(noun, actor, row_id, version=version)
    before = _state(noun, row)
    _assign(noun, actor, row, fields, allow_own_verbs=allow_own_verbs)
    if _state(noun, row) == before:
        unchanged()
        return row
    _refuse_what_is_fixed(noun, row, before)
    _require(noun, actor, row)
    _validate(row)
    _write(noun, actor, row, before, reason=reason)
    return row


def retire(noun: Noun[M], actor: Actor, row_id: uuid.UUID, *, version: int | None, reason: str) -> M:
    """Take a row out of use for good; it stays readable. Raises Conflict while something still depends on it."""
    row = locked(noun, actor, row_id, version=version)
    _refuse_while_used(noun, row)
    before = _state(noun, row)
    row.retired_at = clock.now()
    if any(field.name == "state" for field in row._meta.concrete_fields):
        row.state = _RETIRED_STATE  # type: ignore[attr-defined]  # the nouns that have states retire into one
    _write(noun, actor, row, before, reason=reason)
    return row


def move(
    noun: Noun[M], actor: Actor, row_id: uuid.UUID, *, to: str, table: Table, version: int | None, reason: str
) -> M:
    """Bring a row into another state. Raises Conflict for a step the table lacks, Invalid for a missing reason."""
    row = locked(noun, actor, row_id, version=version)
    field = _field(noun, "state", allow_own_verbs=True)
    state = str(field.value_from_object(row))
    taken = step(table, state, to)
    if taken is None:
        words = dict(field.flatchoices)
        raise Conflict(
            _("From “%(before)s” there is no way to “%(after)s”.")
            % {"before": words.get(state, state), "after": words.get(to, to)},
            code="no_such_step",
        )
    if taken.needs_reason and not reason.strip():
        raise Invalid(
            _("Say why: this step is on record."), code="reason_missing", fields={"reason": [_("Say why.")]}
        )
    if to == _RETIRED_STATE:
        return retire(noun, actor, row_id, version=version, reason=reason)
    before = _state(noun, row)
    setattr(row, "state", to)  # noqa: B010  # only some nouns have a state
    _write(noun, actor, row, before, reason=reason)
    return row


def end(
    noun: Noun[R],
    actor: Actor,
    row_id: uuid.UUID,
    *,
    at: datetime | None,
    version: int | None,
    reason: str,
) -> R:
    """End a relation at a moment (now). One that had not begun by then never was: it is retired instead."""
    row = locked(noun, actor, row_id, version=version)
    before = _state(noun, row)
    moment = at or clock.now()
    if row.valid_from is not None and moment <= row.valid_from:
        row.retired_at = clock.now()
    else:
        row.valid_until = moment
    _validate(row)
    _write(noun, actor, row, before, reason=reason)
    return row


def locked(noun: Noun[M], actor: Actor, row_id: uuid.UUID, *, version: int | None) -> M:
    """The row, held against others until the transaction ends, which the actor may see and change."""
    row = noun.model._default_manager.select_for_update().filter(pk=row_id).first()
    if row is None or not sees(noun, actor, row):
        raise _unknown(noun)
    _require(noun, actor, row)
    if version is not None and row.version != version:
        raise Conflict(
            _("Somebody else has changed this since you opened it. Load it again and repeat your change."),
            code="stale",
        )
    if row.retired_at is not None:
        raise Conflict(_("This is retired and can no longer be changed."), code="retired")
    return row


def sees(noun: Noun[M], actor: Actor, row: M) -> bool:
    """Whether the actor may know of a row. What belongs to no unit is seen by every reader."""
    unit = noun.units_of(row)[0]
    if unit is None:
        return actor.may_somewhere(Permission.REGISTER_READ)
    return actor.may(Permission.REGISTER_READ, unit=unit)


def free_slug(noun: Noun[M], name: str) -> str:
    """A slug made from a name that nobody uses yet: `weld-inspection`, else `weld-inspection-2`."""
    base = slugify(name)[: SLUG_LENGTH - 6].strip("-_") or noun.kind.rpartition(".")[2].replace("_", "-")
    taken = set(noun.model._default_manager.filter(slug__startswith=base).values_list("slug", flat=True))
    number = 1
    slug = base
    while slug in taken:
        number += 1
        slug = f"{base}-{number}"
    return slug


def _require(noun: Noun[M], actor: Actor, row: M) -> None:
    for unit in noun.units_of(row):
        actor.require(noun.permission, unit=unit)


def _assign(noun: Noun[M], actor: Actor, row: M, fields: Mapping[str, Any], *, allow_own_verbs: bool) -> None:
    problems: dict[str, list[object]] = {}
    for name, value in fields.items():
        field = _field(noun, name, allow_own_verbs=allow_own_verbs)
        if not row._state.adding and getattr(row, field.attname) == value:
            continue
        problem = _problem(field, actor, value)
        if problem:
            problems[name] = [problem]
        else:
            trimmed = isinstance(value, str) and name not in noun.verbatim
            setattr(row, field.attname, value.strip() if trimmed else value)
    if problems:
        raise Invalid(_("Some fields cannot be accepted."), fields=problems)


def _field(noun: Noun[M], name: str, *, allow_own_verbs: bool) -> Field[Any, Any]:
    barred = _MAINTAINED if allow_own_verbs else _MAINTAINED | noun.own_verbs
    try:
        field = noun.model._meta.get_field(name)
    except FieldDoesNotExist:
        field = None
    if not isinstance(field, Field) or name in barred:
        raise Invalid(
            _("There is no field “%(name)s” here that can be set.") % {"name": name},
            code="unknown_field",
            fields={name: [_("This cannot be set here.")]},
        )
    return field


def _problem(field: Field[Any, Any], actor: Actor, value: object) -> str | None:
    """What speaks against a value before Django's own validation sees it."""
    if _is_empty_where_it_must_not_be(field, value):
        return _("This needs a value.")
    texts = value if isinstance(value, list) else [value]
    if any(isinstance(text, str) and not _is_plain_text(text) for text in texts):
        return _("This holds characters that no text has.")
    if isinstance(field, ForeignKey) and value is not None and not _may_point_to(field, actor, value):
        return _("There is no such thing, or you may not see it.")
    return None


def _is_empty_where_it_must_not_be(field: Field[Any, Any], value: object) -> bool:
    """Django's validation passes over empty values of optional fields, whatever their type."""
    if value is None:
        return not field.null
    if isinstance(field, JSONField):
        return not isinstance(value, list)
    return value == "" and not isinstance(field, CharField | TextField)


def _is_plain_text(value: str) -> bool:
    return "\x00" not in value and not any("\ud800" <= character <= "\udfff" for character in value)


def _may_point_to(field: ForeignKey[Any, Any], actor: Actor, value: object) -> bool:
    model = field.related_model
    found = model._default_manager.filter(pk=value).first() if isinstance(value, uuid.UUID) else None
    if found is None:
        return False
    if not isinstance(found, Kept):  # people are no noun of the register
        return True
    return found.retired_at is None and sees(BY_MODEL[type(found)], actor, found)


def _validate(row: Kept) -> None:
    try:
        row.full_clean()
    except ValidationError as error:
        fields = {
            "" if name == NON_FIELD_ERRORS else name: list(messages)
            for name, messages in error.message_dict.items()
        }
        first = next(iter(fields.get("", [])), None)
        raise Invalid(first or _("Some fields cannot be accepted."), fields=fields) from error


def _write(noun: Noun[M], actor: Actor, row: M, before: dict[str, Any], *, reason: str) -> None:
    row.version += 1
    _save(row, new=False)
    _record(noun, actor, row, before=before, reason=reason, action=None)


def _save(row: Kept, *, new: bool) -> None:
    try:
        row.save(force_insert=new, force_update=not new)
    except IntegrityError as error:
        # Validation has passed, so somebody else got there in between.
        raise Conflict(
            _("Somebody else has just made a change that stands against this one. Try again."), code="raced"
        ) from error


def _record(
    noun: Noun[M], actor: Actor, row: M, *, before: dict[str, Any], reason: str, action: str | None
) -> None:
    record(
        actor,
        target=Target(type=noun.kind, id=str(row.pk), label=str(row), unit_id=noun.units_of(row)[0]),
        changes=changes_between(before, _state(noun, row)),
        personal=noun.free_text,
        reason=reason,
        action=action,
    )


def _state(noun: Noun[M], row: M) -> dict[str, Any]:
    return snapshot(row, leave_out=_NOT_RECORDED | noun.unrecorded)


def _refuse_what_is_fixed(noun: Noun[M], row: M, before: dict[str, Any]) -> None:
    after = _state(noun, row)
    changed = [name for name in sorted(noun.fixed) if before[name] != after[name]]
    if changed:
        problem = _("Telemetry names it by “%(slug)s”, and what was received stays so.") % {
            "slug": before[changed[0]]
        }
        raise Conflict(
            _(
                "The short name is fixed: what was received under it would pass to whoever takes it next. "
                "Register another one, and retire this one."
            ),
            code="fixed",
            fields={name: [problem] for name in changed},
        )


def _refuse_while_used(noun: Noun[M], row: M) -> None:
    found = [(blocker.what, blocker.find(row.pk).count()) for blocker in noun.blockers]
    using = [f"{count} {what}" for what, count in found if count]
    if using:
        raise Conflict(
            _("This is still in use by: %(using)s. End or move these first.") % {"using": ", ".join(using)},
            code="in_use",
        )


def _unknown(noun: Noun[M]) -> NotFound:
    return NotFound(
        _("There is no such %(noun)s, or you may not see it.") % {"noun": noun.model._meta.verbose_name}
    )
