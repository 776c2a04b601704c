from __future__ import annotations

import os
from contextlib import closing
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from console.processes.pulse import PORT_VARIABLE
from inventory.adapters.costs import RegisterCostProfileDirectory
from inventory.adapters.directories import RegisterKeyDirectory, RegisterSenderDirectory
from inventory.adapters.prices import RegisterPriceDirectory
from kernel.config import BadConfiguration
from telemetry.pricing import Pricer
from telemetry.receiver.serving import serve
from telemetry.store import NotMigrated, open_store


class Command(BaseCommand):
    help = "Take OTLP in over HTTP and gRPC until SIGTERM."
    requires_system_checks: list[str] = []

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Put the two halves together: the receiver, which knows no Django, and the register's answers."""
        secrets = settings.TUTELA_SECRETS
        try:
            senders = RegisterSenderDirectory()
            with closing(open_store(settings.TUTELA.record_url)) as store:
                serve(
                    settings.TUTELA,
                    keys=RegisterKeyDirectory(),
                    senders=senders,
                    pricer=Pricer(RegisterPriceDirectory(), RegisterCostProfileDirectory(senders.resolve)),
                    store=store,
                    pepper=secrets.key_pepper,
                    content_key=secrets.content_key,
                    probe_port=int(os.environ.get(PORT_VARIABLE) or 0),
                )
        except (BadConfiguration, NotMigrated) as error:
            raise CommandError(str(error)) from error
