"""The Celery app. A message only says "look": what there is to do stands in rows of the database."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from celery import Celery
from kombu.entity import Queue

from kernel.config import Config, from_env

HEARTBEAT_SECONDS = 5.0
SWEEP_SECONDS = 60.0
EXPORTS_SECONDS = 5.0  # somebody waits for it before a screen
BUDGETS_SECONDS = 300.0  # a budget counts hours; its thresholds are told within minutes
FORGET_SECONDS = 3600.0  # retention counts in days; an hour is soon enough, and little to do at a time
POLICIES_SECONDS = 60.0
TASK_LIMIT_S = 300
SOFT_TASK_LIMIT_S = 270
VISIBILITY_S = 900  # longer than any task may take, so that none is handed out twice while it runs
QUEUE = "work"
CHECKS_QUEUE = "checks"
"""The checks have workers of their own: models take memory, and a long queue of them must not hold up anything else."""
LOOK_SECONDS = 3.0

_REDIS_OPTIONS = {
    "visibility_timeout": VISIBILITY_S,
    "unacked_restore_throttle": 1,
    "socket_timeout": 10,
    "socket_connect_timeout": 5,
    "socket_keepalive": True,
    "health_check_interval": 10,
    "retry_on_timeout": True,
}


def settings_for(config: Config) -> dict[str, Any]:
    """Celery's settings: over Redis when there is one, else over folders in the installation's home.

    A task whose process is killed runs again (`acks_late`, `reject_on_worker_lost`); attempts are counted in the
    database, so that a task that kills its process does not run for ever.
    """
    return {
        **(_over_redis(config.redis_url) if config.redis_url else _over_files(config.home / "broker")),
        "accept_content": ["json"],
        "task_serializer": "json",
        "task_ignore_result": True,
        "task_acks_late": True,
        "task_reject_on_worker_lost": True,
        "task_time_limit": TASK_LIMIT_S,
        "task_soft_time_limit": SOFT_TASK_LIMIT_S,
        "task_default_queue": QUEUE,
        "task_queues": [Queue(QUEUE), Queue(CHECKS_QUEUE)],  # type: ignore[no-untyped-call]  # kombu ships no types
        "task_routes": {"guardrails.tasks.*": {"queue": CHECKS_QUEUE}},
        "task_create_missing_queues": True,
        "visibility_timeout": VISIBILITY_S,
        "worker_prefetch_multiplier": 1,
        "worker_max_tasks_per_child": 500,
        "worker_max_memory_per_child": 600_000,  # KiB
        "worker_cancel_long_running_tasks_on_connection_loss": True,
        "worker_enable_remote_control": False,
        "worker_hijack_root_logger": False,
        "worker_redirect_stdouts": False,
        "broker_connection_retry_on_startup": True,
        "timezone": "UTC",
        "beat_schedule": schedule(),
    }


def schedule() -> dict[str, dict[str, Any]]:
    """What the clock rings for. A message that nobody took before its next ring is worthless and expires."""
    return {
        "heartbeat": {
            "task": "console.tasks.heartbeat",
            "schedule": HEARTBEAT_SECONDS,
            "args": ["beat"],
            "options": {"expires": 3 * HEARTBEAT_SECONDS},
        },
        "deliver": {
            "task": "governance.tasks.deliver",
            "schedule": SWEEP_SECONDS,
            "options": {"expires": SWEEP_SECONDS},
        },
        "watch": {
            "task": "governance.tasks.watch",
            "schedule": SWEEP_SECONDS,
            "options": {"expires": SWEEP_SECONDS},
        },
        "sweep": {
            "task": "console.tasks.sweep",
            "schedule": SWEEP_SECONDS,
            "options": {"expires": SWEEP_SECONDS},
        },
        "exports": {
            "task": "audit.tasks.exports",
            "schedule": EXPORTS_SECONDS,
            "options": {"expires": EXPORTS_SECONDS},
        },
        "forget": {
            "task": "telemetry.tasks.forget",
            "schedule": FORGET_SECONDS,
            "options": {"expires": FORGET_SECONDS},
        },
        "budgets": {
            "task": "governance.tasks.evaluate_budgets",
            "schedule": BUDGETS_SECONDS,
            "options": {"expires": BUDGETS_SECONDS},
        },
        "policies": {
            "task": "governance.tasks.evaluate_policies",
            "schedule": POLICIES_SECONDS,
            "args": ["clock"],
            "options": {"expires": POLICIES_SECONDS},
        },
        "look for checks": {
            "task": "guardrails.tasks.look",
            "schedule": LOOK_SECONDS,
            "options": {"expires": LOOK_SECONDS, "queue": CHECKS_QUEUE},
        },
        "sweep checks": {
            "task": "guardrails.tasks.sweep",
            "schedule": SWEEP_SECONDS,
            "options": {"expires": SWEEP_SECONDS, "queue": CHECKS_QUEUE},
        },
    }


def _over_redis(url: str) -> dict[str, Any]:
    return {
        "broker_url": url,
        "broker_transport_options": _REDIS_OPTIONS,
        "result_backend_transport_options": {"visibility_timeout": VISIBILITY_S},
    }


def _over_files(folder: Path) -> dict[str, Any]:
    messages, control = folder / "messages", folder / "control"
    for made in (messages, control):
        made.mkdir(parents=True, exist_ok=True, mode=0o700)
    return {
        "broker_url": "filesystem://localhost//",  # the host means nothing to it; without one kombu grumbles
        "broker_transport_options": {
            "data_folder_in": str(messages),
            "data_folder_out": str(messages),  # one folder for both: every process reads what any other wrote
            "control_folder": str(control),
            "store_processed": False,
        },
    }


os.environ.setdefault("DJANGO_SETTINGS_MODULE", "console.settings")
app = Celery("tutela", config_source=settings_for(from_env()))
app.autodiscover_tasks()
