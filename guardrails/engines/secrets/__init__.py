"""Secrets: keys and passwords by the shapes that their issuers give them."""

from __future__ import annotations

from guardrails.engines.secrets.engine import SecretsEngine

__all__ = ["SecretsEngine"]
