"""The context in which a call is paid: the sender's service tier → a word of the price book."""

from __future__ import annotations

from typing import Final

STANDARD: Final = ""

_CONTEXTS: Final = {
    "batch": "batch",
    "flex": "flex",
    "priority": "priority",
    "default": "default",
    "fast": "fast",
}


def context_of(service_tier: str | None) -> str:
    """The price context of a service tier. A tier without prices of its own (`standard`, `auto`, …) is the standard."""
    return STANDARD if service_tier is None else _CONTEXTS.get(service_tier.strip().lower(), STANDARD)
