"""How long what is kept, where somebody decided otherwise than the house's own defaults."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from inventory.models.base import Kept, known, word
from inventory.models.labels import KEPT, RETENTION_CLASS
from kernel.contracts import retention

MOST_DAYS = 36_525  # a hundred years


class RetentionRule(Kept):
    """Days for which something of a class is kept. Sums belong to no class; a legal hold has no days."""

    kept = word(_("what is kept"), KEPT)
    retention_class = word(_("retention class"), RETENTION_CLASS, blank=True, default="")
    days = models.PositiveIntegerField(
        _("days"), validators=[MinValueValidator(1), MaxValueValidator(MOST_DAYS)]
    )

    class Meta:
        verbose_name = _("retention rule")
        verbose_name_plural = _("retention rules")
        constraints = [
            known("inventory_retentionrule", "kept", retention.Kept),
            models.CheckConstraint(
                condition=Q(kept=retention.Kept.SUMS, retention_class="")
                | (
                    ~Q(kept=retention.Kept.SUMS)
                    & Q(retention_class__in=[item.value for item in retention.PERISHABLE])
                ),
                name="inventory_retentionrule_class",
                violation_error_message=_("Sums belong to no class, and a legal hold has no end."),
            ),
            models.CheckConstraint(condition=Q(days__gte=1), name="inventory_retentionrule_days"),
            models.UniqueConstraint(fields=["kept", "retention_class"], name="inventory_retentionrule_once"),
        ]

    def __str__(self) -> str:
        return f"{self.kept} {self.retention_class}: {self.days}"
