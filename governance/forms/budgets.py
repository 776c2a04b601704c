"""The form of a budget."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from governance.domain.budgets import DEFAULT_THRESHOLDS, BudgetScope
from governance.models.budgets import POINTERS, SCOPE
from inventory.forms.costs import AmountField, currency
from inventory.forms.fields import RefField, word
from inventory.forms.nouns import NounForm
from inventory.models import labels
from ui.text import Text

_IF = _("If the scope is this.")


class PercentsField(forms.CharField):
    """Whole per cents with commas between them; the value is a list of whole numbers."""

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(map(str, value)) if isinstance(value, list | tuple) else value

    def clean(self, value: Any) -> Any:
        parts = [part.strip() for part in super().clean(value).split(",") if part.strip()]
        if not all(part.isascii() and part.isdigit() and len(part) < 5 for part in parts):
            raise ValidationError(_("Write whole numbers with commas between them, such as 50, 80, 100."))
        return [int(part) for part in parts]


class BudgetForm(NounForm):
    name = forms.CharField(label=_("Name of the budget"), max_length=200)
    scope = word(_("Scope"), SCOPE, initial=BudgetScope.ORGANISATION)
    unit = RefField(label=_("Unit"), kind="unit", help_text=_IF)
    system = RefField(label=_("AI system"), kind="system", help_text=_IF)
    deployment = RefField(label=_("Deployment"), kind="deployment", help_text=_IF)
    entity = RefField(label=_("Legal entity"), kind="entity", help_text=_IF)
    site = RefField(label=_("Site"), kind="site", help_text=_IF)
    tier = forms.ChoiceField(
        label=_("Tier"),
        required=False,
        choices=[("", "—"), *((tier.value, text) for tier, text in labels.TIER.items())],
        help_text=_IF,
    )
    amount = AmountField(label=_("Amount per month"), places=6, required=True)
    currency = currency(_("Currency"))
    thresholds = PercentsField(
        label=_("Thresholds (%)"),
        initial=list(DEFAULT_THRESHOLDS),
        max_length=80,
        help_text=_("Each one that is reached is a violation of its own weight. Separate with commas."),
    )
    owner = RefField(label=_("Owner"), kind="person", help_text=_("Who answers for it."))
    note = forms.CharField(
        label=_("Note"), max_length=4000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )


def initial_of(row: Any) -> dict[str, Any]:
    """A budget as the form's initial data."""
    initial = {
        name: getattr(row, name)
        for name in ("name", "scope", "tier", "amount", "currency", "thresholds", "note")
    }
    if row.scope in {one.value for one in POINTERS} and row.scope_id is not None:
        initial[row.scope] = str(row.scope_id)
    return initial | {"owner": str(row.owner.id) if row.owner else "", "version": row.version}


def scope_word(scope: str) -> Text:
    """What a scope is called."""
    return SCOPE[BudgetScope(scope)]
