"""Tutela's endpoint SDK: three lines, and the spans of this process arrive.

import tutela
tutela.register(endpoint="https://tutela.example:4318", key="ttl_ep_…", deployment="claims-triage/production")
"""

from __future__ import annotations

from tutela._check import CheckResult, check
from tutela._problems import Problem
from tutela._register import Tutela, register
from tutela._spans import (
    Agent,
    Inference,
    ModelCall,
    Retrieval,
    ToolCall,
    agent,
    inference,
    model_call,
    retrieval,
    review,
    tool,
)
from tutela._tally import Status
from tutela._version import __version__

__all__ = [
    "Agent",
    "CheckResult",
    "Inference",
    "ModelCall",
    "Problem",
    "Retrieval",
    "Status",
    "ToolCall",
    "Tutela",
    "__version__",
    "agent",
    "check",
    "inference",
    "model_call",
    "register",
    "retrieval",
    "review",
    "tool",
]
