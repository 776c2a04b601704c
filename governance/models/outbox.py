"""What is to be told: written in the transaction of the change, sent afterwards, shown until it is read."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from governance.domain.notices import MailState, NoticeKind
from governance.models import labels
from inventory.models.base import known, word
from kernel import ids


class Notice(models.Model):
    """One thing that one person is told, on the page and by mail.

    `about` holds ids, references and names, as they were; never content. The mail's words are made when it leaves, in the
    person's language.
    """

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    kind = word(_("kind"), labels.NOTICE)
    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="notices", verbose_name=_("person")
    )
    about = models.JSONField(_("about"), default=dict)
    written_at = models.DateTimeField(_("written"))
    mail_state = word(_("mail"), labels.MAIL_STATE, default=MailState.WAITING)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    next_at = models.DateTimeField(_("next attempt"), null=True, blank=True)
    leased_until = models.DateTimeField(null=True, blank=True)
    lease = models.UUIDField(null=True, blank=True)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    error = models.CharField(_("what failed"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        constraints = [
            known("governance_notice", "kind", NoticeKind),
            known("governance_notice", "mail_state", MailState),
            models.CheckConstraint(
                condition=~Q(mail_state=MailState.DEAD) | ~Q(error=""), name="governance_notice_dead_says_why"
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_at", "id"],
                condition=Q(mail_state__in=[MailState.WAITING, MailState.LEASED]),
                name="governance_notice_due",
            ),
            models.Index(fields=["recipient", "-written_at"], name="governance_notice_of"),
            models.Index(fields=["mail_state", "-written_at"], name="governance_notice_state"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} to {self.recipient_id}"
