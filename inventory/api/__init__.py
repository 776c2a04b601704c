"""The register under `/api/v1`: one router, mounted by the console."""

from __future__ import annotations

from inventory.api import costs
from inventory.api.routes import router

__all__ = ["costs", "router"]
