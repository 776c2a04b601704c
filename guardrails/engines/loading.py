"""Where engines come from: made once per process. Nothing heavy is imported or read before the first scan."""

from __future__ import annotations

import functools
from collections.abc import Mapping

from guardrails.domain import Check, ContentEngine
from guardrails.engines.personal_data import PersonalDataEngine
from guardrails.engines.secrets import SecretsEngine
from kernel.config import Config, from_env


@functools.cache
def content_engines() -> Mapping[Check, ContentEngine]:
    """The engines of the content checks, as the environment asks for them.

    Their `version` is known at once; models load on the first scan, or with `load_engines`.
    """
    return engines_for(from_env())


def engines_for(config: Config) -> Mapping[Check, ContentEngine]:
    """New engines under these settings."""
    personal_data = PersonalDataEngine(config.personal_data_tier, config.phone_regions)
    return {Check.PERSONAL_DATA: personal_data, Check.SECRETS: SecretsEngine()}


def load_engines() -> None:
    """Read models and compile rules now: before a worker forks, so that its children share their pages.

    Raises ModelUnusable where a model is missing or is not the one we know.
    """
    for engine in content_engines().values():
        engine.load()
