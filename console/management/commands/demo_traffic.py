from __future__ import annotations

import signal
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from console.processes.table import reachable


class Command(BaseCommand):
    help = "Send live traffic of the demonstration estate to this installation's ingest until SIGTERM."
    requires_system_checks: list[str] = []

    def handle(self, *_args: Any, **_options: Any) -> None:
        from demo import traffic
        from demo.estate import read_keys

        stop = traffic.Stop()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, stop.set)
        config = settings.TUTELA
        keys = read_keys(config.home)
        if not keys:
            self.stdout.write(
                "There is no demonstration estate here, so there is nothing to send. Build it: manage.py demo_build"
            )
            while not stop.wait(60.0):
                pass
            return
        host = reachable(config.host)
        target = traffic.Target(
            http=f"http://{host}:{config.otlp_http_port}", grpc=f"{host}:{config.otlp_grpc_port}", keys=keys
        )
        traffic.run(target, stop)
