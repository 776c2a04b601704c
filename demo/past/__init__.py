"""Ninety days of past, sent through the real ingest pipeline with the dates of then.

past.write(config, secrets, keys=built.keys, say=print)      # again: everything is known already, nothing is added
"""

from __future__ import annotations

from demo.past.write import Outcome, write

__all__ = ["Outcome", "write"]
