from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class UIConfig(AppConfig):
    name = "ui"
    verbose_name = _("Interface")
    default_auto_field = "django.db.models.BigAutoField"
