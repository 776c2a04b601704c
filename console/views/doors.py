"""Signing in and out."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth import authenticate, login, logout
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render, resolve_url
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from console import backoff
from console.forms import SignInForm
from console.middleware import ip_prefix
from console.views.ways import safe_next
from ui.access import open_to_all

SIGN_IN = "console/sign_in.html"


@open_to_all
@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponseBase:
    """The door. What was wrong is not told apart: address, password and closed accounts answer alike."""
    target = safe_next(request, fallback=resolve_url(settings.LOGIN_REDIRECT_URL))
    if request.user.is_authenticated:
        return redirect(target)
    form = SignInForm(request.POST or None, initial={"next": request.GET.get("next", "")})
    if request.method == "POST" and form.is_valid():
        answer = _try(request, form, form.cleaned_data)
        if answer is not None:
            return answer
    status = 200 if request.method == "GET" else 429 if getattr(form, "must_wait", False) else 422
    return render(request, SIGN_IN, {"form": form}, status=status)


def _try(request: HttpRequest, form: SignInForm, data: dict[str, Any]) -> HttpResponse | None:
    network = ip_prefix(request.META.get("REMOTE_ADDR", ""))
    seconds = backoff.attempt(data["email"], network)
    if seconds:
        form.must_wait = True  # type: ignore[attr-defined]  # decides the status of the answer
        form.add_error(None, _wait_text(seconds))
        return None
    user = authenticate(request, username=data["email"], password=data["password"])
    if user is None:
        form.add_error(
            None, _("This address and this password do not open an account. Check both and try again.")
        )
        return None
    backoff.succeeded(data["email"], network)
    login(request, user)
    return redirect(safe_next(request, fallback=resolve_url(settings.LOGIN_REDIRECT_URL)))


def _wait_text(seconds: int) -> str:
    return ngettext(
        "Too many attempts from your network. Wait %(count)s second, then try again.",
        "Too many attempts from your network. Wait %(count)s seconds, then try again.",
        seconds,
    ) % {"count": seconds}


@open_to_all
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """Out, wherever one was."""
    logout(request)
    return redirect(settings.LOGOUT_REDIRECT_URL)
