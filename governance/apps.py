from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class GovernanceConfig(AppConfig):
    name = "governance"
    verbose_name = _("Governance")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from governance import evidence
        from governance.adapters import doorbell
        from governance.panels import budgets, policies, violations

        policies.register()
        violations.register()
        doorbell.listen()
        budgets.register()
        evidence.register_all()
