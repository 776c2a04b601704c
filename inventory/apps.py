from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class InventoryConfig(AppConfig):
    name = "inventory"
    verbose_name = _("Inventory")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from inventory import evidence, panels, search
        from inventory.panels import navigation

        panels.register_history()
        panels.register_overview()
        navigation.register()
        search.register()
        evidence.register_all()
