"""Who: the parts of the organisation, and the companies and bodies that have duties."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from inventory.models.base import Named, country_code, named, not_itself, one_name


class Unit(Named):
    """A part of the organisation. Units form a tree; roles are given per unit."""

    parent = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
        verbose_name=_("part of"),
    )

    class Meta:
        verbose_name = _("unit")
        verbose_name_plural = _("units")
        constraints = [named("inventory_unit"), not_itself("inventory_unit", "parent", "id")]


class LegalEntity(Named):
    """A company or body that has duties: our own companies, vendors, operators, authorities."""

    country = models.CharField(_("country"), max_length=2, blank=True, validators=[country_code])
    registration = models.CharField(_("registration number"), max_length=64, blank=True)
    is_own = models.BooleanField(_("belongs to the organisation"), default=False)
    website = models.URLField(_("website"), max_length=300, blank=True)
    contact = models.CharField(_("contact"), max_length=300, blank=True)
    note = models.TextField(_("note"), blank=True, max_length=4000)

    class Meta:
        verbose_name = _("legal entity")
        verbose_name_plural = _("legal entities")
        constraints = [named("inventory_legalentity"), one_name("inventory_legalentity")]
