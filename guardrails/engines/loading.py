"""Where engines come from: built once per process. Nothing heavy is imported or read before the first scan."""

from __future__ import annotations

import functools
from collections.abc import Mapping

from guardrails.domain import Check, ContentEngine


@functools.cache
def content_engines() -> Mapping[Check, ContentEngine]:
    """The engines of the content checks. Their `version` is known at once; models load on the first scan.

    A worker calls `load_engines` before it forks, so that its children share the models' pages.
    """
    return {}


def load_engines() -> None:
    """Read models and compile rules now. Raises ModelUnusable where a model is missing or not the one we know."""
    for engine in content_engines().values():
        engine.load()
