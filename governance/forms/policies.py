"""The policy editor's fields, and what is asked before a policy is switched or retired."""

from __future__ import annotations

import json
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from governance.domain.breaches import Kind, Severity, SubjectKind
from governance.domain.policies import LONGEST_EXPRESSION, Mode
from governance.models import labels, policy_labels
from inventory.forms.fields import RefField, word
from inventory.forms.nouns import NounForm
from ui.forms import ReasonForm

_CODE = {"spellcheck": "false", "autocapitalize": "off", "autocomplete": "off", "class": "mono"}
_IN_FRENCH = _("For readers of French. Empty: they read the text above.")


def _text(
    label: Any, *, rows: int = 2, required: bool = True, longest: int = 2000, help_text: Any = ""
) -> forms.CharField:
    return forms.CharField(
        label=label,
        required=required,
        max_length=longest,
        help_text=help_text,
        widget=forms.Textarea(attrs={"rows": rows}),
    )


def _code(label: Any, *, rows: int, required: bool, help_text: Any) -> forms.CharField:
    return forms.CharField(
        label=label,
        required=required,
        strip=True,
        help_text=help_text,
        widget=forms.Textarea(attrs={"rows": rows, "maxlength": 4 * LONGEST_EXPRESSION, **_CODE}),
    )


class ExamplesField(forms.CharField):
    """Examples as JSON: a list of {name, facts, expect}. The value is the list."""

    def __init__(self) -> None:
        super().__init__(
            label=_("Examples"),
            required=False,
            help_text=_(
                "A list of {name, facts, expect}: facts that must pass, fail, be indeterminate or not_applicable."
            ),
            widget=forms.Textarea(attrs={"rows": 14, **_CODE}),
        )

    def prepare_value(self, value: Any) -> Any:
        return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=2)

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        if not text:
            return []
        try:
            found = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise forms.ValidationError(_("This is no JSON: %(why)s"), params={"why": str(error)}) from error
        if not isinstance(found, list):
            raise forms.ValidationError(_("This must be a list, in square brackets."))
        return found


class PolicyForm(NounForm):
    """A policy in the order in which a person would tell of it."""

    name = forms.CharField(label=pgettext_lazy("of a policy", "Name"), max_length=200)
    subject = word(_("Speaks of"), policy_labels.SUBJECT, initial=SubjectKind.DEPLOYMENT)
    sentence = _text(
        _("What it demands"),
        help_text=_("One sentence that anybody understands. It stands on every violation."),
    )
    applies_when = _code(
        _("Applies when"),
        rows=2,
        required=False,
        help_text=_("An expression. Where it is not true, the policy is not asked. Empty: always."),
    )
    expression = _code(
        _("Must be true"), rows=4, required=True, help_text=_("An expression over the facts on the right.")
    )
    examples = ExamplesField()
    severity = word(_("Severity"), labels.SEVERITY, initial=Severity.MEDIUM)
    kind = word(
        _("Kind"),
        labels.KIND,
        initial=Kind.CONDITION,
        help_text=_(
            "A condition closes by itself when it holds again. An occurrence has happened; a person closes it."
        ),
    )
    breach = forms.CharField(
        label=_("What does not hold"),
        max_length=300,
        help_text=_("A few words, stable: changing them closes what is open and opens it anew."),
    )
    advice = _text(_("What to do about it"), required=False)
    unit = RefField(
        kind="unit",
        label=_("Unit"),
        required=False,
        help_text=_("It concerns this unit and those below it. Empty: the whole organisation."),
    )
    name_fr = forms.CharField(label=_("Name in French"), max_length=200, required=False, help_text=_IN_FRENCH)
    sentence_fr = _text(_("What it demands, in French"), required=False)
    breach_fr = forms.CharField(label=_("What does not hold, in French"), max_length=300, required=False)
    advice_fr = _text(_("What to do about it, in French"), required=False)


class EditPolicyForm(PolicyForm):
    """As above; what it speaks of is fixed."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["subject"].disabled = True


class SwitchForm(ReasonForm):
    """A policy's mode, and why."""

    mode = word(
        pgettext_lazy("of a policy", "Mode"),
        policy_labels.MODE,
        help_text=_("In shadow, what it finds is counted and shown and held against nobody."),
    )
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order_fields(["mode", "reason", "version"])

    def values(self) -> dict[str, Any]:
        """As the verb takes them."""
        return {**self.cleaned_data, "mode": Mode(self.cleaned_data["mode"])}
