"""One sheet after the other, one row after the other, through the same steps as forms and API."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from audit.domain import diff
from audit.services import snapshot
from inventory.adapters.sheets import Line, Sheet, cell_name
from inventory.models.base import Kept
from inventory.services.importing.cells import value_of
from inventory.services.importing.outcomes import Outcome, Problem, Report, RowOutcome
from inventory.services.importing.tables import TABLES, Table, table_named
from inventory.services.writing import change, insert
from kernel.actor import Actor
from kernel.errors import Invalid, TutelaError

_NOT_SHOWN = frozenset({"version", "created_at", "updated_at"})


def bring_in(actor: Actor, sheets: Sequence[Sheet], *, only: Table | None, reason: str) -> Report:
    """Bring every row in, each in a savepoint of its own; the caller decides about the whole.

    `only` says which table a sheet without a telling name holds.
    """
    chosen = [(sheet, table_named(sheet.name) or only) for sheet in sheets]
    ignored = [sheet.name or _("the table") for sheet, table in chosen if table is None]
    outcomes: list[RowOutcome] = []
    for table in TABLES:
        for sheet, its in chosen:
            if its is table:
                reader = _Reader(actor, table, sheet, reason)
                outcomes += [reader.row(line) for line in sheet.lines]
                ignored += reader.strangers
    return Report(tuple(outcomes), tuple(ignored))


@dataclass
class _Reader:
    """Reads the rows of one sheet as rows of one table."""

    actor: Actor
    table: Table
    sheet: Sheet
    reason: str
    columns: dict[int, str] = field(init=False)
    strangers: list[str] = field(init=False)

    def __post_init__(self) -> None:
        titles = self.table.titles()
        heads = {at: text.strip().lower() for at, text in enumerate(self.sheet.head) if text.strip()}
        self.columns = {at: titles[text] for at, text in heads.items() if text in titles}
        unknown = [
            at for at, text in heads.items() if text not in titles and text not in self.table.passed_over()
        ]
        self.strangers = [f"{self.sheet.name} {self.sheet.head[at]}".strip() for at in unknown]

    def row(self, line: Line) -> RowOutcome:
        """Bring one row in."""
        values, problems = self._values(line)
        label = str(values.get("name") or values.get("label") or line.cells[0] if line.cells else "")[:80]
        if problems:
            return self._said(line, label, Outcome.BAD, problems=problems)
        try:
            with transaction.atomic():
                return self._bring(line, label, values)
        except TutelaError as error:
            return self._said(line, label, Outcome.BAD, problems=self._refused(line, error))

    def _bring(self, line: Line, label: str, values: Mapping[str, Any]) -> RowOutcome:
        noun, found = self.table.noun, self._find(values)
        if found is None:
            self._refuse_steps(values)
            made = insert(
                noun, self.actor, self._full(values), reason=self.reason, action=f"{noun.kind}.import"
            )
            after = snapshot(made, leave_out=_NOT_SHOWN | noun.unrecorded)
            return self._said(line, str(made) or label, Outcome.NEW, before={}, after=after)
        before = snapshot(found, leave_out=_NOT_SHOWN | noun.unrecorded)
        known_by = {"name"} if self.table.named and not values.get("slug") else set()
        differing = {
            name: value
            for name, value in values.items()
            if name not in known_by and _differs(found, name, value)
        }
        if not differing:
            return self._said(line, str(found), Outcome.SAME)
        changed = change(noun, self.actor, found.pk, differing, version=None, reason=self.reason)
        after = snapshot(changed, leave_out=_NOT_SHOWN | noun.unrecorded)
        return self._said(line, str(changed), Outcome.CHANGED, before=before, after=after)

    def _refuse_steps(self, values: Mapping[str, Any]) -> None:
        """What has a verb of its own (a state, a class) is not said in passing: a new row begins where all begin."""
        own = self.table.noun.own_verbs - self.table.at_first
        taken = [name for name in own if name in values and values[name] != self._default(name)]
        if taken:
            text = _("A new one begins without this; take the step on its page, with its reason.")
            raise Invalid(text, fields={name: [text] for name in taken})

    def _full(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """A new row keeps the defaults of what its table does not say."""
        return {name: value for name, value in values.items() if value is not None}

    def _find(self, values: Mapping[str, Any]) -> Kept | None:
        """The row that this one means: by short name, else by name; a relation by what it ties together."""
        rows = self.table.noun.model._default_manager.all()
        if self.table.named:
            by_name = {"name__iexact": values.get("name", ""), "retired_at__isnull": True}
            return first(rows.filter(**({"slug": values["slug"]} if values.get("slug") else by_name)))
        wanted = {name: values.get(name, self._default(name)) for name in self.table.key}
        return first(rows.filter(retired_at__isnull=True, **wanted).order_by("-created_at"))

    def _default(self, name: str) -> Any:
        value = self.table.fields()[name]
        return value.get_default() if value.has_default() or not value.null else None

    def _values(self, line: Line) -> tuple[dict[str, Any], list[Problem]]:
        fields, values, problems = self.table.fields(), {}, []
        for at, name in self.columns.items():
            text = line.cells[at] if at < len(line.cells) else ""
            if not text:
                continue
            try:
                values[name] = value_of(fields[name], text, self.actor)
            except ValueError as error:
                problems.append(Problem(cell_name(at, line.number), self.sheet.head[at], str(error)))
        return values, problems

    def _refused(self, line: Line, error: TutelaError) -> list[Problem]:
        """What a verb refused, at the cells of the fields that it names."""
        places = {name: at for at, name in self.columns.items()}
        found = [
            Problem(cell_name(places[name], line.number), self.sheet.head[places[name]], str(text))
            if name in places
            else Problem(
                "",
                str(self.table.fields()[name].verbose_name) if name in self.table.fields() else "",
                str(text),
            )
            for name, texts in error.fields.items()
            for text in texts
        ]
        return found or [Problem("", "", str(error))]

    def _said(
        self,
        line: Line,
        label: str,
        outcome: Outcome,
        *,
        before: Mapping[str, Any] | None = None,
        after: Mapping[str, Any] | None = None,
        problems: Sequence[Problem] = (),
    ) -> RowOutcome:
        changes = diff(before or {}, after or {})
        return RowOutcome(
            self.sheet.name, line.number, self.table.noun.kind, label, outcome, changes, tuple(problems)
        )


def first(rows: Any) -> Kept | None:
    """The first of some rows."""
    found: Kept | None = rows.first()
    return found


def _differs(row: Kept, name: str, value: Any) -> bool:
    stored = getattr(row, row._meta.get_field(name).attname)  # type: ignore[union-attr]  # columns of the table alone
    given = value.strip() if isinstance(value, str) else value
    return bool(stored != given) and not (isinstance(stored, uuid.UUID) and str(stored) == str(given))
