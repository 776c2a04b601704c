"""Where a model answers: endpoints, what they route to, and which model versions they serve."""

from __future__ import annotations

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from inventory.domain.words import EndpointKind, ModelDisclosure, Observable
from inventory.models import labels
from inventory.models.base import (
    Dated,
    EachOf,
    Named,
    in_order,
    known,
    named,
    not_itself,
    once,
    text_list,
    word,
)
from inventory.models.organisation import LegalEntity, Unit
from inventory.models.places import Fleet, Site
from inventory.models.weights import ModelVersion

host_text = RegexValidator(
    r"\A[A-Za-z0-9._\[\]:-]+\Z",
    _("Write the host alone, with its port if it has one, without https:// and path."),
)


class Endpoint(Named):
    """Where a model answers: a model server, a gateway, a provider's API, a SaaS feature, a library in an app."""

    kind = word(_("kind"), labels.ENDPOINT_KIND)
    site = models.ForeignKey(
        Site,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="endpoints",
        verbose_name=_("site"),
    )
    fleet = models.ForeignKey(
        Fleet,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="endpoints",
        verbose_name=_("fleet"),
    )
    operator = models.ForeignKey(
        LegalEntity,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="operated_endpoints",
        verbose_name=_("operator"),
    )
    unit = models.ForeignKey(
        Unit,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="endpoints",
        verbose_name=_("unit"),
    )
    processing_regions = text_list(_("processes in (countries or regions)"), longest=63)
    host = models.CharField(_("host"), max_length=255, blank=True, validators=[host_text])
    observable = models.JSONField(
        _("can be observed"),
        null=True,
        blank=True,
        validators=[EachOf(Observable)],
        help_text=_("Empty: not known. No mark: nothing can be observed."),
    )
    model_disclosure = word(_("models"), labels.MODEL_DISCLOSURE, default=ModelDisclosure.DISCLOSED)
    note = models.TextField(_("note"), blank=True, max_length=4000)

    class Meta:
        verbose_name = _("endpoint")
        verbose_name_plural = _("endpoints")
        constraints = [
            named("inventory_endpoint"),
            known("inventory_endpoint", "kind", EndpointKind),
            known("inventory_endpoint", "model_disclosure", ModelDisclosure),
            models.CheckConstraint(
                condition=Q(site__isnull=True) | Q(fleet__isnull=True),
                name="inventory_endpoint_site_or_fleet",
                violation_error_message=_("An endpoint is at a site or in a fleet, not both."),
            ),
        ]
        indexes = [models.Index(fields=["name", "id"], name="inventory_endpoint_name")]


class EndpointRoute(Dated):
    """A gateway passes calls on to another endpoint, for one alias or for all (empty)."""

    gateway = models.ForeignKey(
        Endpoint, on_delete=models.PROTECT, related_name="routes", verbose_name=_("gateway")
    )
    upstream = models.ForeignKey(
        Endpoint, on_delete=models.PROTECT, related_name="routed_from", verbose_name=_("upstream")
    )
    alias = models.CharField(_("alias"), max_length=200, blank=True)
    priority = models.PositiveSmallIntegerField(_("priority"), default=0)

    class Meta:
        verbose_name = _("route")
        verbose_name_plural = _("routes")
        constraints = [
            not_itself("inventory_endpointroute", "gateway", "upstream"),
            in_order("inventory_endpointroute"),
            once("inventory_endpointroute", "gateway", "upstream", "alias"),
        ]

    def __str__(self) -> str:
        return f"{self.gateway_id} to {self.upstream_id}"


class EndpointServes(Dated):
    """An endpoint answers with a model version, under an alias."""

    endpoint = models.ForeignKey(
        Endpoint, on_delete=models.PROTECT, related_name="serves", verbose_name=_("endpoint")
    )
    model_version = models.ForeignKey(
        ModelVersion, on_delete=models.PROTECT, related_name="served_by", verbose_name=_("model version")
    )
    alias = models.CharField(_("alias"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("served model")
        verbose_name_plural = _("served models")
        constraints = [
            in_order("inventory_endpointserves"),
            once("inventory_endpointserves", "endpoint", "model_version", "alias"),
        ]

    def __str__(self) -> str:
        return f"{self.endpoint_id} serves {self.model_version_id}"
