"""Ringing for an evaluation after the register changed.

Many changes in a row ring once: the message waits two seconds, and changes meanwhile are covered by it. A ring that is
lost is no harm: the clock looks every minute, and what there is to see stands in the ledger.
"""

from __future__ import annotations

import logging
import threading
import time
from typing import Any

from celery import current_app
from django.db import transaction
from django.db.models.signals import post_save
from kombu.exceptions import OperationalError

from audit.models import Event
from governance.domain.policies import Trigger

log = logging.getLogger("governance.doorbell")

GATHER_S = 2.0
BROKEN_S = 30.0
"""After a failure the broker is left alone so long: a change of the register must not wait for it again and again."""
TASK = "governance.tasks.evaluate_policies"
_APPS = ("inventory.", "governance.")
_OWN = "policies"

_lock = threading.Lock()
_silent_until = 0.0


def listen() -> None:
    """Ring whenever a change of the register is committed. Called once, when the app is ready."""
    post_save.connect(_noticed, sender=Event, dispatch_uid="governance.doorbell")


def _noticed(instance: Event, **_rest: Any) -> None:
    if instance.actor_id != _OWN and instance.action.startswith(_APPS) and instance.outcome == "success":
        transaction.on_commit(ring, robust=True)


def ring() -> None:
    """Ask for an evaluation, unless somebody has just done so."""
    global _silent_until  # noqa: PLW0603  # one doorbell per process
    with _lock:
        if time.monotonic() < _silent_until:
            return
        _silent_until = time.monotonic() + GATHER_S
    try:
        current_app.send_task(
            TASK, args=[Trigger.REGISTER.value], countdown=GATHER_S, expires=60, retry=False
        )
    except (OperationalError, OSError) as error:
        _silent_until = time.monotonic() + BROKEN_S
        log.warning("doorbell.broken", extra={"error": type(error).__name__})
