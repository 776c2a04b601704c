"""One form per noun of the register: its fields in the order in which a person would tell of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any, Self
from uuid import UUID

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from inventory import queries
from inventory.domain.words import EndpointKind, Environment, PersonalData
from inventory.forms.fields import DayField, KnownWordsField, Label, RefField, TextsField, word, words
from inventory.models import labels
from inventory.queries.listing import Ref
from kernel.actor import Actor

_COUNTRY = _("Two capital letters, such as FR. Empty: not known.")
_REGIONS = _("Countries or regions, such as FR, DE, eu-west-3. Separate with commas.")
_UNKNOWN = _("Empty: not known.")


class RegisterForm(forms.Form):
    """A form over the register: relations offer what the actor may see, values come out as services take them."""

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.actor = actor
        for field in self.fields.values():
            if isinstance(field, RefField):
                field.offer(
                    list(offers(actor, field.kind)),
                    most=queries.MOST_CHOICES,
                    look_up=partial(look_up, actor, field.kind),
                )

    def values(self) -> dict[str, Any]:
        """The cleaned values of the noun's own fields, relations as ids."""
        return {name: value for name, value in self.cleaned_data.items() if name not in {"reason", "version"}}


class NounForm(RegisterForm):
    """A noun's form: its own fields, then the reason; the version that was read travels along."""

    reason = forms.CharField(
        label=_("Reason"), required=False, max_length=500, help_text=_("Why; it goes into the history.")
    )
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order_fields([*(name for name in self.fields if name != "reason"), "reason"])

    def with_version(self, version: int) -> Self:
        """The same input over a later version of the row: saving it is then a decision."""
        data = QueryDict(mutable=True)
        data.update(self.data)
        data["version"] = str(version)
        return type(self)(data, actor=self.actor)


def offers(actor: Actor, kind: str) -> Iterable[Ref]:
    """What a relation field of this kind offers the actor."""
    match kind:
        case "person":
            return queries.people_choices()
        case "model_version":
            return queries.model_version_choices(actor)
        case "dataset_version":
            return queries.dataset_version_choices(actor)
        case "key":
            return [Ref(row.id, row.name) for row in queries.list_keys(actor, limit=500)]
        case _:
            return queries.choices(actor, kind)


def look_up(actor: Actor, kind: str, text: str) -> Sequence[Ref]:
    """Things that bear an id or a part of a name; only for kinds that may be too many for a list."""
    if kind not in queries.CHOICES:
        return [ref for ref in offers(actor, kind) if text in {str(ref.id), ref.name}]
    try:
        return queries.choices(actor, kind, only=[UUID(text)])
    except ValueError:
        return queries.choices(actor, kind, search=text, limit=20)


def initial_of(row: object, form: type[forms.Form]) -> dict[str, Any]:
    """A value's fields as a form's initial data."""
    initial = {name: _initial(getattr(row, name)) for name in form.base_fields if hasattr(row, name)}
    if initial.get(
        "provider"
    ):  # the row's provider name is then that of the legal entity, which is no field of ours
        initial["provider_name"] = ""
    return initial


def _initial(value: Any) -> Any:
    if isinstance(value, Ref):
        return str(value.id)
    if isinstance(value, UUID):
        return str(value)
    return list(value) if isinstance(value, tuple) else value


def _name(label: Label) -> forms.CharField:
    return forms.CharField(label=label, max_length=200)


def _line(label: Label, *, most: int = 200, help_text: Label = "") -> forms.CharField:
    return forms.CharField(label=label, max_length=most, required=False, help_text=help_text)


