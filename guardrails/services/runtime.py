"""What a worker process needs to check something: the record, its keys, the profiles, the engines. Once per process."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from django.conf import settings

from guardrails.adapters.directory import RegisterGuardrailDirectory
from guardrails.domain import Check, ContentEngine, GroundednessEngine, GuardrailDirectory
from guardrails.engines.groundedness import groundedness_engine
from guardrails.engines.loading import content_engines, load_engines
from kernel import clock
from telemetry.content import ContentKeys
from telemetry.store import Store, open_store, redaction
from telemetry.store.checking import STANDARD_TERMS, Terms

MESSAGE_LIMIT_S = 20.0
TRACE_LIMIT_S = 30.0
LOOK_S = 5.0
"""How long one look goes on before it lets the next message of the broker through."""


RetiredKeys = Callable[[int, bytes], list[bytes]]
"""The retired queue keys of a day and sender."""


class EnginesMissing(Exception):
    """What masking stands on is missing. The work waits."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How long things may take, in seconds. All of them together stay below the lease."""

    message_s: float = MESSAGE_LIMIT_S
    trace_s: float = TRACE_LIMIT_S
    look_s: float = LOOK_S
    terms: Terms = STANDARD_TERMS


STANDARD = Limits()


@dataclass(frozen=True, slots=True)
class Runtime:
    """The parts, put together. Without an engine for groundedness no trace is taken up."""

    store: Store
    keys: ContentKeys
    retired_keys: RetiredKeys
    directory: GuardrailDirectory
    engines: Mapping[Check, ContentEngine]
    grounding: GroundednessEngine | None
    limits: Limits = STANDARD

    def now_ns(self) -> int:
        """The clock of the queue."""
        return clock.now_ns()


@lru_cache(maxsize=1)
def record() -> Store:
    """The installation's record, opened for work on first use, after the pool process has been forked."""
    return open_store(settings.TUTELA.record_url)


@lru_cache(maxsize=1)
def runtime() -> Runtime:
    """The runtime of this process.

    Models are read here, before any work is leased: one that is missing costs no attempt of anything. Raises
    ModelUnusable, EnginesMissing.
    """
    load_engines()
    engines = content_engines()
    if Check.PERSONAL_DATA not in engines:
        raise EnginesMissing("there is no engine for personal data: waiting text could not be masked")
    return assemble(
        record(),
        settings.TUTELA_SECRETS.content_key,
        directory=RegisterGuardrailDirectory(),
        engines=engines,
        grounding=groundedness_engine(),
    )


def assemble(
    store: Store,
    content_key: bytes,
    *,
    directory: GuardrailDirectory,
    engines: Mapping[Check, ContentEngine],
    grounding: GroundednessEngine | None,
    limits: Limits = STANDARD,
) -> Runtime:
    """A runtime over a record whose content keys are wrapped under `content_key`."""

    def retired(day: int, sender_id: bytes) -> list[bytes]:
        return store.read(
            lambda connection: redaction.retired_keys(connection, day, sender_id, content_key=content_key)
        )

    return Runtime(
        store=store,
        keys=store.keys(content_key),
        retired_keys=retired,
        directory=directory,
        engines=engines,
        grounding=grounding,
        limits=limits,
    )
