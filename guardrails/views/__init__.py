"""Pages of guardrails: profiles, coverage, findings, verdicts."""

from __future__ import annotations
