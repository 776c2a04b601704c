"""`/api/v1`: the apps' routers under one roof, with one way to sign in and one shape of errors (RFC 9457)."""

from __future__ import annotations

import json
import logging
from http import HTTPStatus
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.security import SessionAuth

from governance.api import router as governance_router
from guardrails.api import router as guardrails_router
from inventory.api import router as inventory_router
from kernel.errors import TutelaError
from telemetry.api import router as telemetry_router

log = logging.getLogger("console.api")

api = NinjaAPI(
    title="Tutela",
    version="1.0.0",
    description=(
        "The register of an organisation's AI. Sign in as on the pages; changes want the CSRF token, edits also If-Match. "
        "Errors are problem details (RFC 9457)."
    ),
    urls_namespace="api",
    docs_url=None,
    auth=SessionAuth(csrf=True),
)
api.add_router("", inventory_router, tags=["register"])
api.add_router("", telemetry_router, tags=["record"])
api.add_router("", guardrails_router, tags=["guardrails"])
api.add_router("", governance_router, tags=["governance"])


def problem(
    request: HttpRequest, *, status: int, code: str, detail: str, errors: dict[str, list[str]] | None = None
) -> HttpResponse:
    """An error as `application/problem+json`: what happened and what to do (`detail`), bad fields in `errors`."""
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": int(status),
        "code": code,
        "detail": detail,
        "request_id": getattr(request, "request_id", None),
    }
    if errors:
        body["errors"] = errors
    return HttpResponse(json.dumps(body), status=status, content_type="application/problem+json")


@api.exception_handler(TutelaError)
def _ours(request: HttpRequest, error: TutelaError) -> HttpResponse:
    status = HTTPStatus.PRECONDITION_FAILED if error.code == "stale" else error.status
    fields = {name: [str(text) for text in texts] for name, texts in error.fields.items()}
    return problem(request, status=status, code=error.code, detail=str(error), errors=fields)


@api.exception_handler(ValidationError)
def _shape(request: HttpRequest, error: ValidationError) -> HttpResponse:
    fields: dict[str, list[str]] = {}
    for item in error.errors:
        name = ".".join(str(part) for part in item["loc"][1:] if part not in {"payload", "asked"})
        fields.setdefault(name, []).append(str(item["msg"]))
    detail = _("Some fields cannot be accepted.")
    return problem(
        request, status=HTTPStatus.UNPROCESSABLE_ENTITY, code="invalid", detail=detail, errors=fields
    )


@api.exception_handler(AuthenticationError)
def _stranger(request: HttpRequest, _error: AuthenticationError) -> HttpResponse:
    return problem(request, status=HTTPStatus.UNAUTHORIZED, code="not_signed_in", detail=_("Sign in first."))


@api.exception_handler(HttpError)
def _refused(request: HttpRequest, error: HttpError) -> HttpResponse:
    return problem(request, status=error.status_code, code="refused", detail=str(error))


@api.exception_handler(RequestDataTooBig)
def _too_big(request: HttpRequest, _error: RequestDataTooBig) -> HttpResponse:
    return problem(
        request,
        status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        code="too_large",
        detail=_("This request is too large."),
    )


@api.exception_handler(Http404)
def _nothing(request: HttpRequest, _error: Http404) -> HttpResponse:
    return problem(
        request, status=HTTPStatus.NOT_FOUND, code="not_found", detail=_("There is nothing at this address.")
    )


@api.exception_handler(Exception)
def _defect(request: HttpRequest, error: Exception) -> HttpResponse:
    """Whatever nobody thought of: logged with its trace, told without any detail."""
    log.error("api.defect", exc_info=error, extra={"path": request.path})
    detail = _("Something failed here. The log has it under this request’s id.")
    return problem(request, status=HTTPStatus.INTERNAL_SERVER_ERROR, code="defect", detail=detail)
