"""Forms of the work on violations, waivers and approvals."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from governance.domain.states import Disposition
from governance.models import labels
from inventory import queries as inventory


class _Versioned(forms.Form):
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)


def _reason(help_text: Any = "", *, required: bool = True) -> forms.CharField:
    return forms.CharField(
        label=_("Reason"),
        help_text=help_text
        or _("One sentence for whoever reads the history. It goes into the ledger with your name."),
        max_length=2000,
        required=required,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


def _day(label: Any) -> forms.DateField:
    return forms.DateField(label=label, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))


def _people() -> list[tuple[str, str]]:
    return [(str(person.id), person.name) for person in inventory.people_choices()]


class PlainForm(_Versioned):
    """Nothing to say: one button."""


class WhyForm(_Versioned):
    """A step that needs a reason."""

    reason = _reason()


class DisposeForm(_Versioned):
    """How an occurrence is closed."""

    disposition = forms.ChoiceField(
        label=_("How it is closed"), choices=[(key.value, text) for key, text in labels.DISPOSITION.items()]
    )
    reason = _reason()

    def clean_disposition(self) -> Disposition:
        return Disposition(self.cleaned_data["disposition"])


class AssignForm(_Versioned):
    """Who has it."""

    owner = forms.ChoiceField(label=_("Owner"), required=False)
    reason = _reason(required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["owner"]
        if isinstance(field, forms.ChoiceField):
            field.choices = [("", _("nobody")), *_people()]


class CommentForm(forms.Form):
    """A comment."""

    text = forms.CharField(label=_("Comment"), max_length=4000, widget=forms.Textarea(attrs={"rows": 3}))


class WaiverForm(_Versioned):
    """Asking that something be tolerated."""

    reason = _reason(
        _("Why it can be tolerated, and what keeps the risk small until then. Somebody else decides.")
    )
    until = _day(_("Until"))


class DecideForm(_Versioned):
    """Granting or refusing."""

    decision = forms.ChoiceField(
        label=_("Decision"), choices=[("yes", _("Grant")), ("no", _("Refuse"))], widget=forms.RadioSelect
    )
    reason = _reason()


class AskApprovalForm(forms.Form):
    """Asking a named person."""

    approver = forms.ChoiceField(label=_("Approver"), help_text=_("Somebody else than you."))
    reason = _reason(_("Why it should be approved. What it is now is frozen with the request."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["approver"]
        if isinstance(field, forms.ChoiceField):
            field.choices = [("", "—"), *_people()]


class ApproveForm(_Versioned):
    """Approving until a day, or rejecting."""

    decision = forms.ChoiceField(
        label=_("Decision"), choices=[("yes", _("Approve")), ("no", _("Reject"))], widget=forms.RadioSelect
    )
    valid_until = forms.DateField(
        label=_("Valid until"),
        required=False,
        help_text=_("Its last day. An approval has one."),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    reason = _reason()
