"""Which models: families, their versions, and how one came from another."""

from __future__ import annotations

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from inventory.domain.words import Descent, Modality, ModelKind, ModelState
from inventory.models import labels
from inventory.models.base import (
    Dated,
    Kept,
    Named,
    in_order,
    known,
    most,
    named,
    not_itself,
    once,
    text_list,
    word,
    word_list,
)
from inventory.models.datasets import DatasetVersion
from inventory.models.organisation import LegalEntity

digest_text = RegexValidator(r"\Asha256:[0-9a-f]{64}\Z", _("Write sha256: and 64 hexadecimal digits."))


class Model(Named):
    """A family of weights under one name, whoever provides it."""

    provider = models.ForeignKey(
        LegalEntity,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="models",
        verbose_name=_("provider"),
    )
    provider_name = models.CharField(
        _("provider’s name"),
        max_length=200,
        blank=True,
        help_text=_("Where the provider is no legal entity of the register."),
    )
    family = models.CharField(_("family"), max_length=120, blank=True)
    kind = word(_("kind"), labels.MODEL_KIND, default=ModelKind.OTHER)
    note = models.TextField(_("note"), blank=True, max_length=4000)

    class Meta:
        verbose_name = _("model")
        verbose_name_plural = _("models")
        constraints = [
            named("inventory_model"),
            known("inventory_model", "kind", ModelKind),
            models.CheckConstraint(
                condition=Q(provider__isnull=True) | Q(provider_name=""),
                name="inventory_model_one_provider",
                violation_error_message=_("Choose a legal entity or write a name, not both."),
            ),
        ]
        indexes = [models.Index(fields=["name", "id"], name="inventory_model_name")]


class ModelVersion(Kept):
    """One release of a model. `aliases` are the names under which telemetry speaks of it."""

    model = models.ForeignKey(
        Model, on_delete=models.PROTECT, related_name="versions", verbose_name=_("model")
    )
    label = models.CharField(_("version"), max_length=80)
    modalities_in = word_list(_("takes"), Modality)
    modalities_out = word_list(_("gives"), Modality)
    parameters = models.PositiveBigIntegerField(
        _("parameters"), null=True, blank=True, validators=[most], help_text=_("Empty: not known.")
    )
    licence = models.CharField(_("licence"), max_length=120, blank=True)
    quantisation = models.CharField(_("quantisation"), max_length=40, blank=True)
    digest = models.CharField(_("digest"), max_length=71, blank=True, validators=[digest_text])
    aliases = text_list(_("names in telemetry"), longest=200)
    state = word(_("state"), labels.MODEL_STATE, default=ModelState.CANDIDATE)
    note = models.TextField(_("note"), blank=True, max_length=4000)

    class Meta:
        verbose_name = _("model version")
        verbose_name_plural = _("model versions")
        constraints = [
            known("inventory_modelversion", "state", ModelState),
            models.UniqueConstraint(
                fields=["model", "label", "quantisation"], name="inventory_modelversion_once"
            ),
            models.CheckConstraint(condition=~Q(label=""), name="inventory_modelversion_has_label"),
            models.CheckConstraint(
                condition=Q(state=ModelState.RETIRED, retired_at__isnull=False)
                | (~Q(state=ModelState.RETIRED) & Q(retired_at__isnull=True)),
                name="inventory_modelversion_retired_says_when",
            ),
        ]

    def __str__(self) -> str:
        return self.label


class ModelRelation(Dated):
    """A model version came from another one. Without cycles, which the service sees to."""

    child = models.ForeignKey(
        ModelVersion, on_delete=models.PROTECT, related_name="origins", verbose_name=_("model version")
    )
    parent = models.ForeignKey(
        ModelVersion, on_delete=models.PROTECT, related_name="descendants", verbose_name=_("came from")
    )
    descent = word(_("how"), labels.DESCENT)

    class Meta:
        verbose_name = _("descent of a model version")
        verbose_name_plural = _("descents of model versions")
        constraints = [
            known("inventory_modelrelation", "descent", Descent),
            not_itself("inventory_modelrelation", "child", "parent"),
            in_order("inventory_modelrelation"),
            once("inventory_modelrelation", "child", "parent", "descent"),
        ]

    def __str__(self) -> str:
        return f"{self.child_id} {self.descent} {self.parent_id}"


class ModelTraining(Dated):
    """A model version was trained on a dataset version."""

    model_version = models.ForeignKey(
        ModelVersion, on_delete=models.PROTECT, related_name="trainings", verbose_name=_("model version")
    )
    dataset_version = models.ForeignKey(
        DatasetVersion, on_delete=models.PROTECT, related_name="trainings", verbose_name=_("dataset version")
    )

    class Meta:
        verbose_name = _("training of a model version")
        verbose_name_plural = _("trainings of model versions")
        constraints = [
            in_order("inventory_modeltraining"),
            once("inventory_modeltraining", "model_version", "dataset_version"),
        ]

    def __str__(self) -> str:
        return f"{self.model_version_id} on {self.dataset_version_id}"
