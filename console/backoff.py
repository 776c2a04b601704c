"""Slowing down guesses at passwords without locking anybody out.

What is slowed is a pair: this account from this network (/24 or /48). Whoever guesses somebody's password from
elsewhere slows only themselves; the owner signs in from their own network as ever.
"""

from __future__ import annotations

import math
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils.crypto import salted_hmac

from console.models import SignInFailures
from kernel import clock

FREE_FAILURES = 4  # mistyped passwords that cost nothing
LONGEST_WAIT = timedelta(minutes=5)
FORGOTTEN_AFTER = timedelta(hours=1)  # without a further failure


def wait_after(failures: int) -> timedelta:
    """How long the next attempt must wait after so many failures: 1 s, 2 s, 4 s … up to LONGEST_WAIT."""
    if failures < FREE_FAILURES:
        return timedelta()
    return min(timedelta(seconds=2 ** min(failures - FREE_FAILURES, 20)), LONGEST_WAIT)


def seconds_to_wait(email: str, network: str | None) -> int:
    """Whole seconds until this account may be tried from this network again; 0 for now."""
    row = SignInFailures.objects.filter(pk=_key(email, network)).first()
    if row is None:
        return 0
    left = row.last_at + wait_after(_counted(row, clock.now())) - clock.now()
    return max(math.ceil(left.total_seconds()), 0)


def attempt(email: str, network: str | None) -> int:
    """Whole seconds until this account may be tried from this network; or 0, and the attempt counts.

    It counts as a failure before the password is looked at, so that guesses made at once are counted as well;
    `succeeded` takes it back.
    """
    with transaction.atomic():
        # Held until the count is written: of two attempts at once, the second sees the first.
        SignInFailures.objects.select_for_update().filter(pk=_key(email, network)).first()
        seconds = seconds_to_wait(email, network)
        if not seconds:
            failed(email, network)
        return seconds


def failed(email: str, network: str | None) -> None:
    """Count a failure, and forget the old ones of everybody."""
    now = clock.now()
    with transaction.atomic():
        SignInFailures.objects.filter(last_at__lte=now - FORGOTTEN_AFTER).delete()
        row, _made = SignInFailures.objects.select_for_update().get_or_create(
            pk=_key(email, network), defaults={"last_at": now}
        )
        row.failures = _counted(row, now) + 1
        row.last_at = now
        row.save(update_fields=["failures", "last_at"])


def succeeded(email: str, network: str | None) -> None:
    """The right password wipes the slate of this pair."""
    SignInFailures.objects.filter(pk=_key(email, network)).delete()


def _counted(row: SignInFailures, now: datetime) -> int:
    return row.failures if now - row.last_at < FORGOTTEN_AFTER else 0


def _key(email: str, network: str | None) -> str:
    value = f"{email.strip().casefold()}\n{network or ''}"
    return salted_hmac("console.backoff", value, secret=settings.SECRET_KEY, algorithm="sha256").hexdigest()
