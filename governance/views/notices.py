"""What people were told, and whether the mail left."""

from __future__ import annotations

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from governance.adapters import letters, mail
from governance.models import labels
from governance.queries import notices as queries
from governance.queries.notices import NoticeRow
from inventory import filters as register_filters
from inventory.tables import cells
from ui import lists, parts
from ui.access import actor_of, page
from ui.filters import Choice, ChoiceFilter
from ui.tables import Column, Empty, ListPage
from ui.text import Tone

_TONES = {
    "waiting": Tone.ACCENT,
    "leased": Tone.ACCENT,
    "sent": Tone.OK,
    "dead": Tone.BAD,
    "not_configured": Tone.UNKNOWN,
}


def _mail(row: NoticeRow) -> SafeString:
    badge = parts.badge(
        cells.said(labels.MAIL_STATE, row.mail_state), _TONES.get(row.mail_state, Tone.UNKNOWN)
    )
    return format_html('{}<span class="second">{}</span>', badge, row.error) if row.error else badge


COLUMNS: tuple[Column[NoticeRow], ...] = (
    Column("what", gettext_lazy("Notice"), value=lambda row: letters.line(row.kind, row.about), fixed=True),
    Column("to", gettext_lazy("To"), value=lambda row: row.recipient.name, sort="to"),
    Column("written", gettext_lazy("Written"), value=lambda row: row.written_at,
           cell=lambda row: parts.when(row.written_at), sort="written"),
    Column("mail", gettext_lazy("Mail"), value=lambda row: cells.said(labels.MAIL_STATE, row.mail_state), cell=_mail),
    Column("sent", gettext_lazy("Left"), value=lambda row: row.sent_at,
           cell=lambda row: parts.when(row.sent_at) if row.sent_at else None, unknown=gettext_lazy("not yet")),
    Column("attempts", gettext_lazy("Attempts"), value=lambda row: row.attempts, numeric=True, default=False),
    Column("next", gettext_lazy("Next attempt"), value=lambda row: row.next_at, default=False,
           cell=lambda row: parts.when(row.next_at) if row.next_at else None, unknown=gettext_lazy("none")),
)  # fmt: skip


@page()
@require_safe
def notices(request: HttpRequest) -> HttpResponseBase:
    """The outbox, as far as the reader may see it."""
    actor = actor_of(request)
    shown: ListPage[NoticeRow] = ListPage(
        name="governance.notices",
        title=_("Outbox"),
        lead=_("What were people told, and has the mail left?")
        if mail.is_set_up()
        else _("What were people told? This installation sends no mail: set EMAIL_URL to change that."),
        columns=COLUMNS,
        filters=[
            ChoiceFilter(name="to", label=_("To"), choices=[Choice(queries.MINE, _("me"))]),
            register_filters.word("mail", _("Mail"), labels.MAIL_STATE),
            register_filters.word("kind", _("Kind"), labels.NOTICE),
        ],
        sort="-written",
        href=lambda row: letters.href(row.kind, row.about),
        empty=Empty(
            title=_("Nobody has been told anything yet"),
            why=_(
                "Owners are told when a violation opens, approvers when somebody asks them, askers when it is decided."
            ),
            icon="send",
        ),
    )
    return lists.render_list(request, shown, queries.source(actor))
