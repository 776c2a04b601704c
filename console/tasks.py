"""Celery entry points of the house itself."""

from __future__ import annotations

from celery import shared_task

from console import upkeep
from console.processes import pulse
from inventory.services.importing import forget_old_imports


@shared_task(name="console.tasks.heartbeat")  # type: ignore[untyped-decorator]  # Celery ships no types
def heartbeat(who: str) -> None:
    """Show that a message from `who` went through the broker and was worked on."""
    pulse.beat(who)


@shared_task(name="console.tasks.sweep")  # type: ignore[untyped-decorator]  # Celery ships no types
def sweep() -> None:
    """Forget content that waited in vain, and files that nobody brought in."""
    upkeep.forget_expired_content()
    forget_old_imports()
