"""The one simple form: this system, this model, this place. Each of the three is on the register already, or new."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from inventory.domain.words import (
    BindingPurpose,
    Classification,
    DeploymentState,
    EndpointKind,
    Environment,
    ModelKind,
    PersonalData,
    Tier,
)
from inventory.forms.fields import Label, RefField, word, words
from inventory.forms.nouns import RegisterForm
from inventory.models import labels
from inventory.services import NewModel, NewSite, NewSystem
from kernel.contracts.ingest import CaptureMode, SenderIdentity

EXISTING, NEW, UNDISCLOSED = "existing", "new", "undisclosed"


def _which(label: Label, *choices: tuple[str, Label]) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, choices=choices, widget=forms.RadioSelect)


def _line(label: Label, *, most: int = 200, help_text: Label = "", initial: str = "") -> forms.CharField:
    return forms.CharField(
        label=label, max_length=most, required=False, help_text=help_text, initial=initial or None
    )


@dataclass(frozen=True, slots=True)
class NewData:
    """Data that is not on the register yet, as far as the form asks about it."""

    name: str
    classification: str
    personal_data: str
    special_categories: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DataGiven:
    """On which data the new deployment works, and what for: a dataset version of the register, or a new dataset."""

    version: uuid.UUID | NewData
    purpose: BindingPurpose


class SimpleForm(RegisterForm):
    """Which system, which model, which place, on which data; and how it runs."""

    system_is = _which(_("Which system?"), (EXISTING, _("On the register already")), (NEW, _("A new one")))
    system = RefField(label=_("System"), kind="system")
    system_name = _line(_("Name of the system"))
    system_purpose = forms.CharField(
        label=_("Purpose"),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("What it is meant to do, for whom, in one or two sentences."),
    )
    system_owner = RefField(label=_("Owner"), kind="person", help_text=_("Who answers for it."))
    system_unit = RefField(label=_("Unit"), kind="unit")

    model_is = _which(
        _("Which model?"),
        (EXISTING, _("On the register already")),
        (NEW, _("A new one")),
        (UNDISCLOSED, _("The operator does not say")),
    )
    model = RefField(label=_("Model version"), kind="model_version")
    model_name = _line(_("Name of the model"))
    model_version = _line(_("Version"), most=80)
    model_provider = _line(_("Provider’s name"))
    model_kind = word(_("Kind"), labels.MODEL_KIND, initial=ModelKind.LLM)
    model_alias = _line(_("Name in telemetry"), help_text=_("How spans call it, such as gpt-4o."))

    place_is = _which(_("Which place?"), (EXISTING, _("On the register already")), (NEW, _("A new one")))
    place = RefField(label=_("Site"), kind="site")
    place_name = _line(_("Name of the site"))
    place_tier = word(_("Tier"), labels.TIER, initial=Tier.PUBLIC_CLOUD)
    place_country = _line(
        _("Country"), most=2, help_text=_("Two capital letters, such as FR. Empty: not known.")
    )
    place_unit = RefField(label=_("Unit of the site"), kind="unit")

    data_is = forms.ChoiceField(
        label=_("Which data does it work on?"),
        choices=(
            (UNDISCLOSED, _("Not known yet")),
            (EXISTING, _("On the register already")),
            (NEW, _("A new one")),
        ),
        widget=forms.RadioSelect,
        required=False,
    )
    data_version = RefField(label=_("Dataset version"), kind="dataset_version")
    data_name = _line(_("Name of the dataset"))
    data_classification = word(
        _("Classification"), labels.CLASSIFICATION, initial=Classification.INTERNAL, required=False
    )
    data_personal = word(
        _("Personal data"), labels.PERSONAL_DATA, initial=PersonalData.UNKNOWN, required=False
    )
    data_special = words(
        _("Special categories"),
        labels.SPECIAL_CATEGORY,
        help_text=_("GDPR, Article 9, and criminal data (Article 10)."),
    )
    data_purpose = word(
        _("What the data is for"),
        labels.BINDING_PURPOSE,
        initial=BindingPurpose.INPUT,
        required=False,
        help_text=_("Said of the data that you name here."),
    )

    environment = word(_("Environment"), labels.ENVIRONMENT, initial=Environment.PRODUCTION)
    state = word(_("State"), labels.DEPLOYMENT_STATE, initial=DeploymentState.LIVE)
    endpoint_kind = word(_("What answers"), labels.ENDPOINT_KIND, initial=EndpointKind.MODEL_SERVER)
    capture_mode = word(_("What is kept of what was said"), labels.CAPTURE_MODE, initial=CaptureMode.HASHED)

    sender_key = forms.UUIDField(widget=forms.HiddenInput, required=False)
    sender_namespace = forms.CharField(widget=forms.HiddenInput, required=False, max_length=255)
    sender_name = forms.CharField(widget=forms.HiddenInput, required=False, max_length=255)
    sender_environment = forms.CharField(widget=forms.HiddenInput, required=False, max_length=255)
    sender_place = forms.CharField(widget=forms.HiddenInput, required=False, max_length=255)
    sender_claim = forms.CharField(widget=forms.HiddenInput, required=False, max_length=255)

    SYSTEM = ("system", "system_name", "system_purpose", "system_owner", "system_unit")
    MODEL = ("model", "model_name", "model_version", "model_provider", "model_kind", "model_alias")
    PLACE = ("place", "place_name", "place_tier", "place_country", "place_unit")
    DATA = ("data_version", "data_name", "data_classification", "data_personal", "data_special")
    RUNS = ("environment", "state", "endpoint_kind", "capture_mode")
    NEEDED = {
        ("system_is", EXISTING): ("system",),
        ("system_is", NEW): ("system_name",),
        ("model_is", EXISTING): ("model",),
        ("model_is", NEW): ("model_name", "model_version"),
        ("place_is", EXISTING): ("place",),
        ("place_is", NEW): ("place_name",),
        ("data_is", EXISTING): ("data_version",),
        ("data_is", NEW): ("data_name", "data_classification", "data_personal"),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, use_required_attribute=False, **kwargs)
        for names in self.NEEDED.values():
            for name in names:
                self.fields[name].required = True

    def full_clean(self) -> None:
        """What was chosen must be said; the fields of the other choice are passed over."""
        for (question, answer), names in self.NEEDED.items() if self.is_bound else ():
            for name in names:
                self.fields[name].required = self.data.get(question) == answer
        super().full_clean()

    def clean(self) -> dict[str, Any]:
        """Special categories are personal data: to name one and to say “no” or “not known” contradict each other."""
        data = super().clean() or {}
        if data.get("data_is") == NEW and data.get("data_special") and data.get("data_personal") != "yes":
            self.add_error("data_personal", _("Special categories are personal data: say “yes” here."))
        return data

    def data_given(self) -> DataGiven | None:
        """The data that was named; None where nobody knows yet."""
        data = self.cleaned_data
        purpose = BindingPurpose(data["data_purpose"] or BindingPurpose.INPUT)
        if data["data_is"] == EXISTING:
            return DataGiven(data["data_version"], purpose)
        if data["data_is"] != NEW:
            return None
        new = NewData(
            data["data_name"],
            data["data_classification"],
            data["data_personal"],
            tuple(data["data_special"]),
        )
        return DataGiven(new, purpose)

    def values(self) -> dict[str, Any]:
        """As the verb takes them."""
        data = self.cleaned_data
        return {
            "system": self._system(data),
            "model": self._model(data),
            "place": self._place(data),
            "environment": Environment(data["environment"]),
            "state": DeploymentState(data["state"]),
            "endpoint_kind": EndpointKind(data["endpoint_kind"]),
            "capture_mode": CaptureMode(data["capture_mode"]),
            "sender": self.sender(),
        }

    def sender(self) -> SenderIdentity | None:
        """The discovered sender that is being registered; None where the deployment's own claim is to count."""
        data = self.cleaned_data
        if not data.get("sender_key"):
            return None
        return SenderIdentity(
            key_id=data["sender_key"].bytes,
            service_namespace=data["sender_namespace"],
            service_name=data["sender_name"],
            environment=data["sender_environment"],
            place=data["sender_place"],
            claimed_deployment=data["sender_claim"],
        )

    @staticmethod
    def _system(data: dict[str, Any]) -> uuid.UUID | NewSystem:
        if data["system_is"] == EXISTING:
            found: uuid.UUID = data["system"]
            return found
        return NewSystem(
            name=data["system_name"],
            unit=data["system_unit"],
            owner=data["system_owner"],
            purpose=data["system_purpose"],
        )

    @staticmethod
    def _model(data: dict[str, Any]) -> uuid.UUID | NewModel | None:
        if data["model_is"] == UNDISCLOSED:
            return None
        if data["model_is"] == EXISTING:
            found: uuid.UUID = data["model"]
            return found
        return NewModel(
            name=data["model_name"],
            version=data["model_version"],
            provider_name=data["model_provider"],
            kind=ModelKind(data["model_kind"]),
            alias=data["model_alias"],
        )

    @staticmethod
    def _place(data: dict[str, Any]) -> uuid.UUID | NewSite:
        if data["place_is"] == EXISTING:
            found: uuid.UUID = data["place"]
            return found
        return NewSite(
            name=data["place_name"],
            tier=Tier(data["place_tier"]),
            country=data["place_country"],
            unit=data["place_unit"],
        )
