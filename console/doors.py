"""Sign-ins, refused sign-ins and sign-outs go on record, whichever page they came through."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.http import HttpRequest

from console.models import User
from kernel.actor import Actor, Source


def connect() -> None:
    """Listen to Django's signals; called once, when the app is ready."""
    user_logged_in.connect(_signed_in)
    user_login_failed.connect(_refused)
    user_logged_out.connect(_signed_out)


def _signed_in(*, request: HttpRequest | None, user: User, **_kwargs: Any) -> None:
    from console import services

    services.sign_in_succeeded(_actor(user, request))


def _refused(*, request: HttpRequest | None, credentials: dict[str, Any], **_kwargs: Any) -> None:
    from console import services

    services.sign_in_failed(
        services.anonymous(_source(request)), email=str(credentials.get("username") or "")
    )


def _signed_out(*, request: HttpRequest | None, user: User | None, **_kwargs: Any) -> None:
    from console import services

    if user is not None:
        services.signed_out(_actor(user, request))


def _actor(user: User, request: HttpRequest | None) -> Actor:
    from console import queries

    return queries.actor_for(user, source=_source(request))


def _source(request: HttpRequest | None) -> Source:
    from console.middleware import source_of

    return source_of(request) if request is not None else Source()
