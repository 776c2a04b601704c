"""Lists and words of the guardrail pages."""

from __future__ import annotations
