"""Bringing a table in: send it, see what it would do, cell by cell, then do it."""

from __future__ import annotations

import io
import tempfile
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from audit.adapters.files import Workbook
from audit.panels import explained, kind_word
from inventory.adapters.sheets import MOST_BYTES, MOST_ROWS
from inventory.services import importing
from inventory.services.importing import Outcome, Report, RowOutcome
from kernel.actor import Permission
from kernel.errors import TutelaError
from ui.access import actor_of, page
from ui.forms import ReasonForm, add_errors
from ui.history import FieldChange
from ui.parts import Crumb
from ui.text import Text

SHOWN = 200
"""Rows that the page shows of each outcome; the counts are of all."""

OUTCOMES: dict[Outcome, tuple[Text, str]] = {
    Outcome.BAD: (gettext_lazy("Cannot be accepted"), "bad"),
    Outcome.NEW: (gettext_lazy("New rows"), "ok"),
    Outcome.CHANGED: (gettext_lazy("Changed rows"), "accent"),
    Outcome.SAME: (gettext_lazy("As they are already"), "plain"),
}


class UploadForm(forms.Form):
    """A file, and for CSV what it holds."""

    file = forms.FileField(label=gettext_lazy("File (CSV or XLSX)"))
    table = forms.ChoiceField(
        label=gettext_lazy("The file holds"),
        required=False,
        help_text=gettext_lazy("For CSV. The sheets of a workbook say it by their names."),
    )

    def __init__(self, *args: object, **options: object) -> None:
        super().__init__(*args, **options)  # type: ignore[arg-type]  # passed through
        field = self.fields["table"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  # declared above
        field.choices = [
            ("", _("what its sheets say")),
            *((item.name, _plural(item)) for item in importing.TABLES),
        ]


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the preview in words."""

    outcome: RowOutcome
    kind: Text
    changes: Sequence[FieldChange]


@require_http_methods(["GET", "POST"])
@page(Permission.REGISTER_READ)
def upload(request: HttpRequest) -> HttpResponseBase:
    """Send a file to be tried."""
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        sent = form.cleaned_data["file"]
        try:
            data = sent.read(MOST_BYTES + 1)
            draft = importing.keep_import(
                actor_of(request), name=sent.name, data=data, table=form.cleaned_data["table"]
            )
        except TutelaError as error:
            add_errors(form, error)
        else:
            return HttpResponseRedirect(reverse("inventory:import_preview", args=[draft]))
    context = {
        "title": _("Import"),
        "lead": _(
            "Bring a table into the register. Nothing is changed before you have seen what would change."
        ),
        "form": form,
        "submit": _("Try it"),
        "cancel_href": reverse("inventory:systems"),
        "most_rows": MOST_ROWS,
        "most_mb": MOST_BYTES >> 20,
    }
    return render(request, "inventory/import.html", context)


@require_http_methods(["GET", "POST"])
@page(Permission.REGISTER_READ)
def preview(request: HttpRequest, draft_id: uuid.UUID) -> HttpResponseBase:
    """What the file would do, and doing it."""
    actor = actor_of(request)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            report = importing.apply_import(actor, draft_id, reason=form.cleaned_data["reason"])
        except TutelaError as error:
            add_errors(form, error)
        else:
            messages.success(
                request,
                _("Brought in: %(new)s new, %(changed)s changed, %(same)s as they were.")
                % {item.value: report.count(item) for item in Outcome},
            )
            return HttpResponseRedirect(reverse("inventory:import"))
    report = importing.try_import(actor, draft_id)
    context = {
        "report": report,
        "counts": [(word, tone, report.count(item), item.value) for item, (word, tone) in OUTCOMES.items()],
        "groups": [
            (word, item.value, _lines(report, item), max(report.count(item) - SHOWN, 0))
            for item, (word, _tone) in OUTCOMES.items()
            if report.count(item)
        ],
        "form": form,
        "draft_id": draft_id,
        "trail": [Crumb(_("Import"), reverse("inventory:import"))],
    }
    return render(request, "inventory/import_preview.html", context)


@require_POST
@page(Permission.REGISTER_READ)
def drop(request: HttpRequest, draft_id: uuid.UUID) -> HttpResponseBase:
    """Forget the file."""
    importing.drop_import(actor_of(request), draft_id)
    messages.success(request, _("The file was forgotten; nothing was brought in."))
    return HttpResponseRedirect(reverse("inventory:import"))


@require_safe
@page(Permission.REGISTER_READ)
def template(_request: HttpRequest) -> HttpResponseBase:
    """An empty workbook with a sheet per table, its columns as heads."""
    file = io.BytesIO()
    book = Workbook(file, folder=Path(tempfile.gettempdir()))
    for table in importing.TABLES:
        book.add(table.name, list(table.fields()), [])
    book.close()
    response = HttpResponse(
        file.getvalue(),
        content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    )
    response["Content-Disposition"] = 'attachment; filename="tutela-import.xlsx"'
    return response


def _lines(report: Report, outcome: Outcome) -> list[Line]:
    chosen = [row for row in report.rows if row.outcome is outcome][:SHOWN]
    return [Line(row, kind_word(row.kind), explained(row.kind, row.changes)) for row in chosen]


def _plural(table: importing.Table) -> str:
    return capfirst(str(table.noun.model._meta.verbose_name_plural))
