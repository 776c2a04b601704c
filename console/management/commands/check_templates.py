from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.template import TemplateDoesNotExist, TemplateSyntaxError, engines


class Command(BaseCommand):
    help = "Compile every template of our apps, with all that they load, include and extend."
    requires_system_checks: list[str] = []

    def handle(self, *_args: Any, **_options: Any) -> None:
        engine = engines["django"]
        wrong = []
        folders = sorted(Path(settings.BASE_DIR).glob("*/templates"))
        names = [str(path.relative_to(folder)) for folder in folders for path in sorted(folder.rglob("*.*"))]
        for name in names:
            try:
                engine.get_template(name)
            except (TemplateSyntaxError, TemplateDoesNotExist) as error:
                wrong.append(f"{name}: {error}")
        if wrong:
            raise CommandError("\n".join(wrong))
        self.stdout.write(f"{len(names)} templates compile")
