"""The live process: endpoints of Groupe Armor that send until they are told to stop.

Endpoints that use our SDK are processes of their own, as they are in life, for one process has one registration.
All others, with plain OpenTelemetry SDKs, share one process.
"""

from __future__ import annotations

from demo.traffic.processes import run
from demo.traffic.stop import Stop
from demo.traffic.target import Target

__all__ = ["Stop", "Target", "run"]
