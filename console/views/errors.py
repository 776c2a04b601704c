"""Pages for what went wrong: what happened, why, what next. In the reader's language, whatever failed."""

from __future__ import annotations

import structlog
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from kernel.errors import Forbidden, Invalid, NotFound, TutelaError

log = structlog.get_logger(__name__)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400: a request that no page of ours sends."""
    log.info("request.bad", reason=str(exception)[:200])
    error = Invalid(_("This request cannot be understood. Go back to the page, reload it, and try again."))
    return _page(request, error, status=400)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403: a permission that is missing."""
    log.info("request.forbidden", reason=str(exception)[:200])
    return _page(request, Forbidden(_("Your roles do not open this page. Ask an administrator.")), status=403)


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403: a form that does not come from a page of this session."""
    log.info("request.csrf", reason=reason)
    message = _(
        "This form is too old, or it did not come from this page. Go back, reload the page, and send it again."
    )
    return _page(request, Forbidden(message, code="stale_form"), status=403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404: no such page, or none that the reader may know of."""
    log.debug("request.not_found", path=request.path[:200], reason=type(exception).__name__)
    message = _("There is nothing at this address. It may have been retired, or the address is incomplete.")
    return _page(request, NotFound(message), status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """500: our mistake. The page asks nothing of the databases; it tells the number under which the log has it."""
    number = getattr(request, "request_id", "")
    context = {"number": number, "shell": {"language": translation.get_language() or "en", "theme": "system"}}
    return HttpResponse(render_to_string("console/server_error.html", context), status=500)


def _page(request: HttpRequest, error: TutelaError, *, status: int) -> HttpResponse:
    return render(request, "console/error.html", {"error": error}, status=status)
