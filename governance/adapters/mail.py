"""Sending a notice by mail, over whatever Django's e-mail backend is set up."""

from __future__ import annotations

import smtplib

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.utils import translation
from django.utils.translation import gettext as _

from governance.adapters.letters import letter
from governance.models import Notice


class Undeliverable(Exception):
    """A mail that will never arrive: the server refused its recipient for good."""


def is_set_up() -> bool:
    """Whether this installation sends mail at all."""
    return settings.MAIL is not None


def send(notice: Notice) -> None:
    """Send one mail. Raises Undeliverable, or OSError (smtplib's errors among them) for what may pass.

    Its Message-ID is the notice's: a mail that is sent twice, because a worker died in between, is the same mail.
    """
    message = _message(notice)
    try:
        get_connection().send_messages([message])
    except smtplib.SMTPRecipientsRefused as error:
        codes = [code for code, _text in error.recipients.values()]
        if codes and all(code >= 500 for code in codes):
            raise Undeliverable(f"the mail server refuses this address ({codes[0]})") from error
        raise


def _message(notice: Notice) -> EmailMessage:
    person = notice.recipient
    with translation.override(person.language or settings.LANGUAGE_CODE):
        words = letter(notice.kind, notice.about)
        body = "\n".join([
            words.subject,
            *([""] if words.lines else []),
            *(f"  {line}" for line in words.lines),
            "",
            f"{settings.TUTELA.public_url}{words.href}",
            "",
            _("Tutela sends this because you answer for it. What it is about stands on the page, not in this mail."),
        ])  # fmt: skip
    return EmailMessage(
        subject=f"[Tutela] {words.subject}".replace("\n", " ")[:200],
        body=body,
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=[person.email],
        headers={"Message-ID": f"<{notice.pk}@tutela>", "Auto-Submitted": "auto-generated"},
    )
