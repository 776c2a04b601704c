"""On whose data: datasets and their versions."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from inventory.domain.words import Classification, PersonalData, Persons, SpecialCategory
from inventory.models import labels
from inventory.models.base import Kept, Named, known, named, one_name, text_list, word, word_list
from inventory.models.organisation import Unit


class Dataset(Named):
    """Data that systems work on or that models were trained on."""

    purpose = models.TextField(_("purpose"), blank=True, max_length=4000)
    unit = models.ForeignKey(
        Unit, on_delete=models.PROTECT, null=True, blank=True, related_name="datasets", verbose_name=_("unit")
    )

    class Meta:
        verbose_name = _("dataset")
        verbose_name_plural = _("datasets")
        constraints = [named("inventory_dataset"), one_name("inventory_dataset")]
        indexes = [models.Index(fields=["name", "id"], name="inventory_dataset_name")]


class DatasetVersion(Kept):
    """One state of a dataset, with what it holds, about whom, and where it may lie."""

    dataset = models.ForeignKey(
        Dataset, on_delete=models.PROTECT, related_name="versions", verbose_name=_("dataset")
    )
    label = models.CharField(_("version"), max_length=80)
    classification = word(_("classification"), labels.CLASSIFICATION, default=Classification.INTERNAL)
    personal_data = word(_("personal data"), labels.PERSONAL_DATA, default=PersonalData.UNKNOWN)
    special_categories = word_list(_("special categories"), SpecialCategory)
    data_subjects = word_list(_("data subjects"), Persons)
    residency = text_list(_("may lie in (countries or regions)"), longest=63)
    retention_days = models.PositiveIntegerField(
        _("kept for (days)"), null=True, blank=True, help_text=_("Empty: not known.")
    )
    source = models.CharField(_("source"), max_length=300, blank=True)
    licence = models.CharField(_("licence"), max_length=120, blank=True)
    note = models.TextField(_("note"), blank=True, max_length=4000)

    class Meta:
        verbose_name = _("dataset version")
        verbose_name_plural = _("dataset versions")
        constraints = [
            known("inventory_datasetversion", "classification", Classification),
            known("inventory_datasetversion", "personal_data", PersonalData),
            models.UniqueConstraint(fields=["dataset", "label"], name="inventory_datasetversion_once"),
            models.CheckConstraint(condition=~Q(label=""), name="inventory_datasetversion_has_label"),
            models.CheckConstraint(
                # An empty list is the only one without special categories; those are personal data by definition.
                condition=Q(special_categories=[]) | Q(personal_data=PersonalData.YES),
                name="inventory_datasetversion_special_is_personal",
                violation_error_message=_(
                    "Special categories are personal data: say yes there, or remove them here."
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.label
