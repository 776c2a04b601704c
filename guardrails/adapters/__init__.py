"""The outside of guardrails: what the register says to the workers."""

from __future__ import annotations
