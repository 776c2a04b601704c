"""Which traces belong together? The list of sessions."""

from __future__ import annotations

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from kernel.actor import Permission
from telemetry.queries.sessions import SessionRow
from telemetry.services import Estate, load_estate, reading
from telemetry.tables.register import first_span_snippet
from telemetry.tables.sessions import SESSION_COLUMNS, SessionSource, session_filters
from telemetry.tables.spans import session_href
from ui import lists
from ui.access import actor_of, page
from ui.tables import Empty, ListPage


@require_safe
@page(Permission.TELEMETRY_READ)
def sessions(request: HttpRequest) -> HttpResponseBase:
    """The list of sessions; a session opens as the list of its traces."""
    with reading() as connection:
        estate = load_estate(connection, actor_of(request))
    definition: ListPage[SessionRow] = ListPage(
        name="telemetry.sessions",
        title=_("Sessions"),
        lead=_("Conversations and other runs of several traces, as their senders name them."),
        columns=SESSION_COLUMNS,
        filters=session_filters(estate)
        if estate.seen
        else [],  # nothing to narrow: the first step stands here
        href=lambda row: session_href(row.session_id),
        exportable=False,
        empty=_no_session(estate),
    )
    return lists.render_list(request, definition, SessionSource(estate))


def _no_session(estate: Estate) -> Empty:
    """The first step is a first span; only then do names of sessions on spans help."""
    if not estate.seen:
        return Empty(
            title=_("Nothing has been sent yet"),
            why=_(
                "Sessions are made of traces. These lines send a first span; sessions follow when spans name theirs."
            ),
            icon="messages-square",
            snippet=first_span_snippet(),
        )
    return Empty(
        title=_("No session here yet"),
        why=_(
            "A session appears when spans carry session.id or gen_ai.conversation.id. "
            "Without them, each trace stands alone in the list of traces."
        ),
        icon="messages-square",
        snippet='span.set_attribute("session.id", session_id)',
    )
