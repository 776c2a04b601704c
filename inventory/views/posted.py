"""What a form was sent with."""

from __future__ import annotations

from django.http import HttpRequest, QueryDict


def posted(request: HttpRequest) -> QueryDict | None:
    """The sent fields, also when there are none; None before anything was sent."""
    return request.POST if request.method == "POST" else None
