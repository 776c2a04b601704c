"""Whether sources support an answer: the offline engine `lexalign-v1`, behind the protocol that later engines share."""

from __future__ import annotations

from functools import cache

from guardrails.domain.grounding import GroundednessEngine
from guardrails.engines.groundedness.engine import LexAlign

__all__ = ["LexAlign", "groundedness_engine"]


@cache
def groundedness_engine() -> GroundednessEngine:
    """The engine of this process, made once; it loads its model when an answer first needs it."""
    return LexAlign()
