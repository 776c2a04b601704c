"""How a person likes the console: language, theme, keys, password."""

from __future__ import annotations

import uuid
from typing import TypedDict

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from console import services
from console.forms import ChangePasswordForm, PreferencesForm
from console.models import User
from console.views.ways import safe_next
from kernel.errors import TutelaError
from ui.access import actor_of, open_to_all, page
from ui.forms import add_errors

LANGUAGE_COOKIE_AGE = 365 * 24 * 3600


@page()
@require_http_methods(["GET", "POST"])
def preferences(request: HttpRequest) -> HttpResponseBase:
    """The page of one's own preferences."""
    user = _user(request)
    form = PreferencesForm(request.POST or None, initial={**_present(user)})
    if request.method == "POST" and form.is_valid():
        services.change_preferences(actor_of(request), **form.cleaned_data)
        with translation.override(form.cleaned_data["language"]):
            messages.success(request, _("Your preferences are kept."))
        return _with_language(redirect("console:preferences"), form.cleaned_data["language"])
    return render(request, "console/preferences.html", {"form": form})


@page()
@sensitive_post_parameters("current", "password")
@require_http_methods(["GET", "POST"])
def password(request: HttpRequest) -> HttpResponseBase:
    """A new password for oneself. Every other session of the account ends."""
    form = ChangePasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        actor = actor_of(request)
        try:
            services.set_password(actor, uuid.UUID(actor.id), **form.cleaned_data)
        except TutelaError as error:
            add_errors(form, error)
        else:
            _stay_signed_in(request)
            messages.success(
                request, _("Your password has been changed. Other sessions of yours have ended.")
            )
            return redirect("console:preferences")
    status = 422 if form.errors else 200
    context = {
        "title": _("Change your password"),
        "form": form,
        "cancel_href": reverse("console:preferences"),
    }
    return render(request, "ui/form.html", context, status=status)


@open_to_all
@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    """Another language for the page one is on; kept for the person, or for the browser before signing in."""
    language = request.POST.get("language", "")
    answer = redirect(safe_next(request, fallback=reverse("console:overview")))
    if language not in dict(settings.LANGUAGES):
        return answer
    if isinstance(request.user, User):
        preferred = _present(request.user)
        preferred["language"] = language
        services.change_preferences(actor_of(request), **preferred)
    return _with_language(answer, language)


@page()
@require_POST
def set_theme(request: HttpRequest) -> HttpResponse:
    """Light, dark, or as the system."""
    preferred = _present(_user(request))
    preferred["theme"] = request.POST.get("theme", "")
    services.change_preferences(actor_of(request), **preferred)
    return redirect(safe_next(request, fallback=reverse("console:overview")))


def _user(request: HttpRequest) -> User:
    if not isinstance(request.user, User):
        raise TypeError("a guarded view without a person: the guard is missing")
    return request.user


class _Preferences(TypedDict):
    language: str
    theme: str
    single_key_shortcuts: bool


def _present(user: User) -> _Preferences:
    return {
        "language": user.language or translation.get_language() or settings.LANGUAGE_CODE,
        "theme": user.theme,
        "single_key_shortcuts": user.single_key_shortcuts,
    }


def _stay_signed_in(request: HttpRequest) -> None:
    """The service ends every session of the person; this browser gets a new one."""
    user = User.objects.get(pk=_user(request).pk)
    request.session.flush()
    login(request, user)


def _with_language(answer: HttpResponse, language: str) -> HttpResponse:
    answer.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=LANGUAGE_COOKIE_AGE,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return answer