def _text(label: Label, *, help_text: Label = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=4000,
        required=False,
        help_text=help_text,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


def _count(label: Label, *, help_text: Label = _UNKNOWN) -> forms.IntegerField:
    return forms.IntegerField(label=label, min_value=0, required=False, help_text=help_text)


def _yes_no(label: Label) -> forms.TypedChoiceField:
    return forms.TypedChoiceField(
        label=label,
        required=False,
        choices=[("", _("Not known")), ("True", _("Yes")), ("False", _("No"))],
        coerce=lambda value: value in {True, "True"},
        empty_value=None,
    )


class SystemForm(NounForm):
    name = _name(_("Name of the system"))
    purpose = _text(_("Purpose"), help_text=_("What it is meant to do, for whom, in one or two sentences."))
    business_process = _line(_("Business process"))
    owner = RefField(label=_("Owner"), kind="person", help_text=_("Who answers for it."))
    deputy = RefField(label=_("Deputy"), kind="person")
    unit = RefField(label=_("Unit"), kind="unit")
    persons_affected = words(_("Persons affected"), labels.PERSONS)
    persons_estimate = _count(_("Persons affected per year"))
    interacts_with_persons = _yes_no(_("Interacts with persons"))
    decision_impact = word(_("Decision impact"), labels.DECISION_IMPACT)


class ModelForm(NounForm):
    name = _name(_("Name of the model"))
    kind = word(_("Kind"), labels.MODEL_KIND)
    provider = RefField(label=_("Provider"), kind="entity")
    provider_name = _line(
        _("Provider’s name"), help_text=_("Where the provider is no legal entity of the register.")
    )
    family = _line(_("Family"), most=120)
    note = _text(_("Note"))


class ModelVersionForm(NounForm):
    model = RefField(label=_("Model"), kind="model", required=True)
    label = forms.CharField(label=_("Version"), max_length=80)
    aliases = TextsField(
        label=_("Names in telemetry"), help_text=_("How spans call it, such as gpt-4o. Separate with commas.")
    )
    modalities_in = words(_("Takes"), labels.MODALITY)
    modalities_out = words(_("Gives"), labels.MODALITY)
    parameters = _count(_("Parameters"))
    quantisation = _line(_("Quantisation"), most=40)
    licence = _line(_("Licence"), most=120)
    digest = _line(_("Digest"), most=71, help_text=_("sha256: and 64 hexadecimal digits."))
    note = _text(_("Note"))


class DatasetForm(NounForm):
    name = _name(_("Name of the dataset"))
    purpose = _text(_("Purpose"))
    unit = RefField(label=_("Unit"), kind="unit")


class DatasetVersionForm(NounForm):
    dataset = RefField(label=_("Dataset"), kind="dataset", required=True)
    label = forms.CharField(label=_("Version"), max_length=80)
    classification = word(_("Classification"), labels.CLASSIFICATION)
    personal_data = word(_("Personal data"), labels.PERSONAL_DATA, initial=PersonalData.UNKNOWN)
    special_categories = words(
        _("Special categories"),
        labels.SPECIAL_CATEGORY,
        help_text=_("GDPR, Article 9, and criminal data (Article 10)."),
    )
    data_subjects = words(_("Data subjects"), labels.PERSONS)
    residency = TextsField(label=_("May lie in"), help_text=_REGIONS)
    retention_days = _count(_("Kept for (days)"))
    source = _line(_("Source"), most=300)
    licence = _line(_("Licence"), most=120)
    note = _text(_("Note"))


class DeploymentForm(NounForm):
    name = _name(_("Name of the deployment"))
    system = RefField(label=_("AI system"), kind="system", required=True)
    environment = word(_("Environment"), labels.ENVIRONMENT, initial=Environment.PRODUCTION)
    capture_mode = word(_("Capture mode"), labels.CAPTURE_MODE)
    retention_class = word(_("Retention"), labels.RETENTION_CLASS)
    expected_count = _count(_("Expected number of instances"))
    calendar = _line(_("When it runs"), help_text=_("In words, such as: weekdays, 8 to 18 h."))
    note = _text(_("Note"))


class EndpointForm(NounForm):
    name = _name(_("Name of the endpoint"))
    kind = word(_("Kind"), labels.ENDPOINT_KIND, initial=EndpointKind.MODEL_SERVER)
    site = RefField(label=_("Site"), kind="site")
    fleet = RefField(
        label=_("Fleet"), kind="fleet", help_text=_("Instead of a site, for many alike devices.")
    )
    operator = RefField(label=_("Operator"), kind="entity")
    unit = RefField(label=_("Unit"), kind="unit")
    host = _line(_("Host"), most=255, help_text=_("Without https:// and path."))
    processing_regions = TextsField(label=_("Processes in"), help_text=_REGIONS)
    model_disclosure = word(_("Models"), labels.MODEL_DISCLOSURE)
    observable = KnownWordsField(
        label=_("Can be observed"),
        labels=labels.OBSERVABLE,
        nothing=_("Nothing"),
        help_text=_("No mark: not known."),
    )
    note = _text(_("Note"))


class SiteForm(NounForm):
    name = _name(_("Name of the site"))
    tier = word(_("Tier"), labels.TIER)
    parent = RefField(label=_("Part of"), kind="site")
    country = _line(_("Country"), most=2, help_text=_COUNTRY)
    region = _line(_("Region"), most=63)
    connectivity = word(_("Connectivity"), labels.CONNECTIVITY)
    offline_budget_hours = _count(
        _("May be out of contact for (hours)"),
        help_text=_("How long silence is normal here. Empty: not known."),
    )
    operator = RefField(label=_("Operator"), kind="entity")
    unit = RefField(label=_("Unit"), kind="unit")
    note = _text(_("Note"))


class FleetForm(NounForm):
    name = _name(_("Name of the fleet"))
    site = RefField(label=_("Site"), kind="site", required=True)
    kind = word(_("Kind"), labels.FLEET_KIND)
    os = _line(_("Operating system"), most=80)
    expected_count = _count(_("Expected number of devices"))
    note = _text(_("Note"))


class EntityForm(NounForm):
    name = _name(_("Name of the legal entity"))
    country = _line(_("Country"), most=2, help_text=_COUNTRY)
    registration = _line(_("Registration number"), most=64)
    is_own = forms.BooleanField(label=_("Belongs to the organisation"), required=False)
    website = forms.URLField(label=_("Website"), max_length=300, required=False, assume_scheme="https")
    contact = _line(_("Contact"), most=300)
    note = _text(_("Note"))


class UnitForm(NounForm):
    name = _name(_("Name of the unit"))
    parent = RefField(label=_("Part of"), kind="unit")


class RuleForm(NounForm):
    key = RefField(label=_("Key"), kind="key", help_text=_("Empty: whichever key it came with."))
    service_namespace = _line(
        _("Service namespace"), most=255, help_text=_("* and ? are wildcards. Empty: any.")
    )
    service_name = _line(_("Service name"), most=255, help_text=_("* and ? are wildcards. Empty: any."))
    environment = _line(_("Environment as sent"), most=64, help_text=_("Empty: any."))
    place = _line(_("Place as sent"), most=255, help_text=_("Empty: any."))
    claimed_deployment = _line(_("Claimed deployment"), most=255, help_text=_("Empty: any."))
    deployment = RefField(label=_("Is the deployment"), kind="deployment")
    endpoint = RefField(label=_("Is the endpoint"), kind="endpoint")
    site = RefField(label=_("Is at the site"), kind="site")
    priority = forms.IntegerField(
        label=_("Priority"),
        initial=0,
        min_value=-1000,
        max_value=1000,
        help_text=_("The higher wins; between equals the more specific one."),
    )
    valid_from = DayField(label=_("From"), help_text=_("Empty: it explains the whole past."))
    valid_until = DayField(label=_("Until"), help_text=_("Empty: it has no end."))
    note = _line(_("Note"), most=500)
