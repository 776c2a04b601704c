"""Forms of pages: how fields are drawn, how a service's refusal gets to its field, and asking for a reason."""

from __future__ import annotations

from dataclasses import dataclass

from django import forms
from django.utils.translation import gettext_lazy as _

from kernel.errors import TutelaError
from ui.text import Text


@dataclass(frozen=True, slots=True)
class Touched:
    """What a destructive act touches: so many of something (or one thing by name), with the page that shows it."""

    label: Text
    count: int | None = None
    href: str = ""


class ReasonForm(forms.Form):
    """A reason for the ledger, asked before what cannot be undone."""

    reason = forms.CharField(
        label=_("Reason"),
        help_text=_("One sentence for whoever reads the history. It goes into the ledger with your name."),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


def add_errors(form: forms.BaseForm, error: TutelaError) -> None:
    """Put a service's refusal where it belongs: beside the fields it names, else on top of the form."""
    placed = False
    for name, messages in error.fields.items():
        if name in form.fields:
            for message in messages:
                form.add_error(name, str(message))
            placed = True
    if not placed:
        form.add_error(None, str(error.message))
