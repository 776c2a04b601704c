"""The estate with telemetry of the telemetry pages, and its people."""

from __future__ import annotations

from tests.telemetry.pages.conftest import SignIn, World, mounted, sign_in, world

__all__ = ["SignIn", "World", "mounted", "sign_in", "world"]
