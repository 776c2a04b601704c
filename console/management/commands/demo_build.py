from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from kernel.actor import system_actor


class Command(BaseCommand):
    help = "Put the demonstration estate, Groupe Armor, on the register, and its ninety days of past in the record."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--without-past", action="store_true", help="the register alone")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Safe to repeat: what is there stays as it is."""
        from demo import estate, past

        built = estate.build(system_actor("demo"), home=settings.TUTELA.home)
        self.stdout.write(f"estate: {len(built.keys)} endpoint keys")
        if options["without_past"]:
            return
        outcome = past.write(settings.TUTELA, settings.TUTELA_SECRETS, keys=built.keys, say=self.stdout.write)
        self.stdout.write(str(outcome))
