from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TelemetryConfig(AppConfig):
    name = "telemetry"
    verbose_name = _("Telemetry")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from telemetry import evidence, panels, search
        from telemetry.views import navigation

        navigation.register_all()
        panels.register_all()
        search.register_all()
        evidence.register_all()
