"""Every dialect of AI telemetry → one. The knowledge is data (`mapping.toml`); this package only carries it out.

normalised = normalise(span, logs)        # pure, never raises on what a sender wrote
if is_ai(span): …                         # cheap: one dictionary look-up per attribute, stops at the first hit
"""

from __future__ import annotations

from telemetry.normalise.spans import MAPPING_VERSION, is_ai, is_genai_event, normalise

__all__ = ["MAPPING_VERSION", "is_ai", "is_genai_event", "normalise"]
