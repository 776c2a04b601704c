"""Governance under `/api/v1`: one router, mounted by the console."""

from __future__ import annotations

from ninja import Router

from governance.api.policies import router as policies

router = Router()
router.add_router("", policies)

__all__ = ["router"]
