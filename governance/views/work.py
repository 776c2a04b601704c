"""A step with its form: shown, sent, refused in words, or done. One way for all steps of this app."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render

from inventory.views.posted import posted
from kernel.errors import Forbidden, NotFound, TutelaError
from ui.forms import add_errors
from ui.parts import Crumb
from ui.text import Text


def form_step(
    request: HttpRequest,
    *,
    form: type[forms.Form],
    initial: dict[str, Any],
    act: Callable[[dict[str, Any]], Any],
    title: Text,
    lead: Text,
    submit: Text,
    done: Text,
    trail: Sequence[Crumb],
    back: str,
    template: str = "ui/form.html",
    context: dict[str, Any] | None = None,
) -> HttpResponseBase:
    """Show the form; when it was sent, hand its values to `act` and go `back`, or say what stands against it."""
    shown = form(posted(request), initial=initial)
    if request.method == "POST" and shown.is_valid():
        try:
            act(shown.cleaned_data)
        except (Forbidden, NotFound):
            raise
        except TutelaError as error:
            add_errors(shown, error)
        else:
            messages.success(request, str(done))
            return redirect(back)
    whole = {
        "title": title, "lead": lead, "form": shown, "submit": submit, "cancel_href": back, "trail": trail,
        **(context or {}),
    }  # fmt: skip
    return render(request, template, whole, status=422 if shown.errors else 200)
