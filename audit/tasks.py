"""Celery entry points of the ledger."""

from __future__ import annotations

from celery import shared_task

from audit.services import making


@shared_task(name="audit.tasks.exports")  # type: ignore[untyped-decorator]  # Celery ships no types
def exports() -> None:
    """Make the exports that wait, and forget those that are old."""
    making.make_waiting_exports()
    making.forget_old_exports()
