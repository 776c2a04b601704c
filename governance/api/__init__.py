"""Governance under `/api/v1`: one router, mounted by the console."""

from __future__ import annotations

from ninja import Router

from governance.api.policies import router as policies
from governance.api.violations import router as violations

router = Router()
router.add_router("", policies)
router.add_router("", violations)

__all__ = ["router"]
