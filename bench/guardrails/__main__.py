"""`python -m bench.guardrails`: what the checks on content cost. Quality: `python -m bench.guardrails.quality`."""

from __future__ import annotations

import importlib
import importlib.util

PARTS = ("personal_data", "grounding")
"""Modules of this package, each with a `measure()` of its own."""


def main() -> None:
    for name in PARTS:
        module = f"bench.guardrails.{name}"
        if importlib.util.find_spec(module) is not None:
            importlib.import_module(module).measure()


if __name__ == "__main__":
    main()
