"""Taking evidence away: what was asked for, asking, and the archive."""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from audit.adapters.signing import signer
from audit.evidence import all_datasets
from audit.forms import ExportForm
from audit.models import Export
from audit.queries.exports import find_export, visible_exports
from audit.services.exports import ask_export, take_export
from audit.services.making import VERIFIER
from kernel.actor import Permission
from kernel.errors import TutelaError
from ui import formats, lists, parts
from ui.access import actor_of, page
from ui.forms import add_errors
from ui.parts import Crumb, Fact
from ui.sources import QuerySetSource
from ui.tables import Action, Column, Empty, ListPage
from ui.text import Text

STATES: dict[str, tuple[Text, str]] = {
    "waiting": (pgettext_lazy("export", "Waiting"), "plain"),
    "running": (pgettext_lazy("export", "Being made"), "accent"),
    "done": (pgettext_lazy("export", "Ready"), "ok"),
    "dead": (pgettext_lazy("export", "Failed"), "bad"),
    "expired": (pgettext_lazy("export", "Forgotten"), "unknown"),
}


def state_badge(row: Export) -> str:
    """The state of an export as mark, word and colour."""
    word, tone = STATES.get(row.state, (row.state, "unknown"))
    return parts.badge(word, tone)


UNFINISHED = ("waiting", "running")

COLUMNS: tuple[Column[Export], ...] = (
    Column("asked", gettext_lazy("Asked"), value=lambda row: row.asked_at, cell=lambda row: parts.when(row.asked_at),
           sort="asked", fixed=True),
    Column("why", gettext_lazy("Reason"), value=lambda row: row.reason),
    Column("state", gettext_lazy("State"), value=lambda row: row.state, cell=state_badge, sort="state"),
    Column("rows", gettext_lazy("Rows"), value=lambda row: row.rows, numeric=True,
           cell=lambda row: formats.number(row.rows, digits=0)),
    Column("size", gettext_lazy("Size"), value=lambda row: row.size, numeric=True,
           cell=lambda row: None if row.size is None else formats.size(row.size)),
    Column("as_of", gettext_lazy("As of"), value=lambda row: row.as_of, cell=lambda row: parts.when(row.as_of, absolute=True)),
)  # fmt: skip


@require_safe
@page(Permission.EXPORT)
def exports(request: HttpRequest) -> HttpResponseBase:
    """What was asked for, newest first."""
    definition = ListPage(
        name="audit.exports",
        title=gettext_lazy("Exports"),
        lead=gettext_lazy("What was taken away, and can it be verified on another machine?"),
        columns=COLUMNS,
        sort="-asked",
        href=lambda row: reverse("audit:export", args=[row.pk]),
        actions=[Action(gettext_lazy("New export"), reverse("audit:export_new"), icon="plus", primary=True)],
        exportable=False,
        live=True,
        empty=Empty(
            gettext_lazy("Nothing has been taken away yet"),
            gettext_lazy(
                "An export holds the register as of a moment, and what happened in a period, as CSV, JSON and XLSX, "
                "with a signed list of digests that a small script checks on any machine."
            ),
            icon="download",
            action=gettext_lazy("New export"),
            action_href=reverse("audit:export_new"),
        ),
    )
    source = QuerySetSource(
        visible_exports(actor_of(request)),
        value=lambda row: row,
        orders={"asked": ("asked_at",), "state": ("state",)},
    )
    return lists.render_list(request, definition, source)


@require_http_methods(["GET", "POST"])
@page(Permission.EXPORT)
def new(request: HttpRequest) -> HttpResponseBase:
    """Ask for an export."""
    actor = actor_of(request)
    form = ExportForm(request.POST or None, actor=actor)
    if request.method == "POST" and form.is_valid():
        try:
            export_id = ask_export(actor, **form.asked())
        except TutelaError as error:
            add_errors(form, error)
        else:
            return HttpResponseRedirect(reverse("audit:export", args=[export_id]))
    context = {
        "title": _("New export"),
        "lead": _("It holds what your roles let you read, and is made in the background."),
        "form": form,
        "trail": [Crumb(_("Exports"), reverse("audit:exports"))],
        "submit": _("Make it"),
        "cancel_href": reverse("audit:exports"),
    }
    return render(request, "ui/form.html", context)


@require_safe
@page(Permission.EXPORT)
def export(request: HttpRequest, export_id: uuid.UUID) -> HttpResponseBase:
    """One export: its progress, what is in it, how to check it."""
    row = find_export(actor_of(request), export_id)
    context = {
        "row": row,
        "facts": _facts(row),
        "state": state_badge(row),
        "unfinished": row.state in UNFINISHED,
        "files": (row.manifest or {}).get("files", []),
        "key": signer(settings.TUTELA.home).fingerprint,
        "trail": [Crumb(_("Exports"), reverse("audit:exports"))],
    }
    context["command"] = f"python3 verify.py tutela-….zip --key {context['key']}"
    return render(request, "audit/export.html", context)


@require_POST
@page(Permission.EXPORT)
def archive(request: HttpRequest, export_id: uuid.UUID) -> HttpResponseBase:
    """The archive; handing it out is on record, and therefore a POST."""
    name, parts_ = take_export(actor_of(request), export_id)
    response = StreamingHttpResponse(parts_, content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Content-Security-Policy"] = "sandbox"
    response["X-Content-Type-Options"] = "nosniff"
    return response


@require_safe
@page(Permission.EXPORT)
def verifier(_request: HttpRequest) -> HttpResponseBase:
    """The script that checks exports, apart from any export."""
    response = HttpResponse(VERIFIER.read_bytes(), content_type="text/x-python; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="verify.py"'
    response["Content-Security-Policy"] = "sandbox"
    return response


def _facts(row: Export) -> list[Fact]:
    titles = {item.name: item.title for item in all_datasets()}
    asked_by = get_user_model()._default_manager.filter(pk=row.asked_by).first()
    values: list[tuple[Text, Any]] = [
        (_("Asked"), parts.when(row.asked_at, absolute=True)),
        (_("By"), str(asked_by) if asked_by else row.asked_by),
        (_("Reason"), row.reason),
        (_("What"), ", ".join(capfirst(str(titles.get(name, name))) for name in row.datasets)),
        (_("Formats"), ", ".join(item.upper() for item in row.formats)),
        (_("As of"), parts.when(row.as_of, absolute=True)),
        (_("Period from"), parts.when(row.start, absolute=True)),
        (_("Period before"), parts.when(row.end, absolute=True)),
        (_("Rows"), formats.number(row.rows, digits=0)),
        (_("Size"), None if row.size is None else formats.size(row.size)),
    ]
    return [Fact(label, value) for label, value in values]
