"""Forms of the telemetry pages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from inventory.models.retention import MOST_DAYS
from telemetry.services.content import LONGEST_REASON
from ui.forms import ReasonForm


class RevealForm(forms.Form):
    """Why somebody needs to read what was said. The reason goes into the audit trail, before the text is shown."""

    reason = forms.CharField(
        label=_("Why do you need to read this?"),
        help_text=_("Goes into the audit trail with your name, this step and the time."),
        max_length=LONGEST_REASON,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class PromoteForm(forms.Form):
    """Which deployment a discovered sender is. The rule explains the sender's past as well as its future."""

    deployment = forms.ChoiceField(label=_("This sender is the deployment"))
    reason = forms.CharField(
        label=_("Reason"),
        required=False,
        help_text=_("Goes into the audit trail with your name."),
        max_length=LONGEST_REASON,
    )

    def __init__(self, *args: Any, deployments: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["deployment"].choices = [("", _("Choose a deployment")), *deployments]  # type: ignore[attr-defined]  # stubs see a Field


class MergeForm(PromoteForm):
    """Which senders are one and the same deployment."""

    senders = forms.MultipleChoiceField(
        label=_("These senders"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one sender.")},
    )
    field_order = ("senders", "deployment", "reason")

    def __init__(
        self,
        *args: Any,
        senders: Sequence[tuple[str, str]],
        deployments: Sequence[tuple[str, str]],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, deployments=deployments, **kwargs)
        self.fields["senders"].choices = senders  # type: ignore[attr-defined]  # stubs see a Field
        self.fields["deployment"].label = _("are the deployment")


class RetentionForm(ReasonForm):
    """For how many days. `accepted` repeats the days whose consequences the reader has seen."""

    days = forms.IntegerField(label=_("Days"), min_value=1, max_value=MOST_DAYS)
    version = forms.IntegerField(widget=forms.HiddenInput)
    accepted = forms.IntegerField(required=False, widget=forms.HiddenInput)
    field_order = ("days", "reason")

    def accept(self, days: int) -> None:
        """Let the next post with these days pass."""
        self.data = {**{name: self.data[name] for name in self.data}, "accepted": str(days)}
