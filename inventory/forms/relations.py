"""The small forms that tie one thing of the register to another, and those that move or classify one."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from inventory.domain.words import Basis, UseRole
from inventory.forms.fields import DayField, RefField, TextsField, word
from inventory.forms.nouns import RegisterForm
from inventory.models import labels
from ui.forms import ReasonForm

_SINCE = _("Empty: as long as anybody knows.")


class RelationForm(RegisterForm):
    """What ties two things together, with a reason."""

    reason = forms.CharField(label=_("Reason"), required=False, max_length=500)


class RoleForm(RelationForm):
    system = RefField(label=_("AI system"), kind="system", required=True)
    entity = RefField(label=_("Legal entity"), kind="entity", required=True)
    role = word(_("Role"), labels.ENTITY_ROLE)
    valid_from = DayField(label=_("From"), help_text=_SINCE)
    field_order = ["system", "entity", "role", "valid_from", "reason"]


class PlacementForm(RelationForm):
    deployment = RefField(label=_("Deployment"), kind="deployment", required=True)
    site = RefField(label=_("Site"), kind="site")
    fleet = RefField(label=_("or fleet"), kind="fleet")
    valid_from = DayField(label=_("From"), help_text=_SINCE)
    field_order = ["deployment", "site", "fleet", "valid_from", "reason"]


class UseForm(RelationForm):
    deployment = RefField(label=_("Deployment"), kind="deployment", required=True)
    endpoint = RefField(label=_("Endpoint"), kind="endpoint", required=True)
    role = word(_("Role"), labels.USE_ROLE, initial=UseRole.GENERATION)
    valid_from = DayField(label=_("From"), help_text=_SINCE)
    field_order = ["deployment", "endpoint", "role", "valid_from", "reason"]


class BindingForm(RelationForm):
    deployment = RefField(label=_("Deployment"), kind="deployment", required=True)
    dataset_version = RefField(label=_("Dataset version"), kind="dataset_version", required=True)
    purpose = word(_("Purpose"), labels.BINDING_PURPOSE)
    basis = word(_("Basis"), labels.BASIS, initial=Basis.DECLARED)
    valid_from = DayField(label=_("From"), help_text=_SINCE)
    field_order = ["deployment", "dataset_version", "purpose", "basis", "valid_from", "reason"]


class ServesForm(RelationForm):
    endpoint = RefField(label=_("Endpoint"), kind="endpoint", required=True)
    model_version = RefField(label=_("Model version"), kind="model_version", required=True)
    alias = forms.CharField(
        label=_("Alias"), max_length=200, required=False, help_text=_("The name that callers use here.")
    )
    valid_from = DayField(label=_("From"), help_text=_SINCE)
    field_order = ["endpoint", "model_version", "alias", "valid_from", "reason"]


class RouteForm(RelationForm):
    gateway = RefField(label=_("Gateway"), kind="endpoint", required=True)
    upstream = RefField(label=_("Upstream"), kind="endpoint", required=True)
    alias = forms.CharField(
        label=_("Alias"), max_length=200, required=False, help_text=_("Empty: for all of them.")
    )
    priority = forms.IntegerField(label=_("Priority"), min_value=0, max_value=1000, initial=0)
    valid_from = DayField(label=_("From"), help_text=_SINCE)
    field_order = ["gateway", "upstream", "alias", "priority", "valid_from", "reason"]


class DescentForm(RelationForm):
    child = RefField(label=_("Model version"), kind="model_version", required=True)
    parent = RefField(label=_("Came from"), kind="model_version", required=True)
    descent = word(_("How"), labels.DESCENT)
    field_order = ["child", "parent", "descent", "reason"]


class TrainingForm(RelationForm):
    model_version = RefField(label=_("Model version"), kind="model_version", required=True)
    dataset_version = RefField(label=_("Dataset version"), kind="dataset_version", required=True)
    valid_from = DayField(label=_("From"), help_text=_SINCE)
    field_order = ["model_version", "dataset_version", "valid_from", "reason"]


class ClassifyForm(forms.Form):
    """The risk class of a system, with the reason that the AI Act would ask for."""

    risk_class = word(_("Risk class"), labels.RISK_CLASS)
    annex_iii_points = TextsField(
        label=_("Annex III points"),
        help_text=_(
            "For high risk alone, such as 5(c). Separate with commas. Empty for a product under Annex I: say which in the reason."
        ),
    )
    reason = forms.CharField(
        label=_("Reason"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Why it has this class; it stands on the system’s page and in the history."),
    )
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)


class RetireForm(ReasonForm):
    """A reason, and the version that the reader saw."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)


class EndForm(forms.Form):
    """Until when a relation held, and why it ends."""

    at = DayField(label=_("Until"), help_text=_("Empty: from now on."))
    reason = forms.CharField(
        label=_("Reason"), required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 2})
    )


class MoveForm(forms.Form):
    """A step to another state; some steps ask for a reason, which the service knows."""

    reason = forms.CharField(
        label=_("Reason"), required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 2})
    )
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
