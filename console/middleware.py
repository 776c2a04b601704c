"""What every request passes: an id, security headers, the person's preferences, the actor, readable errors."""

from __future__ import annotations

import ipaddress
import re
import uuid
from collections.abc import Callable

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import translation

from console import queries
from console.models import User
from kernel.actor import Channel, Source
from kernel.errors import TutelaError

Next = Callable[[HttpRequest], HttpResponseBase]

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
_REQUEST_ID = re.compile(r"[0-9A-Za-z._-]{1,64}")
_BROWSERS = ("Edg", "OPR", "Firefox", "Chrome", "Safari", "curl", "python")


class RequestIdMiddleware:
    """Gives each request an id, the caller's own if it is harmless, and says it back."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        given = request.headers.get("X-Request-Id", "")
        request_id = given if _REQUEST_ID.fullmatch(given) else uuid.uuid4().hex
        request.request_id = request_id  # type: ignore[attr-defined]  # how Django hands things on to views
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            response = self.get_response(request)
        response["X-Request-Id"] = request_id
        return response


class SecurityHeadersMiddleware:
    """One constant policy for every page: no inline code, nothing from elsewhere, nothing kept by caches."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        response.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
        response.setdefault("X-Content-Type-Options", "nosniff")
        response.setdefault("Referrer-Policy", "same-origin")
        response.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        response.setdefault("X-Frame-Options", "DENY")
        if not request.path.startswith(f"/{settings.STATIC_URL.strip('/')}/"):
            response.setdefault("Cache-Control", "no-store")
        return response


class PreferencesMiddleware:
    """A signed-in person's language wins over the browser's."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        user = request.user
        if isinstance(user, User) and user.language:
            request.COOKIES[settings.LANGUAGE_COOKIE_NAME] = user.language
        return self.get_response(request)


class ActorMiddleware:
    """Builds the actor that views hand to services and queries: `request.actor`, or None when nobody signed in."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        user = request.user
        actor = queries.actor_for(user, source=source_of(request)) if isinstance(user, User) else None
        request.actor = actor  # type: ignore[attr-defined]  # how Django hands things on to views
        return self.get_response(request)


class ErrorsMiddleware:
    """Turns our own errors into a page that says what happened, why, and what to do next."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, TutelaError):
            return None
        with translation.override(translation.get_language()):
            return render(request, "console/error.html", {"error": exception}, status=exception.status)


def source_of(request: HttpRequest, *, channel: Channel = Channel.WEB) -> Source:
    """Where the request came from: network prefix and browser family, not the device."""
    match = request.resolver_match
    return Source(
        channel=channel,
        ip_prefix=ip_prefix(request.META.get("REMOTE_ADDR", "")),
        user_agent_family=_family(request.headers.get("User-Agent", "")),
        request_id=getattr(request, "request_id", None),
        route=match.view_name if match else request.path[:128],
    )


def ip_prefix(address: str) -> str | None:
    """The /24 (IPv4) or /48 (IPv6) network of an address; None when it is none."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return None
    return str(ipaddress.ip_network((ip, 24 if ip.version == 4 else 48), strict=False))


def _family(user_agent: str) -> str | None:
    return next((name for name in _BROWSERS if name in user_agent), None)
