"""How much may be spent in a month, on what, and who answers for it."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from governance.domain.budgets import DEFAULT_THRESHOLDS, LARGEST_THRESHOLD, MOST_THRESHOLDS, BudgetScope
from inventory.domain.words import Tier
from inventory.models import Deployment, LegalEntity, Site, System, Unit
from inventory.models import labels as register
from inventory.models.amounts import ExactDecimal
from inventory.models.base import Named, known, named, word
from inventory.models.costs import currency_code

SCOPE = {
    BudgetScope.ORGANISATION: _("Whole organisation"),
    BudgetScope.UNIT: _("Unit"),
    BudgetScope.SYSTEM: _("AI system"),
    BudgetScope.DEPLOYMENT: _("Deployment"),
    BudgetScope.ENTITY: _("Legal entity"),
    BudgetScope.TIER: pgettext_lazy("of a site", "Tier"),
    BudgetScope.SITE: _("Site"),
}
POINTERS = (
    BudgetScope.UNIT,
    BudgetScope.SYSTEM,
    BudgetScope.DEPLOYMENT,
    BudgetScope.ENTITY,
    BudgetScope.SITE,
)


def default_thresholds() -> list[int]:
    """50, 80 and 100 per cent."""
    return list(DEFAULT_THRESHOLDS)


def rising_percents(value: Any) -> None:
    """Refuse what is no list of rising whole per cents."""
    percents = isinstance(value, list) and all(
        type(one) is int and 0 < one <= LARGEST_THRESHOLD for one in value
    )
    if not percents or value != sorted(set(value)) or len(value) > MOST_THRESHOLDS:
        raise ValidationError(
            _("Give at most %(most)s whole per cents, each larger than the one before."),
            params={"most": MOST_THRESHOLDS},
        )


def _scope(kind: BudgetScope) -> Q:
    """The one column that a scope fills, and that no other is filled."""
    others = {f"{one.value}__isnull": one is not kind for one in POINTERS}
    tier = ~Q(tier="") if kind is BudgetScope.TIER else Q(tier="")
    return Q(scope=kind, **others) & tier


def _any_scope() -> Q:
    condition = Q()
    for kind in BudgetScope:
        condition |= _scope(kind)
    return condition


def _points_to(model: type[models.Model], label: Any) -> Any:
    return models.ForeignKey(
        model, on_delete=models.PROTECT, null=True, blank=True, related_name="budgets", verbose_name=label
    )


class Budget(Named):
    """An amount for each month, in the zone of the installation, for what its scope names."""

    scope = word(_("scope"), SCOPE, default=BudgetScope.ORGANISATION)
    unit = _points_to(Unit, _("unit"))
    system = _points_to(System, _("AI system"))
    deployment = _points_to(Deployment, _("deployment"))
    entity = _points_to(LegalEntity, _("legal entity"))
    site = _points_to(Site, _("site"))
    tier = word(_("tier"), register.TIER, blank=True, default="")
    amount = ExactDecimal(_("amount per month"), places=6)
    currency = models.CharField(_("currency"), max_length=3, validators=[currency_code])
    thresholds = models.JSONField(
        _("thresholds (%)"), default=default_thresholds, validators=[rising_percents]
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="budgets",
        verbose_name=_("owner"),
    )
    note = models.TextField(_("note"), blank=True, max_length=4000)

    class Meta:
        verbose_name = _("budget")
        verbose_name_plural = _("budgets")
        constraints = [
            named("governance_budget"),
            known("governance_budget", "scope", BudgetScope),
            models.CheckConstraint(
                condition=Q(tier="") | Q(tier__in=[tier.value for tier in Tier]),
                name="governance_budget_tier_known",
            ),
            models.CheckConstraint(
                condition=Q(amount__gt=0),
                name="governance_budget_amount_positive",
                violation_error_message=_("A budget has an amount above zero."),
            ),
            models.CheckConstraint(
                condition=_any_scope(),
                name="governance_budget_scope_fits",
                violation_error_message=_("Name what the scope says, and nothing beside it."),
            ),
        ]
