from __future__ import annotations

import os
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from console.processes.table import processes


class Command(BaseCommand):
    help = "Become one process of the installation, for a service manager that runs one unit per process."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        names = [spec.name for spec in processes(settings.TUTELA, demo=True)]
        parser.add_argument("name", choices=names)

    def handle(self, *_args: Any, **options: Any) -> None:
        specs = {spec.name: spec for spec in processes(settings.TUTELA, demo=True)}
        spec = specs[options["name"]]
        environment = {**dict(spec.environment), **os.environ}  # the operator's own settings win
        os.execve(spec.command[0], spec.command, environment)  # noqa: S606  # our own fixed command, no shell wanted
