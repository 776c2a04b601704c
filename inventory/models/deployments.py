"""What runs: deployments, where they are placed, which endpoints they use, on which data they work."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from inventory.domain.words import Basis, BindingPurpose, DeploymentState, Environment, UseRole
from inventory.models import labels
from inventory.models.base import Dated, Named, in_order, known, named, once, word
from inventory.models.datasets import DatasetVersion
from inventory.models.endpoints import Endpoint
from inventory.models.places import Fleet, Site
from inventory.models.systems import System
from kernel.contracts.ingest import CaptureMode, RetentionClass


class Deployment(Named):
    """A system that runs in one environment. Its slug is what senders claim; its unit is that of its system."""

    system = models.ForeignKey(
        System, on_delete=models.PROTECT, related_name="deployments", verbose_name=_("AI system")
    )
    environment = word(_("environment"), labels.ENVIRONMENT, default=Environment.PRODUCTION)
    state = word(_("state"), labels.DEPLOYMENT_STATE, default=DeploymentState.PLANNED)
    capture_mode = word(_("capture mode"), labels.CAPTURE_MODE, default=CaptureMode.HASHED)
    retention_class = word(_("retention"), labels.RETENTION_CLASS, default=RetentionClass.STANDARD)
    expected_count = models.PositiveIntegerField(
        _("expected number of instances"), null=True, blank=True, help_text=_("Empty: not known.")
    )
    calendar = models.CharField(
        _("when it runs"), max_length=200, blank=True, help_text=_("In words, such as: weekdays, 8 to 18 h.")
    )
    note = models.TextField(_("note"), blank=True, max_length=4000)

    class Meta:
        verbose_name = _("deployment")
        verbose_name_plural = _("deployments")
        constraints = [
            named("inventory_deployment"),
            known("inventory_deployment", "environment", Environment),
            known("inventory_deployment", "state", DeploymentState),
            known("inventory_deployment", "capture_mode", CaptureMode),
            known("inventory_deployment", "retention_class", RetentionClass),
            models.CheckConstraint(
                condition=Q(state=DeploymentState.RETIRED, retired_at__isnull=False)
                | (~Q(state=DeploymentState.RETIRED) & Q(retired_at__isnull=True)),
                name="inventory_deployment_retired_says_when",
            ),
        ]
        indexes = [
            models.Index(fields=["name", "id"], name="inventory_deployment_name"),
            models.Index(fields=["state", "name"], name="inventory_deployment_state"),
        ]


class Placement(Dated):
    """A deployment is at a site or in a fleet, from a moment to a moment."""

    deployment = models.ForeignKey(
        Deployment, on_delete=models.PROTECT, related_name="placements", verbose_name=_("deployment")
    )
    site = models.ForeignKey(
        Site,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="placements",
        verbose_name=_("site"),
    )
    fleet = models.ForeignKey(
        Fleet,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="placements",
        verbose_name=_("fleet"),
    )

    class Meta:
        verbose_name = _("placement")
        verbose_name_plural = _("placements")
        constraints = [
            in_order("inventory_placement"),
            models.CheckConstraint(
                condition=Q(site__isnull=False, fleet__isnull=True)
                | Q(site__isnull=True, fleet__isnull=False),
                name="inventory_placement_site_or_fleet",
                violation_error_message=_("Choose a site or a fleet, and only one of them."),
            ),
            once("inventory_placement", "deployment", "site", "fleet"),
        ]

    def __str__(self) -> str:
        return f"{self.deployment_id} at {self.site_id or self.fleet_id}"


class DeploymentUse(Dated):
    """A deployment uses an endpoint, in a role."""

    deployment = models.ForeignKey(
        Deployment, on_delete=models.PROTECT, related_name="uses", verbose_name=_("deployment")
    )
    endpoint = models.ForeignKey(
        Endpoint, on_delete=models.PROTECT, related_name="used_by", verbose_name=_("endpoint")
    )
    role = word(_("role"), labels.USE_ROLE, default=UseRole.GENERATION)

    class Meta:
        verbose_name = _("use of an endpoint")
        verbose_name_plural = _("uses of endpoints")
        constraints = [
            known("inventory_deploymentuse", "role", UseRole),
            in_order("inventory_deploymentuse"),
            once("inventory_deploymentuse", "deployment", "endpoint", "role"),
        ]

    def __str__(self) -> str:
        return f"{self.deployment_id} uses {self.endpoint_id}"


class Binding(Dated):
    """A deployment works with a dataset version, for a purpose; said by a person or shown by telemetry."""

    deployment = models.ForeignKey(
        Deployment, on_delete=models.PROTECT, related_name="bindings", verbose_name=_("deployment")
    )
    dataset_version = models.ForeignKey(
        DatasetVersion, on_delete=models.PROTECT, related_name="bindings", verbose_name=_("dataset version")
    )
    purpose = word(_("purpose"), labels.BINDING_PURPOSE)
    basis = word(_("basis"), labels.BASIS, default=Basis.DECLARED)

    class Meta:
        verbose_name = _("data binding")
        verbose_name_plural = _("data bindings")
        constraints = [
            known("inventory_binding", "purpose", BindingPurpose),
            known("inventory_binding", "basis", Basis),
            in_order("inventory_binding"),
            once("inventory_binding", "deployment", "dataset_version", "purpose", "basis"),
        ]

    def __str__(self) -> str:
        return f"{self.deployment_id} with {self.dataset_version_id}"
