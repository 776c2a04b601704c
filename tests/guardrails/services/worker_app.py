"""The real Celery app and its real tasks, over small engines and short leases: `celery -A … worker`."""

from __future__ import annotations

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "console.settings")
django.setup()

from guardrails.services import looking, runtime
from guardrails.services.runtime import Runtime
from telemetry.store import open_store

_made: list[Runtime] = []


def _small() -> Runtime:
    """One runtime for each process of the pool, made on first use."""
    from tests.guardrails.services.small_engines import QUICK, runtime_over

    if not _made:
        _made.append(runtime_over(open_store(os.environ["RECORD_URL"]), limits=QUICK))
    return _made[0]


runtime.runtime = _small  # type: ignore[assignment]  # the only thing that is not as in an installation

from console.processes.clockwork import app  # the app loads the tasks, which take the runtime by name

__all__ = ["app", "looking"]
