"""What the register contributes to other pages: its history in words, and panels of the overview."""

from __future__ import annotations

from inventory.panels.overview import register as register_overview
from inventory.panels.said import register as register_history

__all__ = ["register_history", "register_overview"]
