"""The forms of profiles: shares in per cent and scores from 0 to 1, as people say them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from guardrails.domain.profiles import PER_MILLE
from guardrails.queries.profiles import ProfileRow, profile_choices
from inventory.forms.fields import RefField
from inventory.forms.nouns import NounForm, RegisterForm
from kernel.canonical import canonical_json

_SHARES = ("personal_data_sampling", "secrets_sampling", "groundedness_sampling")
_SCORES = ("personal_data_threshold", "secrets_threshold")


def _switch(label: Any) -> forms.BooleanField:
    return forms.BooleanField(label=label, required=False, initial=True)


def _share(label: Any) -> forms.DecimalField:
    return forms.DecimalField(
        label=label,
        min_value=Decimal("0.1"),
        max_value=Decimal(100),
        decimal_places=1,
        initial=Decimal(100),
        help_text=_("Per cent, chosen by chance once and for all for each of them."),
    )


def _score(label: Any) -> forms.DecimalField:
    return forms.DecimalField(
        label=label,
        min_value=Decimal(0),
        max_value=Decimal(1),
        decimal_places=3,
        initial=Decimal("0.5"),
        help_text=_("From 0 to 1. Lower finds more, and more that is none."),
    )


def _marked(data: Mapping[str, Any], fingerprint: str) -> QueryDict:
    marked = QueryDict(mutable=True)
    marked.update(data)
    marked["seen"] = fingerprint
    return marked


class ProfileForm(NounForm):
    """A profile. `seen` says which values the reader has been told the effect of."""

    name = forms.CharField(label=_("Name"), max_length=200)
    unit = RefField(label=_("Kept by"), kind="unit", help_text=_("Empty: the whole organisation."))
    personal_data_enabled = _switch(_("Look for personal data"))
    personal_data_sampling = _share(_("in so many of the messages"))
    personal_data_threshold = _score(_("Personal data counts from this score on"))
    secrets_enabled = _switch(_("Look for secrets"))
    secrets_sampling = _share(_("in so many of the messages"))
    secrets_threshold = _score(_("A secret counts from this score on"))
    groundedness_enabled = _switch(_("Hold answers against their sources"))
    groundedness_sampling = _share(_("so many of the answers"))
    note = forms.CharField(
        label=_("Note"), required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 3})
    )
    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=32)

    def values(self) -> dict[str, Any]:
        """The values as the verbs take them: of 1,000, and in thousandths."""
        given = {name: value for name, value in super().values().items() if name != "seen"}
        for name in _SHARES:
            given[name] = int(given[name] * 10)
        for name in _SCORES:
            given[name] = int(given[name] * PER_MILLE)
        return given

    def fingerprint(self) -> str:
        """Stands for the values of the checks, so that a warning is read for what is saved and nothing else."""
        values = self.values()
        told = {name: values[name] for name in sorted(values) if name.partition("_")[0] in _TELLING}
        return hashlib.sha256(canonical_json(told)).hexdigest()[:32]

    def as_seen(self) -> ProfileForm:
        """The same input, marked as read."""
        return type(self)(_marked(self.data, self.fingerprint()), actor=self.actor)


_TELLING = frozenset({"personal", "secrets", "groundedness"})


def initial_of(row: ProfileRow) -> dict[str, Any]:
    """A profile as the form shows it."""
    plain = {name: getattr(row, name) for name in ProfileForm.base_fields if hasattr(row, name)}
    plain["unit"] = str(row.unit.id) if row.unit else ""
    plain |= {name: Decimal(getattr(row, name)) / 10 for name in _SHARES}
    plain |= {name: Decimal(getattr(row, name)) / PER_MILLE for name in _SCORES}
    return plain


class AssignForm(RegisterForm):
    """Which deployment goes by which profile from now on."""

    deployment = RefField(label=_("Deployment"), kind="deployment", required=True)
    profile = forms.TypedChoiceField(label=_("Profile"), coerce=str)
    reason = forms.CharField(
        label=_("Reason"), required=False, max_length=500, help_text=_("Why; it goes into the history.")
    )
    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=80)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["profile"]
        field.choices = [(str(ref.id), ref.name) for ref in profile_choices(self.actor)]  # type: ignore[attr-defined]  # a choice field

    def fingerprint(self) -> str:
        """Stands for what is assigned to what."""
        return f"{self.cleaned_data['deployment']}:{self.cleaned_data['profile']}"

    def as_seen(self) -> AssignForm:
        """The same input, marked as read."""
        return type(self)(_marked(self.data, self.fingerprint()), actor=self.actor)
