"""`/healthz` and `/readyz` of the web process. They say whether, never why in detail: anybody may ask."""

from __future__ import annotations

import structlog
from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.urls import path
from django.views.decorators.http import require_safe

from telemetry import store
from ui.access import open_to_all

log = structlog.get_logger(__name__)


@open_to_all
@require_safe
def healthz(_request: HttpRequest) -> JsonResponse:
    """The process answers."""
    return JsonResponse({"status": "ok"})


@open_to_all
@require_safe
def readyz(_request: HttpRequest) -> JsonResponse:
    """Pages can be served: both databases answer and have this release's shape."""
    missing = [name for name, fails in (("register", _register_fails), ("record", _record_fails)) if fails()]
    if missing:
        return JsonResponse({"status": "not ready", "missing": missing}, status=503)
    return JsonResponse({"status": "ok"})


def _register_fails() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM console_user LIMIT 1")
    except DatabaseError as error:
        log.warning("register.not_ready", reason=str(error))
        return True
    return False


def _record_fails() -> bool:
    try:
        store.check(settings.TUTELA.record_url)
    except (store.NotMigrated, store.StoreUnavailable) as error:
        log.warning("record.not_ready", reason=str(error))
        return True
    return False


urlpatterns = [path("healthz", healthz, name="healthz"), path("readyz", readyz, name="readyz")]
