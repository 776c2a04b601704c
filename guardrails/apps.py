from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class GuardrailsConfig(AppConfig):
    name = "guardrails"
    verbose_name = _("Guardrails")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from guardrails import evidence, panels, search

        panels.register_all()
        search.register()
        evidence.register_all()
