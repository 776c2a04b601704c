"""The form that asks for evidence."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from audit.evidence import datasets_for
from audit.services.exports import FORMATS
from kernel import clock
from kernel.actor import Actor
from ui.forms import ReasonForm

DEFAULT_DAYS = 90


class ExportForm(ReasonForm):
    """What, in which forms, for which period, as of which moment, and why."""

    datasets = forms.MultipleChoiceField(label=_("What"), widget=forms.CheckboxSelectMultiple)
    formats = forms.MultipleChoiceField(
        label=_("Formats"),
        choices=[(item, item.upper()) for item in FORMATS],
        widget=forms.CheckboxSelectMultiple,
        initial=["csv", "xlsx"],
    )
    start = forms.DateField(
        label=_("Period from"), widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    )
    end = forms.DateField(
        label=_("to"),
        help_text=_(
            "Both days are inside. The period holds for what happened; the register is shown as it was."
        ),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )
    as_of = forms.DateTimeField(
        label=_("As of"),
        required=False,
        help_text=_(
            "Empty: now. An earlier moment shows the register as it stood then, and nothing that came later."
        ),
        widget=forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local"}),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"],
    )
    field_order = ("datasets", "formats", "start", "end", "as_of", "reason")

    def __init__(self, *args: Any, actor: Actor, **options: Any) -> None:
        super().__init__(*args, **options)
        field = self.fields["datasets"]
        assert isinstance(field, forms.MultipleChoiceField)  # noqa: S101  # declared above
        field.choices = [(item.name, capfirst(str(item.title))) for item in datasets_for(actor)]
        today = timezone.localdate()
        self.fields["start"].initial = today - timedelta(days=DEFAULT_DAYS)
        self.fields["end"].initial = today

    def asked(self) -> dict[str, Any]:
        """The cleaned form as `ask_export` takes it."""
        given = self.cleaned_data
        now = clock.now()
        return {
            "datasets": given["datasets"],
            "formats": given["formats"],
            "as_of": given["as_of"] or now,
            "start": _midnight(given["start"]),
            "end": _midnight(given["end"] + timedelta(days=1)),
            "reason": given["reason"],
        }


def _midnight(day: Any) -> datetime:
    return datetime.combine(day, time(), tzinfo=timezone.get_current_timezone()).astimezone(UTC)
