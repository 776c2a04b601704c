from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from console import catalogues


class Command(BaseCommand):
    help = "Bring the French catalogues up to date with the texts of code and templates, and compile them."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--check", action="store_true", help="change nothing; fail when anything is missing"
        )
        parser.add_argument(
            "--compile", action="store_true", help="only compile what is newer than its result"
        )
        parser.add_argument("apps", nargs="*", help="only these apps (default: all)")

    def handle(self, *_args: Any, **options: Any) -> None:
        root = Path(settings.BASE_DIR)
        apps = catalogues.locale_apps(root, options["apps"] or settings.INSTALLED_APPS)
        if options["check"]:
            self._check(apps)
        elif not options["compile"]:
            for app in apps:
                texts, missing = catalogues.update(app)
                self.stdout.write(f"{app.name}: {texts} texts, {missing} without translation")
        self.stdout.write(f"{catalogues.compile_all(root)} catalogues compiled")

    def _check(self, apps: list[Path]) -> None:
        found = [line for app in apps for line in catalogues.problems(app)]
        if found:
            raise CommandError("\n".join(["The French catalogues are not complete.", *found]))
