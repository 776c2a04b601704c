"""What for: AI systems, the unit of governance, and the legal entities that answer for them."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from inventory.domain.words import DecisionImpact, EntityRole, Persons, RiskClass, SystemState
from inventory.models import labels
from inventory.models.base import (
    Dated,
    Named,
    in_order,
    known,
    most,
    named,
    once,
    one_name,
    text_list,
    word,
    word_list,
)
from inventory.models.organisation import LegalEntity, Unit


class System(Named):
    """A use of AI for a purpose, with an owner (AI Act, Article 3(1))."""

    purpose = models.TextField(_("purpose"), blank=True, max_length=4000)
    business_process = models.CharField(_("business process"), max_length=200, blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="owned_systems",
        verbose_name=_("owner"),
    )
    deputy = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="deputised_systems",
        verbose_name=_("deputy"),
    )
    unit = models.ForeignKey(
        Unit, on_delete=models.PROTECT, null=True, blank=True, related_name="systems", verbose_name=_("unit")
    )
    risk_class = word(_("risk class"), labels.RISK_CLASS, default=RiskClass.UNCLASSIFIED)
    annex_iii_points = text_list(_("Annex III points"), longest=16)
    risk_reason = models.TextField(_("reason for the class"), blank=True, max_length=4000)
    persons_affected = word_list(_("persons affected"), Persons)
    persons_estimate = models.PositiveBigIntegerField(
        _("persons affected per year"),
        null=True,
        blank=True,
        validators=[most],
        help_text=_("Empty: not known."),
    )
    state = word(_("state"), labels.SYSTEM_STATE, default=SystemState.PROPOSED)
    interacts_with_persons = models.BooleanField(
        _("interacts with persons"), null=True, blank=True, help_text=_("Empty: not known.")
    )
    decision_impact = word(_("decision impact"), labels.DECISION_IMPACT, default=DecisionImpact.UNKNOWN)

    class Meta:
        verbose_name = _("AI system")
        verbose_name_plural = _("AI systems")
        constraints = [
            named("inventory_system"),
            one_name("inventory_system"),
            known("inventory_system", "risk_class", RiskClass),
            known("inventory_system", "state", SystemState),
            known("inventory_system", "decision_impact", DecisionImpact),
            models.CheckConstraint(
                condition=Q(state=SystemState.RETIRED, retired_at__isnull=False)
                | (~Q(state=SystemState.RETIRED) & Q(retired_at__isnull=True)),
                name="inventory_system_retired_says_when",
            ),
        ]
        indexes = [
            models.Index(fields=["name", "id"], name="inventory_system_name"),
            models.Index(fields=["state", "name"], name="inventory_system_state"),
            models.Index(fields=["risk_class", "name"], name="inventory_system_risk"),
            models.Index(fields=["-updated_at", "id"], name="inventory_system_changed"),
        ]


class SystemRole(Dated):
    """A legal entity is provider, deployer, controller… of a system."""

    system = models.ForeignKey(
        System, on_delete=models.PROTECT, related_name="roles", verbose_name=_("AI system")
    )
    entity = models.ForeignKey(
        LegalEntity, on_delete=models.PROTECT, related_name="roles", verbose_name=_("legal entity")
    )
    role = word(_("role"), labels.ENTITY_ROLE)

    class Meta:
        verbose_name = _("role of a legal entity")
        verbose_name_plural = _("roles of legal entities")
        constraints = [
            known("inventory_systemrole", "role", EntityRole),
            in_order("inventory_systemrole"),
            once("inventory_systemrole", "system", "entity", "role"),
        ]

    def __str__(self) -> str:
        return f"{self.entity_id} {self.role} {self.system_id}"
