"""What every page needs around its content: navigation, language, theme, keys."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import translation

from ui import navigation


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context processor. Lazy where it costs: error pages and fragments do not count anything."""
    user = getattr(request, "user", None)
    signed_in = bool(user is not None and user.is_authenticated)
    return {
        "shell": {
            "signed_in": signed_in,
            "layout": "ui/base.html" if signed_in else "ui/bare.html",
            "sections": lambda: navigation.sections(request),
            "theme": getattr(user, "theme", "system") if signed_in else "system",
            "single_keys": getattr(user, "single_key_shortcuts", True) if signed_in else True,
            "language": translation.get_language(),
            "languages": _languages(),
            "here": request.get_full_path(),
        }
    }


def _languages() -> list[tuple[str, str, bool]]:
    """(code, own name, current) of every language of the console."""
    current = translation.get_language()
    return [
        (code, translation.get_language_info(code)["name_local"], code == current)
        for code, _name in settings.LANGUAGES
    ]
