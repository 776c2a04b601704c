"""Ringing for whoever carries the mail. A ring that is lost is no harm: the clock looks every minute."""

from __future__ import annotations

import logging

from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

log = logging.getLogger("governance.bell")
TASK = "governance.tasks.deliver"


def ring_after_commit() -> None:
    """Ask for delivery once the running transaction is committed; each transaction rings once."""
    connection = transaction.get_connection()
    if not any(function is _ring for _ids, function, *_rest in connection.run_on_commit):
        transaction.on_commit(_ring, robust=True)


def _ring() -> None:
    try:
        current_app.send_task(TASK, expires=60, retry=False)
    except (OperationalError, OSError) as error:
        log.warning("bell.broken", extra={"error": type(error).__name__})
