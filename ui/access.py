"""Who may open a page: stated on every view, checked before it runs.

    @page(Permission.REGISTER_READ)
    def systems(request): …

Services and queries check again for the unit that is concerned; this decides only about the door. A view without
`page` or `open_to_all` has no stated policy, which a test refuses.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeAlias

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import resolve_url

from kernel.actor import Actor, Permission

View: TypeAlias = Callable[..., HttpResponseBase]

SIGNED_IN = "signed in"
OPEN = "open to all"


def page(permission: Permission | None = None) -> Callable[[View], View]:
    """Only for those who have signed in and, if a permission is named, hold it somewhere.

    Others are sent to the sign-in page, or refused (Forbidden). An htmx request is told to reload, so that the
    sign-in page never lands inside another page.
    """

    def decorate(view: View) -> View:
        @functools.wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            actor: Actor | None = getattr(request, "actor", None)
            if actor is None:
                return _to_sign_in(request)
            if permission is not None:
                actor.require_somewhere(permission)
            return view(request, *args, **kwargs)

        guarded.policy = permission.value if permission else SIGNED_IN  # type: ignore[attr-defined]  # read by a test
        return guarded

    return decorate


def open_to_all(view: View) -> View:
    """A view for whoever asks, signed in or not."""
    view.policy = OPEN  # type: ignore[attr-defined]  # read by a test
    return view


def actor_of(request: HttpRequest) -> Actor:
    """The actor of a guarded view. Raises RuntimeError where no guard stands: a defect of the view."""
    actor: Actor | None = getattr(request, "actor", None)
    if actor is None:
        raise RuntimeError("this view has no @page guard; nobody has signed in")
    return actor


def _to_sign_in(request: HttpRequest) -> HttpResponseBase:
    if request.headers.get("HX-Request"):
        answer = HttpResponse(status=401)
        answer["HX-Refresh"] = "true"
        return answer
    return redirect_to_login(request.get_full_path(), resolve_url(settings.LOGIN_URL))
