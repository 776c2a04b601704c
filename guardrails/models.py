"""What people decide about checks: profiles, and which deployment has which."""

from __future__ import annotations

from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from guardrails.domain.profiles import PER_MILLE, Profile
from guardrails.domain.rules import rules_of
from inventory.models import Deployment, Unit
from inventory.models.base import Dated, Named, in_order, named, once
from kernel import ids

_DEFAULT_THRESHOLD = 500


def _sampling(label: Any) -> models.PositiveSmallIntegerField[Any, Any]:
    return models.PositiveSmallIntegerField(
        label, default=PER_MILLE, validators=[MinValueValidator(1), MaxValueValidator(PER_MILLE)]
    )


def _threshold(label: Any) -> models.PositiveSmallIntegerField[Any, Any]:
    return models.PositiveSmallIntegerField(
        label, default=_DEFAULT_THRESHOLD, validators=[MaxValueValidator(PER_MILLE)]
    )


def _at_most_whole(field: str, *, least: int) -> models.CheckConstraint:
    return models.CheckConstraint(
        condition=Q(**{f"{field}__gte": least}) & Q(**{f"{field}__lte": PER_MILLE}),
        name=f"guardrails_profile_{field}",
    )


class GuardrailProfile(Named):
    """Which checks run, on how many of 1,000, from which score on (in thousandths).

    Whoever has no profile of their own has the default one; there is one at most. `unit` is who keeps the profile; None
    is the whole organisation.
    """

    unit = models.ForeignKey(
        Unit, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("unit")
    )
    is_default = models.BooleanField(_("default of the installation"), default=False, editable=False)
    personal_data_enabled = models.BooleanField(_("looks for personal data"), default=True)
    personal_data_sampling = _sampling(_("of 1,000 messages, looks for personal data in"))
    personal_data_threshold = _threshold(_("personal data counts from (thousandths)"))
    secrets_enabled = models.BooleanField(_("looks for secrets"), default=True)
    secrets_sampling = _sampling(_("of 1,000 messages, looks for secrets in"))
    secrets_threshold = _threshold(_("secrets count from (thousandths)"))
    groundedness_enabled = models.BooleanField(_("holds answers against their sources"), default=True)
    groundedness_sampling = _sampling(_("of 1,000 answers, holds against their sources"))
    note = models.TextField(_("note"), blank=True, max_length=4000)

    class Meta:
        verbose_name = _("guardrail profile")
        verbose_name_plural = _("guardrail profiles")
        constraints = [
            named("guardrails_profile"),
            models.UniqueConstraint(
                fields=["is_default"],
                condition=Q(is_default=True),
                name="guardrails_profile_one_default",
                violation_error_message=_("There is a default profile already."),
            ),
            models.CheckConstraint(
                condition=Q(is_default=False) | Q(retired_at__isnull=True, unit__isnull=True),
                name="guardrails_profile_default_stays",
                violation_error_message=_("The default profile belongs to everybody and stays."),
            ),
            _at_most_whole("personal_data_sampling", least=1),
            _at_most_whole("personal_data_threshold", least=0),
            _at_most_whole("secrets_sampling", least=1),
            _at_most_whole("secrets_threshold", least=0),
            _at_most_whole("groundedness_sampling", least=1),
        ]

    @property
    def rules(self) -> Profile:
        """What the engines go by."""
        return rules_of(self)


class ProfileAssignment(Dated):
    """A deployment has a profile, from a moment to a moment. Without one it has the default."""

    profile = models.ForeignKey(
        GuardrailProfile, on_delete=models.PROTECT, related_name="assignments", verbose_name=_("profile")
    )
    deployment = models.ForeignKey(
        Deployment, on_delete=models.PROTECT, related_name="+", verbose_name=_("deployment")
    )

    class Meta:
        verbose_name = _("assignment of a profile")
        verbose_name_plural = _("assignments of profiles")
        constraints = [
            in_order("guardrails_profileassignment"),
            once("guardrails_profileassignment", "deployment"),
        ]

    def __str__(self) -> str:
        return f"{self.deployment_id} has {self.profile_id}"


class Recheck(models.Model):
    """A change that what was received already has still to follow: written with it, taken away when it is queued.

    It concerns one deployment, or (`deployment` None) all that go by a profile.
    """

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    profile = models.ForeignKey(GuardrailProfile, on_delete=models.CASCADE, related_name="+")
    deployment = models.ForeignKey(
        Deployment, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    checks = models.JSONField(default=list)
    asked_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"recheck {self.id}"
