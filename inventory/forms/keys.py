"""Forms of endpoint keys."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from inventory.domain.words import KeyScope
from inventory.forms.fields import DayField, RefField, word
from inventory.forms.nouns import NounForm, RegisterForm
from inventory.models import labels

_SENDERS = _("How many different senders it may bring; what comes beyond is refused and counted.")


class KeyForm(RegisterForm):
    """A new key: what it may speak for, and until when."""

    name = forms.CharField(
        label=_("Name of the key"), max_length=200, help_text=_("Who holds it, such as: Collector in Nantes.")
    )
    scope = word(_("May speak for"), labels.KEY_SCOPE, initial=KeyScope.EVERYTHING)
    deployment = RefField(
        label=_("Deployment"), kind="deployment", help_text=_("For a key of one deployment.")
    )
    site = RefField(label=_("Site"), kind="site", help_text=_("For a key of one site."))
    unit = RefField(label=_("Unit"), kind="unit", help_text=_("For a key of one unit and those below it."))
    expires_at = DayField(label=_("Expires on"), help_text=_("Empty: never."))
    max_senders = forms.IntegerField(
        label=_("Most senders"), initial=1000, min_value=1, max_value=20_000, help_text=_SENDERS
    )
    reason = forms.CharField(
        label=_("Reason"), required=False, max_length=500, help_text=_("Why; it goes into the history.")
    )

    def clean(self) -> dict[str, Any]:
        """A scope names the thing that it is about, and no other."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        scope = data.get("scope")
        for name in ("deployment", "site", "unit"):
            if name == scope and data.get(name) is None and name not in self.errors:
                self.add_error(name, _("Say which one."))
            elif name != scope and data.get(name) is not None:
                self.add_error(name, _("This does not go with what the key may speak for."))
        return data

    def values(self) -> dict[str, Any]:
        """As the verb takes them."""
        return {**super().values(), "scope": KeyScope(self.cleaned_data["scope"])}


class KeyEditForm(NounForm):
    """What may be changed of a key; its scope stays as it was made."""

    name = forms.CharField(label=_("Name of the key"), max_length=200)
    expires_at = DayField(label=_("Expires on"), help_text=_("Empty: never."))
    max_senders = forms.IntegerField(
        label=_("Most senders"), min_value=1, max_value=20_000, help_text=_SENDERS
    )


class RotateForm(forms.Form):
    """How long the old key still works beside the new one."""

    overlap = forms.TypedChoiceField(
        label=_("The old key works on for"),
        choices=[
            (0, _("not at all")),
            (1, _("one hour")),
            (24, _("one day")),
            (168, _("one week")),
            (720, _("thirty days")),
        ],
        coerce=lambda hours: timedelta(hours=int(hours)),
        initial=24,
        help_text=_("Time for every endpoint to get the new one."),
    )
    reason = forms.CharField(
        label=_("Reason"), required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 2})
    )
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
