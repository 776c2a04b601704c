"""What the organisation demands of its AI: policies with all their versions, and what came of holding subjects against them."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.deconstruct import deconstructible
from django.utils.translation import gettext_lazy as _

from governance.domain.breaches import (
    LONGEST_NAME,
    LONGEST_REASON,
    LONGEST_SUBJECT,
    Kind,
    Severity,
    SubjectKind,
)
from governance.domain.policies import LONGEST_EXPRESSION, MOST_EXAMPLES, Mode, Outcome
from governance.models import labels, policy_labels
from inventory.models import Unit
from inventory.models.base import Named, known, word
from kernel import ids

LONGEST_TEXT = 2000
LONGEST_WHY = 200


@deconstructible
class WellFormedExamples:
    """Validates the stored form of examples: a list of {name, facts, expect}, each name once."""

    def __call__(self, value: Any) -> None:
        if not isinstance(value, list) or len(value) > MOST_EXAMPLES:
            raise ValidationError(
                _("This must be a list of at most %(most)s examples."), params={"most": MOST_EXAMPLES}
            )
        for item in value:
            if not isinstance(item, dict) or set(item) != {"name", "facts", "expect"}:
                raise ValidationError(_("An example has a name, facts and an expected outcome."))
            if item["expect"] not in list(Outcome) or not isinstance(item["facts"], dict):
                raise ValidationError(_("An example has a name, facts and an expected outcome."))
        names = [item["name"] for item in value]
        if not all(isinstance(name, str) and name.strip() for name in names) or len(set(names)) != len(names):
            raise ValidationError(_("Each example needs a name of its own."))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, WellFormedExamples)

    def __hash__(self) -> int:
        return hash(WellFormedExamples)


class Policy(Named):
    """A demand as it stands now. `revision` counts what it demands, `version` every change of the row.

    Texts are in the language of whoever wrote them; `_fr` ones are shown to French readers where they are given. `breach`
    is stable: with policy and subject it is what makes two breaches one violation.
    """

    name_fr = models.CharField(_("name in French"), max_length=LONGEST_NAME, blank=True)
    sentence = models.TextField(_("what it demands"), max_length=LONGEST_TEXT)
    sentence_fr = models.TextField(_("what it demands, in French"), max_length=LONGEST_TEXT, blank=True)
    breach = models.CharField(_("what does not hold"), max_length=LONGEST_REASON)
    breach_fr = models.CharField(_("what does not hold, in French"), max_length=LONGEST_REASON, blank=True)
    advice = models.TextField(_("what to do about it"), max_length=LONGEST_TEXT, blank=True)
    advice_fr = models.TextField(_("what to do about it, in French"), max_length=LONGEST_TEXT, blank=True)
    unit = models.ForeignKey(
        Unit,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="policies",
        verbose_name=_("unit"),
        help_text=_("It concerns this unit and those below it. Empty: the whole organisation."),
    )
    subject = word(_("subject"), policy_labels.SUBJECT)
    applies_when = models.TextField(_("applies when"), max_length=LONGEST_EXPRESSION, blank=True)
    expression = models.TextField(_("expression"), max_length=LONGEST_EXPRESSION)
    severity = word(_("severity"), labels.SEVERITY, default=Severity.MEDIUM)
    kind = word(_("kind"), labels.KIND, default=Kind.CONDITION)
    examples = models.JSONField(_("examples"), default=list, blank=True, validators=[WellFormedExamples()])
    mode = word(_("mode"), policy_labels.MODE, default=Mode.OFF)
    mode_since = models.DateTimeField(_("since"), null=True, blank=True, editable=False)
    revision = models.PositiveIntegerField(_("version"), default=1, editable=False)

    class Meta:
        verbose_name = _("policy")
        verbose_name_plural = _("policies")
        constraints = [
            models.CheckConstraint(condition=~models.Q(name=""), name="governance_policy_has_name"),
            models.CheckConstraint(condition=~models.Q(expression=""), name="governance_policy_demands"),
            known("governance_policy", "subject", SubjectKind),
            known("governance_policy", "severity", Severity),
            known("governance_policy", "kind", Kind),
            known("governance_policy", "mode", Mode),
            models.CheckConstraint(
                condition=models.Q(retired_at__isnull=True) | models.Q(mode=Mode.OFF),
                name="governance_policy_retired_is_off",
            ),
        ]
        indexes = [models.Index(fields=["name", "id"], name="governance_policy_name")]


class PolicyVersion(models.Model):
    """What a policy demanded from one moment on. Rows are inserted and never changed."""

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    policy = models.ForeignKey(Policy, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    definition = models.JSONField()
    written_at = models.DateTimeField()
    written_by = models.CharField(max_length=64)  # the actor's id, as in the ledger
    event_reason = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["policy", "number"], name="governance_policyversion_once"),
        ]

    def __str__(self) -> str:
        return f"{self.policy_id} v{self.number}"


class PolicyRun(models.Model):
    """Evaluations of one policy that came to the same: from when to when, how many of them, and the counts.

    A new row begins when a count, the policy's version or its mode changes, so that a quiet month is a few rows.
    """

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    policy = models.ForeignKey(Policy, on_delete=models.CASCADE, related_name="runs")
    revision = models.PositiveIntegerField()
    mode = models.CharField(max_length=16)
    trigger = models.CharField(max_length=16)  # what asked for the last of them
    engine = models.CharField(max_length=64)
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField()
    evaluations = models.PositiveBigIntegerField(default=1)
    population = models.PositiveIntegerField()
    passed = models.PositiveIntegerField()
    failed = models.PositiveIntegerField()
    indeterminate = models.PositiveIntegerField()
    not_applicable = models.PositiveIntegerField()

    class Meta:
        indexes = [models.Index(fields=["policy", "-ended_at"], name="governance_policyrun_latest")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(
                    population=models.F("passed")
                    + models.F("failed")
                    + models.F("indeterminate")
                    + models.F("not_applicable")
                ),
                name="governance_policyrun_adds_up",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.policy_id}: {self.failed} of {self.population}"


class Decision(models.Model):
    """What a policy says of one subject now, on which facts (their digest) and by which engine."""

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    policy = models.ForeignKey(Policy, on_delete=models.CASCADE, related_name="decisions")
    subject_id = models.CharField(max_length=LONGEST_SUBJECT)
    subject_label = models.CharField(max_length=LONGEST_NAME, blank=True)
    unit_id = models.UUIDField(null=True)
    outcome = models.CharField(max_length=16)
    why = models.CharField(max_length=LONGEST_WHY, blank=True)
    facts_digest = models.CharField(max_length=64)
    revision = models.PositiveIntegerField()
    engine = models.CharField(max_length=64)
    since = models.DateTimeField()  # when the outcome became what it is
    decided_at = models.DateTimeField()
    handed_ns = models.BigIntegerField(null=True)  # up to which moment occurrences were handed over

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["policy", "subject_id"], name="governance_decision_once"),
        ]
        indexes = [
            models.Index(fields=["policy", "outcome", "subject_label"], name="governance_decision_list")
        ]

    def __str__(self) -> str:
        return f"{self.policy_id} {self.subject_id}: {self.outcome}"


class PolicyWork(models.Model):
    """Whose turn it is to evaluate, and up to where evaluation has seen the ledger and the record. One row."""

    name = models.CharField(primary_key=True, max_length=16)
    lease = models.UUIDField(null=True)
    leased_until = models.DateTimeField(null=True)
    seen_event_at = models.DateTimeField(null=True)  # register: the latest event at the last evaluation
    seen_finding_ns = models.BigIntegerField(null=True)  # record: the latest finding or verdict then
    evaluated_at = models.DateTimeField(null=True)
    took_ms = models.PositiveIntegerField(null=True)
    failed_at = models.DateTimeField(null=True)  # of the last evaluation, if it failed
    failed_because = models.CharField(max_length=200, blank=True)  # the policies that it could not finish

    def __str__(self) -> str:
        return self.name
