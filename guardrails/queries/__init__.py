"""Reads of guardrails: profiles from the register; coverage, findings and verdicts from the record."""

from __future__ import annotations
