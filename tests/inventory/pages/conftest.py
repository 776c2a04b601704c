"""The console with an estate in it and somebody of the cast at the keyboard."""

from __future__ import annotations

from tests.telemetry.pages.conftest import mounted, sign_in

__all__ = ["mounted", "sign_in"]
