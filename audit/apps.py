from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class AuditConfig(AppConfig):
    name = "audit"
    verbose_name = _("Audit")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from audit import panels
        from audit.evidence import own

        panels.register_all()
        own.register_all()
        post_migrate.connect(_put_back_triggers, sender=self)


def _put_back_triggers(*, using: str, **_kwargs: Any) -> None:
    """A migration may rebuild a table (SQLite does) and lose its triggers: put them back after every one."""
    from audit.adapters import triggers

    triggers.install(using)
