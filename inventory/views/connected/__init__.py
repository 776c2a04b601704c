"""What each noun is connected to, as sections of its page."""

from __future__ import annotations

from inventory.views.connected.what import dataset, entity, model, model_version, nothing, system
from inventory.views.connected.where import deployment, endpoint, fleet, site

__all__ = [
    "dataset",
    "deployment",
    "endpoint",
    "entity",
    "fleet",
    "model",
    "model_version",
    "nothing",
    "site",
    "system",
]
