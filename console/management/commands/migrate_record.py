from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from console import preparation


class Command(BaseCommand):
    help = "Bring the record's tables to this release (the register's twin is `migrate`)."
    requires_system_checks: list[str] = []

    def handle(self, *_args: Any, **_options: Any) -> None:
        self.stdout.write(f"record: {preparation.migrate_record()}")
