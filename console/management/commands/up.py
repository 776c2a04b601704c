from __future__ import annotations

import os
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError as RegisterAway
from sqlalchemy.exc import OperationalError as RecordAway

from console import first_run, preparation
from console.processes import home, ports
from console.processes.supervisor import Supervisor
from console.processes.table import processes
from console.processes.voice import Voice
from kernel.config import Config


class Command(BaseCommand):
    help = "Prepare the databases and run every process of this installation until Ctrl-C."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--empty",
            action="store_true",
            default=os.environ.get("DEMO") == "0",
            help="start without the demonstration estate (also DEMO=0)",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        from django.conf import settings

        config: Config = settings.TUTELA
        try:
            with home.held(config.home):
                _refuse_taken_ports(config)
                _run(config, demo=not options["empty"], voice=Voice())
        except home.AlreadyRunning as error:
            raise CommandError(
                f"Tutela already runs from {config.home} (process {error}). Stop it first, or give this one a home of "
                "its own: TUTELA_HOME=…"
            ) from error
        except (RegisterAway, RecordAway) as error:
            raise CommandError(
                f"Nothing was started. A database does not answer: {str(error).splitlines()[0]}. "
                "Check DATABASE_URL and RECORD_URL, and that the server runs."
            ) from error


def _refuse_taken_ports(config: Config) -> None:
    taken = ports.taken_ports(config)
    if taken:
        raise CommandError("\n".join(["Nothing was started.", *map(str, taken)]))


def _run(config: Config, *, demo: bool, voice: Voice) -> None:
    voice.say(f"home is {config.home}")
    preparation.prepare(voice)
    facts = first_run.prepare(config, demo=demo, voice=voice)
    supervisor = Supervisor(
        processes(config, demo=demo), voice=voice, status_file=config.home / "processes.json"
    )
    voice.say("starting the processes …")
    supervisor.run(when_ready=lambda: first_run.announce(config, facts, voice=voice))
