"""Who approved what, until when: a frozen digest of the fields that matter, a named approver, a decision."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from governance.domain.states import ApprovalState
from governance.models import labels
from inventory.models import Deployment, System
from inventory.models.base import known, word
from kernel import ids

LONGEST_TEXT = 4000


class Approval(models.Model):
    """A request to approve a system or a deployment as it is, and what became of it.

    `bound` holds the fields as they were when somebody asked, `digest` their SHA-256, `names` what the ids in them were
    called. Whether it has gone stale is worked out when it is read; `changed_at` is when the watch first found it so.
    """

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    number = models.PositiveBigIntegerField(_("number"), unique=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    system = models.ForeignKey(
        System,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="approvals",
        verbose_name=_("AI system"),
    )
    deployment = models.ForeignKey(
        Deployment,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="approvals",
        verbose_name=_("deployment"),
    )
    state = word(_("state"), labels.APPROVAL_STATE, default=ApprovalState.ASKED)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("asked by")
    )
    asked_at = models.DateTimeField(_("asked"))
    reason = models.TextField(_("reason"), max_length=LONGEST_TEXT)
    approver = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("approver")
    )
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("decided by"),
    )
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    decision_reason = models.TextField(_("reason of the decision"), blank=True, max_length=LONGEST_TEXT)
    valid_until = models.DateField(_("valid until"), null=True, blank=True)
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)
    bound = models.JSONField(_("what is approved"))
    names = models.JSONField(_("names"), default=dict)
    digest = models.CharField(_("digest"), max_length=64)
    changed_at = models.DateTimeField(_("changed"), null=True, blank=True)

    class Meta:
        verbose_name = _("approval")
        verbose_name_plural = _("approvals")
        constraints = [
            known("governance_approval", "state", ApprovalState),
            models.CheckConstraint(
                condition=Q(system__isnull=False, deployment__isnull=True)
                | Q(system__isnull=True, deployment__isnull=False),
                name="governance_approval_one_subject",
            ),
            models.CheckConstraint(
                condition=~Q(approver=F("asked_by")),
                name="governance_approval_four_eyes",
                violation_error_message=_("Whoever asks for an approval does not give it."),
            ),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | Q(decided_by=F("approver")),
                name="governance_approval_by_the_named",
                violation_error_message=_("Only the named approver decides."),
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[ApprovalState.APPROVED, ApprovalState.REJECTED])
                | Q(decided_by__isnull=False, decided_at__isnull=False),
                name="governance_approval_decided_by_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(state=ApprovalState.APPROVED) | Q(valid_until__isnull=False),
                name="governance_approval_ends",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="governance_approval_says_why"),
            models.UniqueConstraint(
                fields=["system"],
                condition=Q(state=ApprovalState.ASKED, system__isnull=False),
                name="governance_approval_system_once",
            ),
            models.UniqueConstraint(
                fields=["deployment"],
                condition=Q(state=ApprovalState.ASKED, deployment__isnull=False),
                name="governance_approval_deploy_once",
            ),
        ]
        indexes = [
            models.Index(fields=["system", "state", "-number"], name="governance_approval_system"),
            models.Index(fields=["deployment", "state", "-number"], name="governance_approval_deploy"),
            models.Index(fields=["approver", "state"], name="governance_approval_approver"),
            models.Index(fields=["-asked_at", "id"], name="governance_approval_latest"),
        ]

    def __str__(self) -> str:
        return self.ref

    @property
    def ref(self) -> str:
        """The name that people read out."""
        return f"A-{self.number:04}"
