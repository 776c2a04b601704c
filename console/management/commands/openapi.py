"""Writes the description of the API to `docs/openapi.json`; `--check` only says whether it is what the code says."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import translation

FILE = "docs/openapi.json"


def described() -> str:
    """The description as the file holds it: sorted, so that a diff shows what changed."""
    from console.api import api

    with translation.override("en"):
        schema = api.get_openapi_schema(path_prefix="/api/v1/")
    return json.dumps(schema, indent=1, sort_keys=True, ensure_ascii=False, default=str) + "\n"


class Command(BaseCommand):
    help = "Write docs/openapi.json, or check that it is current."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--check", action="store_true", help="fail when the file is not what the code says"
        )

    def handle(self, *_args: Any, check: bool, **_options: Any) -> None:
        path = Path(settings.BASE_DIR) / FILE
        text = described()
        if not check:
            path.write_text(text, "utf-8")
            self.stdout.write(f"{FILE} written")
        elif not path.exists() or path.read_text("utf-8") != text:
            raise CommandError(f"{FILE} is not what the code says; run `python manage.py openapi`")
