"""What the checks on content cost, and how good they are. `python -m bench.guardrails`."""

from __future__ import annotations
