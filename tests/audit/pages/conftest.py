"""The console with somebody of the cast at the keyboard."""

from __future__ import annotations

from tests.telemetry.pages.conftest import sign_in

__all__ = ["sign_in"]
