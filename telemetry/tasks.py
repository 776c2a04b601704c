"""Celery entry points of the record."""

from __future__ import annotations

from celery import shared_task

from telemetry.services import retention


@shared_task(name="telemetry.tasks.forget")  # type: ignore[untyped-decorator]  # Celery ships no types
def forget() -> None:
    """Forget what is older than it may be."""
    retention.run_retention()
