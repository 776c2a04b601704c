"""Celery entry points: something said "look"; what there is to do stands in the database."""

from __future__ import annotations

from celery import shared_task

from governance.domain.policies import Trigger
from governance.services import budgets, evaluation


@shared_task(name="governance.tasks.evaluate_policies")  # type: ignore[untyped-decorator]  # Celery ships no types
def evaluate_policies(trigger: str) -> None:
    """Evaluate the policies, if there is a reason to and nobody is at it."""
    evaluation.evaluate_due(Trigger(trigger))


@shared_task(name="governance.tasks.evaluate_budgets")  # type: ignore[untyped-decorator]  # Celery ships no types
def evaluate_budgets() -> None:
    """Hold budgets against the month so far."""
    budgets.evaluate_budgets()
