from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ConsoleConfig(AppConfig):
    name = "console"
    verbose_name = _("Console")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from console import celery, doors, shell

        celery.app.set_default()  # what any process sends goes through the installation's broker
        doors.connect()
        shell.register()
