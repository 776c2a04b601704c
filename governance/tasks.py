"""Celery entry points: something said "look"; what there is to do stands in the database."""

from __future__ import annotations

from celery import shared_task

from governance.domain.policies import Trigger
from governance.services import approvals, budgets, evaluation, outbox, waivers
from kernel.actor import Channel, Source, system_actor


@shared_task(name="governance.tasks.evaluate_policies")  # type: ignore[untyped-decorator]  # Celery ships no types
def evaluate_policies(trigger: str) -> None:
    """Evaluate the policies, if there is a reason to and nobody is at it."""
    evaluation.evaluate_due(Trigger(trigger))


@shared_task(name="governance.tasks.evaluate_budgets")  # type: ignore[untyped-decorator]  # Celery ships no types
def evaluate_budgets() -> None:
    """Hold budgets against the month so far."""
    budgets.evaluate_budgets()


@shared_task(name="governance.tasks.deliver")  # type: ignore[untyped-decorator]  # Celery ships no types
def deliver() -> None:
    """Send the mails that are due."""
    outbox.deliver_due()


@shared_task(name="governance.tasks.watch")  # type: ignore[untyped-decorator]  # Celery ships no types
def watch() -> None:
    """End what was tolerated until a day that is over; note approvals that no longer fit."""
    actor = system_actor("governance", source=Source(channel=Channel.TASK))
    waivers.return_expired_waivers(actor)
    approvals.watch_approvals(actor)
