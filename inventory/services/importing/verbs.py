"""The verbs of an import: keep the file, try it, apply it, drop it."""

from __future__ import annotations

import hashlib
import uuid
from datetime import timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from audit.domain import Change, Target
from audit.services import record, unchanged, verb
from inventory.adapters import sheets
from inventory.models import ImportDraft
from inventory.services.importing.outcomes import Outcome, Report
from inventory.services.importing.rows import bring_in
from inventory.services.importing.tables import TABLES, Table
from kernel import clock
from kernel.actor import Actor, Permission
from kernel.errors import Conflict, Invalid, NotFound

KIND = "inventory.import"
KEPT_FOR = timedelta(days=1)
_ANY = (Permission.REGISTER_EDIT, Permission.ESTATE_EDIT)


@verb("inventory.import.keep")
def keep_import(actor: Actor, *, name: str, data: bytes, table: str = "") -> uuid.UUID:
    """Keep a file that somebody wants to bring in; nothing is brought in yet. Raises Forbidden, Invalid.

    `table` says what a CSV file holds, by the name of one of `TABLES`.
    """
    _require(actor)
    if table and table not in {item.name for item in TABLES}:
        raise Invalid(_("There is no such table."), fields={"table": [_("There is no such table.")]})
    sheets.read(name, data)
    row = ImportDraft.objects.create(
        asked_by=actor.id, name=name[:200], table=table, data=data, digest=hashlib.sha256(data).hexdigest()
    )
    record(actor, target=_target(row), changes=[Change("sha256", None, row.digest)])
    return row.pk


@verb("inventory.import.try")
def try_import(actor: Actor, draft_id: uuid.UUID) -> Report:
    """What applying the file would do now, row by row. Everything is done, and undone at the end."""
    row = _find(actor, draft_id)
    report = bring_in(actor, sheets.read(row.name, bytes(row.data)), only=_only(row), reason="")
    unchanged()
    transaction.set_rollback(True)
    return report


@verb("inventory.import.apply")
def apply_import(actor: Actor, draft_id: uuid.UUID, *, reason: str) -> Report:
    """Bring the file in, all of it or nothing. Raises Invalid without a reason, Conflict while a cell is bad.

    Applying the same file again changes nothing: every row is then as it says.
    """
    row = _find(actor, draft_id)
    if not reason.strip():
        raise Invalid(_("Say why: this step is on record."), fields={"reason": [_("Say why.")]})
    report = bring_in(actor, sheets.read(row.name, bytes(row.data)), only=_only(row), reason=reason.strip())
    if not report.good:
        raise Conflict(
            _(
                "Nothing was brought in: %(count)s rows cannot be accepted. Correct them and send the file again."
            )
            % {"count": report.count(Outcome.BAD)},
            code="bad_rows",
        )
    record(
        actor,
        target=_target(row),
        changes=[
            Change("sha256", None, row.digest),
            *(Change(outcome.value, None, report.count(outcome)) for outcome in Outcome),
        ],
        reason=reason.strip(),
    )
    row.delete()
    return report


@verb("inventory.import.drop")
def drop_import(actor: Actor, draft_id: uuid.UUID) -> None:
    """Forget a file that was not brought in."""
    row = _find(actor, draft_id)
    record(actor, target=_target(row), changes=[Change("sha256", row.digest, None)])
    row.delete()


def forget_old_imports() -> int:
    """Forget files that nobody brought in within a day. Returns how many."""
    return ImportDraft.objects.filter(created_at__lt=clock.now() - KEPT_FOR).delete()[0]


def _find(actor: Actor, draft_id: uuid.UUID) -> ImportDraft:
    row = ImportDraft.objects.filter(pk=draft_id, asked_by=actor.id).first()
    if row is None:
        raise NotFound(_("There is no such file, or it was brought in already."))
    _require(actor)
    return row


def _require(actor: Actor) -> None:
    """Some right to change the register somewhere; each row asks for its own."""
    if not any(actor.may_somewhere(item) for item in _ANY):
        actor.require_somewhere(_ANY[0])


def _only(row: ImportDraft) -> Table | None:
    return next((item for item in TABLES if item.name == row.table), None)


def _target(row: ImportDraft) -> Target:
    return Target(type=KIND, id=str(row.pk), label=row.name)
