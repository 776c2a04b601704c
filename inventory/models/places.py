"""Where: sites in a tree, and fleets of alike devices at them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from inventory.domain.words import Connectivity, FleetKind, Tier
from inventory.models import labels
from inventory.models.base import Named, country_code, known, named, not_itself, region_code, word
from inventory.models.organisation import LegalEntity, Unit


class Site(Named):
    """A place where AI runs or data lies. Sites form a tree; the tier says what kind of place it is."""

    tier = word(_("tier"), labels.TIER)
    country = models.CharField(_("country"), max_length=2, blank=True, validators=[country_code])
    region = models.CharField(_("region"), max_length=63, blank=True, validators=[region_code])
    connectivity = word(_("connectivity"), labels.CONNECTIVITY, default=Connectivity.ONLINE)
    offline_budget_hours = models.PositiveIntegerField(
        _("may be out of contact for (hours)"),
        null=True,
        blank=True,
        help_text=_("How long silence is normal here. Empty: not known."),
    )
    operator = models.ForeignKey(
        LegalEntity,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="operated_sites",
        verbose_name=_("operator"),
    )
    parent = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
        verbose_name=_("part of"),
    )
    unit = models.ForeignKey(
        Unit, on_delete=models.PROTECT, null=True, blank=True, related_name="sites", verbose_name=_("unit")
    )
    note = models.TextField(_("note"), blank=True, max_length=4000)

    class Meta:
        verbose_name = _("site")
        verbose_name_plural = _("sites")
        constraints = [
            named("inventory_site"),
            known("inventory_site", "tier", Tier),
            known("inventory_site", "connectivity", Connectivity),
            not_itself("inventory_site", "parent", "id"),
        ]
        indexes = [
            models.Index(fields=["name", "id"], name="inventory_site_name"),
            models.Index(fields=["tier", "name"], name="inventory_site_tier"),
        ]


class Fleet(Named):
    """Many alike devices at a site, counted and not listed."""

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="fleets", verbose_name=_("site"))
    kind = word(_("kind"), labels.FLEET_KIND, default=FleetKind.OTHER)
    os = models.CharField(_("operating system"), max_length=80, blank=True)
    expected_count = models.PositiveIntegerField(
        _("expected number of devices"), null=True, blank=True, help_text=_("Empty: not known.")
    )
    note = models.TextField(_("note"), blank=True, max_length=4000)

    class Meta:
        verbose_name = _("fleet")
        verbose_name_plural = _("fleets")
        constraints = [
            named("inventory_fleet"),
            known("inventory_fleet", "kind", FleetKind),
            models.CheckConstraint(
                condition=Q(expected_count__isnull=True) | Q(expected_count__gt=0),
                name="inventory_fleet_counts_some",
            ),
        ]
