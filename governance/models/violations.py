"""What breaks a policy, who has it, and what was decided about it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from governance.domain.breaches import (
    LONGEST_KEY,
    LONGEST_NAME,
    LONGEST_REASON,
    LONGEST_SUBJECT,
    Kind,
    Severity,
    SubjectKind,
)
from governance.domain.states import STANDING, Disposition, ViolationState, WaiverState
from governance.models import labels
from inventory.models import Deployment, System, Unit
from inventory.models.base import known, word
from kernel import ids

LONGEST_TEXT = 4000


class Violation(models.Model):
    """A breach with an owner and a history: at most one that stands for a policy, subject and reason.

    Policy and facts are frozen as they were when it opened. Numbers of sightings are refreshed by evaluations and write no
    event; everything that somebody decides, and every change of state, does.
    """

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    number = models.PositiveBigIntegerField(_("number"), unique=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    policy_key = models.CharField(_("policy key"), max_length=LONGEST_KEY)
    policy_version = models.PositiveIntegerField(_("policy version"))
    policy_name = models.CharField(_("policy"), max_length=LONGEST_NAME)
    sentence = models.TextField(_("what the policy demands"), blank=True)
    severity = word(_("severity"), labels.SEVERITY)
    gravity = models.PositiveSmallIntegerField(editable=False)  # the severity as a number, for sorting
    kind = word(_("kind"), labels.KIND)
    shadow = models.BooleanField(_("shadow"), default=False)
    subject_kind = word(_("kind of subject"), labels.SUBJECT_KIND)
    subject_id = models.CharField(_("subject"), max_length=LONGEST_SUBJECT)
    subject_label = models.CharField(_("subject"), max_length=LONGEST_NAME, blank=True)
    reason = models.CharField(_("what does not hold"), max_length=LONGEST_REASON)
    system = models.ForeignKey(
        System,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="violations",
        verbose_name=_("AI system"),
    )
    deployment = models.ForeignKey(
        Deployment,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="violations",
        verbose_name=_("deployment"),
    )
    unit = models.ForeignKey(
        Unit, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("unit")
    )
    state = word(_("state"), labels.VIOLATION_STATE, default=ViolationState.OPEN)
    state_at = models.DateTimeField(_("in this state since"))
    disposition = word(_("how it was closed"), labels.DISPOSITION, blank=True, default="")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("owner"),
    )
    first_seen_at = models.DateTimeField(_("first seen"))
    last_seen_at = models.DateTimeField(_("last seen"))
    count = models.PositiveBigIntegerField(_("times seen"), default=1)
    facts = models.JSONField(_("facts as they were"), default=dict, blank=True)
    evidence = models.JSONField(_("evidence"), default=list, blank=True)  # [kind, reference], a bounded list
    former = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="later",
        verbose_name=_("seen before as"),
    )
    opened_at = models.DateTimeField(_("opened"))
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)

    class Meta:
        verbose_name = _("violation")
        verbose_name_plural = _("violations")
        constraints = [
            known("governance_violation", "severity", Severity),
            known("governance_violation", "kind", Kind),
            known("governance_violation", "subject_kind", SubjectKind),
            known("governance_violation", "state", ViolationState),
            models.UniqueConstraint(
                fields=["policy_key", "subject_kind", "subject_id", "reason"],
                condition=Q(state__in=sorted(STANDING)),
                name="governance_violation_stands_once",
                violation_error_message=_("This violation stands already."),
            ),
            models.CheckConstraint(
                condition=Q(state__in=sorted(STANDING), closed_at__isnull=True)
                | (~Q(state__in=sorted(STANDING)) & Q(closed_at__isnull=False)),
                name="governance_violation_closed_says_when",
            ),
            models.CheckConstraint(
                condition=Q(
                    state=ViolationState.DISPOSED, disposition__in=[word.value for word in Disposition]
                )
                | (~Q(state=ViolationState.DISPOSED) & Q(disposition="")),
                name="governance_violation_disposed_says_how",
            ),
            models.CheckConstraint(
                # What has happened does not unhappen: no evaluation closes an occurrence.
                condition=~Q(kind=Kind.OCCURRENCE, state=ViolationState.CLOSED_BY_EVALUATION),
                name="governance_violation_occurrence_by_person",
            ),
            models.CheckConstraint(
                condition=Q(first_seen_at__lte=F("last_seen_at")),
                name="governance_violation_first_before_last",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "-gravity", "-last_seen_at"], name="governance_violation_inbox"),
            models.Index(fields=["-gravity", "-last_seen_at", "id"], name="governance_violation_gravest"),
            models.Index(fields=["-last_seen_at", "id"], name="governance_violation_latest"),
            models.Index(
                fields=["policy_key", "subject_kind", "subject_id"], name="governance_violation_key"
            ),
            models.Index(fields=["owner", "state"], name="governance_violation_owner"),
        ]

    def __str__(self) -> str:
        return self.ref

    @property
    def ref(self) -> str:
        """The name that people read out."""
        return f"V-{self.number:04}"


class Comment(models.Model):
    """What somebody said about a violation. Never changed, never deleted."""

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    violation = models.ForeignKey(
        Violation, on_delete=models.PROTECT, related_name="comments", verbose_name=_("violation")
    )
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("person")
    )
    text = models.TextField(_("comment"), max_length=LONGEST_TEXT)
    at = models.DateTimeField(_("written"))

    class Meta:
        verbose_name = _("comment")
        verbose_name_plural = _("comments")
        constraints = [
            models.CheckConstraint(condition=~Q(text=""), name="governance_comment_says_something")
        ]

    def __str__(self) -> str:
        return f"comment on {self.violation_id}"


class Waiver(models.Model):
    """A violation is tolerated until a day, because one person asked and another one granted it."""

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    number = models.PositiveBigIntegerField(_("number"), unique=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    violation = models.ForeignKey(
        Violation, on_delete=models.PROTECT, related_name="waivers", verbose_name=_("violation")
    )
    reason = models.TextField(_("reason"), max_length=LONGEST_TEXT)
    until = models.DateField(_("until"))
    state = word(_("state"), labels.WAIVER_STATE, default=WaiverState.ASKED)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("asked by")
    )
    asked_at = models.DateTimeField(_("asked"))
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
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    class Meta:
        verbose_name = _("waiver")
        verbose_name_plural = _("waivers")
        constraints = [
            known("governance_waiver", "state", WaiverState),
            models.CheckConstraint(condition=~Q(reason=""), name="governance_waiver_says_why"),
            models.CheckConstraint(
                # Four eyes: nobody grants what they asked for themselves.
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("asked_by")),
                name="governance_waiver_four_eyes",
                violation_error_message=_("Whoever asked for a waiver does not decide it."),
            ),
            models.CheckConstraint(
                condition=Q(state__in=[WaiverState.ASKED, WaiverState.WITHDRAWN, WaiverState.ENDED])
                | Q(decided_by__isnull=False, decided_at__isnull=False),
                name="governance_waiver_decided_by_somebody",
            ),
            models.UniqueConstraint(
                fields=["violation"],
                condition=Q(state=WaiverState.ASKED),
                name="governance_waiver_asked_once",
                violation_error_message=_("A waiver has been asked for already and waits for a decision."),
            ),
            models.UniqueConstraint(
                fields=["violation"],
                condition=Q(state=WaiverState.GRANTED),
                name="governance_waiver_granted_once",
            ),
        ]
        indexes = [models.Index(fields=["state", "until"], name="governance_waiver_due")]

    def __str__(self) -> str:
        return self.ref

    @property
    def ref(self) -> str:
        """The name that people read out."""
        return f"W-{self.number:04}"
