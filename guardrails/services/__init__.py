"""Verbs of guardrails, each on the ledger."""

from __future__ import annotations

from guardrails.services.profiles import (
    ProfileFields,
    assign_profile,
    edit_profile,
    ensure_default_profile,
    make_profile,
    retire_profile,
    unassign_profile,
)

__all__ = [
    "ProfileFields",
    "assign_profile",
    "edit_profile",
    "ensure_default_profile",
    "make_profile",
    "retire_profile",
    "unassign_profile",
]
