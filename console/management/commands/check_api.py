from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from guardrails.adapters.checking.answers import Checker
from guardrails.adapters.checking.http import CheckApp
from guardrails.adapters.checking.serving import serve
from guardrails.adapters.directory import RegisterGuardrailDirectory
from guardrails.engines.groundedness import LexAlign
from guardrails.engines.loading import content_engines, load_engines
from inventory.adapters.directories import RegisterKeyDirectory


class Command(BaseCommand):
    help = "Answer checks over HTTP (POST /api/v1/check) until SIGTERM. Not Django's own `check`."
    requires_system_checks: list[str] = []

    def handle(self, *_args: Any, **_options: Any) -> None:
        config = settings.TUTELA
        app = CheckApp(
            keys=RegisterKeyDirectory(),
            profiles=RegisterGuardrailDirectory(),
            pepper=settings.TUTELA_SECRETS.key_pepper,
        )
        serve(app, host=config.host, port=config.check_port, load=_load)


def _load() -> Checker:
    load_engines()
    groundedness = LexAlign()
    groundedness.warm()
    return Checker(content_engines(), groundedness)
