"""Who speaks: endpoint keys, the dated rules that say what a sender is, and dismissals."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from inventory.domain.words import KeyScope
from inventory.models import labels
from inventory.models.base import NAME_LENGTH, Dated, Kept, in_order, known, named, word
from inventory.models.deployments import Deployment
from inventory.models.endpoints import Endpoint
from inventory.models.organisation import Unit
from inventory.models.places import Site

PATTERN_LENGTH = 256  # as long as the record keeps names

sender_id_text = RegexValidator(r"\A[0-9a-f]{32}\Z", _("A sender’s id is 32 hexadecimal digits."))


class EndpointKey(Kept):
    """The bearer token of endpoints. Only a keyed hash of its secret is kept; `retired_at` is when it was revoked."""

    name = models.CharField(_("name"), max_length=NAME_LENGTH)
    public_id = models.CharField(_("public id"), max_length=16, unique=True, editable=False)
    secret_digest = models.BinaryField(_("digest of the secret"), max_length=32, editable=False)
    scope = word(_("may speak for"), labels.KEY_SCOPE, default=KeyScope.EVERYTHING)
    unit = models.ForeignKey(
        Unit, on_delete=models.PROTECT, null=True, blank=True, related_name="keys", verbose_name=_("unit")
    )
    site = models.ForeignKey(
        Site, on_delete=models.PROTECT, null=True, blank=True, related_name="keys", verbose_name=_("site")
    )
    deployment = models.ForeignKey(
        Deployment,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="keys",
        verbose_name=_("deployment"),
    )
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    rotated_from = models.OneToOneField(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="rotated_to",
        verbose_name=_("replaces"),
    )
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("made by"),
    )
    max_senders = models.PositiveIntegerField(
        _("most senders"), default=1000, help_text=_("How many different senders may use this key.")
    )

    class Meta:
        verbose_name = _("endpoint key")
        verbose_name_plural = _("endpoint keys")
        constraints = [
            named("inventory_endpointkey"),
            known("inventory_endpointkey", "scope", KeyScope),
            models.CheckConstraint(
                condition=Q(
                    scope=KeyScope.EVERYTHING, unit__isnull=True, site__isnull=True, deployment__isnull=True
                )
                | Q(scope=KeyScope.UNIT, unit__isnull=False, site__isnull=True, deployment__isnull=True)
                | Q(scope=KeyScope.SITE, unit__isnull=True, site__isnull=False, deployment__isnull=True)
                | Q(
                    scope=KeyScope.DEPLOYMENT, unit__isnull=True, site__isnull=True, deployment__isnull=False
                ),
                name="inventory_endpointkey_scope_fits",
                violation_error_message=_("Name exactly the thing that the key may speak for."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class SenderRule(Dated):
    """Says what a sender is. An empty pattern matches anything; `*` and `?` are wildcards in service patterns.

    With both ends open a rule explains the whole past and future. A retired rule counts no more, for any time.
    """

    key = models.ForeignKey(
        EndpointKey,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="rules",
        verbose_name=_("key"),
    )
    service_namespace = models.CharField(_("service namespace"), max_length=PATTERN_LENGTH, blank=True)
    service_name = models.CharField(_("service name"), max_length=PATTERN_LENGTH, blank=True)
    environment = models.CharField(_("environment"), max_length=64, blank=True)
    place = models.CharField(_("place"), max_length=PATTERN_LENGTH, blank=True)
    claimed_deployment = models.CharField(_("claimed deployment"), max_length=PATTERN_LENGTH, blank=True)
    deployment = models.ForeignKey(
        Deployment,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="sender_rules",
        verbose_name=_("is deployment"),
    )
    endpoint = models.ForeignKey(
        Endpoint,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="sender_rules",
        verbose_name=_("is endpoint"),
    )
    site = models.ForeignKey(
        Site,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="sender_rules",
        verbose_name=_("is at site"),
    )
    priority = models.SmallIntegerField(
        _("priority"), default=0, help_text=_("The higher wins; between equals the more specific one.")
    )
    note = models.CharField(_("note"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("sender rule")
        verbose_name_plural = _("sender rules")
        constraints = [
            in_order("inventory_senderrule"),
            models.CheckConstraint(
                condition=Q(deployment__isnull=False) | Q(endpoint__isnull=False) | Q(site__isnull=False),
                name="inventory_senderrule_says_something",
                violation_error_message=_("Say which deployment, endpoint or site such a sender is."),
            ),
            models.CheckConstraint(
                condition=Q(key__isnull=False)
                | ~Q(service_namespace="")
                | ~Q(service_name="")
                | ~Q(environment="")
                | ~Q(place="")
                | ~Q(claimed_deployment=""),
                name="inventory_senderrule_matches_something",
                violation_error_message=_("A rule that matches every sender would hide the unknown ones."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.service_namespace}/{self.service_name}"


class SenderDismissal(Kept):
    """A person decided that a sender is no AI of ours. Its identity is copied, so that lists can show it."""

    sender_id = models.CharField(_("sender"), max_length=32, validators=[sender_id_text])
    key = models.ForeignKey(
        EndpointKey, on_delete=models.PROTECT, related_name="dismissals", verbose_name=_("key")
    )
    service_namespace = models.CharField(_("service namespace"), max_length=PATTERN_LENGTH, blank=True)
    service_name = models.CharField(_("service name"), max_length=PATTERN_LENGTH, blank=True)
    environment = models.CharField(_("environment"), max_length=PATTERN_LENGTH, blank=True)
    place = models.CharField(_("place"), max_length=PATTERN_LENGTH, blank=True)
    claimed_deployment = models.CharField(_("claimed deployment"), max_length=PATTERN_LENGTH, blank=True)
    reason = models.TextField(_("reason"), max_length=2000)

    class Meta:
        verbose_name = _("dismissed sender")
        verbose_name_plural = _("dismissed senders")
        constraints = [
            models.UniqueConstraint(
                fields=["sender_id"],
                condition=Q(retired_at__isnull=True),
                name="inventory_senderdismissal_once",
                violation_error_message=_("This sender is dismissed already."),
            )
        ]

    def __str__(self) -> str:
        return self.sender_id
