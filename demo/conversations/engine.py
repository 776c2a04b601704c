"""How fast and how soundly a model answers, and who answers: what scenes need to know of an endpoint."""

from __future__ import annotations

import math
import random
from collections.abc import Iterable
from dataclasses import dataclass, replace

from demo.conversations.steps import Failure, Tokens, Turn

CHARACTERS_PER_TOKEN = 3.7  # French and English prose, roughly, for today's tokenisers
TOKENS_PER_MESSAGE = 4  # role and separators


@dataclass(frozen=True, slots=True)
class Engine:
    """An endpoint as its callers feel it. `first_token` and `per_token` are milliseconds."""

    model: str
    provider: str = ""
    address: str = ""
    answered_by: str = ""
    embedding: str = ""
    first_token: int = 250
    per_token: float = 18.0
    failing: float = 0.015  # share of calls that fail
    streams: bool = True
    counts_tokens: bool = True
    caches: bool = False

    def in_trouble(self, *, failing: float, slower: float) -> Engine:
        """The same endpoint during an incident."""
        return replace(
            self,
            failing=failing,
            first_token=round(self.first_token * slower),
            per_token=self.per_token * slower,
        )

    def first_token_after(self, rng: random.Random) -> int:
        """Milliseconds to the first token: log-normal, as queues are."""
        return max(8, round(self.first_token * math.exp(rng.gauss(0, 0.35))))

    def failure(self, rng: random.Random) -> Failure | None:
        """How this call fails, or None when it does not."""
        if rng.random() >= self.failing:
            return None
        return rng.choice(_FAILURES_OF_PROVIDERS if self.provider in _PROVIDERS else _FAILURES_OF_OUR_OWN)


_PROVIDERS = frozenset(
    {"openai", "anthropic", "mistral_ai", "azure.ai.openai", "aws.bedrock", "gcp.vertex_ai", "deepseek"}
)
_FAILURES_OF_PROVIDERS = (
    Failure("RateLimitError", "Error code: 429 - rate limit reached for this model"),
    Failure("APITimeoutError", "Request timed out."),
    Failure("InternalServerError", "Error code: 503 - the service is temporarily overloaded"),
)
_FAILURES_OF_OUR_OWN = (
    Failure("OutOfMemoryError", "cannot allocate the key-value cache for this request"),
    Failure("ConnectionError", "connection refused by the model server"),
    Failure("TimeoutError", "no answer within 30 s"),
)


def count(turns: Iterable[Turn]) -> int:
    """Tokens of some messages, as a tokeniser would roughly count them."""
    return sum(
        TOKENS_PER_MESSAGE + math.ceil((len(turn.text) + _length_of_calls(turn)) / CHARACTERS_PER_TOKEN)
        for turn in turns
    )


def tokens(asked: tuple[Turn, ...], answered: tuple[Turn, ...], *, engine: Engine) -> Tokens | None:
    """The usage of one call, None where the endpoint does not say. What was sent before is read from its cache."""
    if not engine.counts_tokens:
        return None
    known = asked[:-1] if engine.caches and len(asked) > 2 else ()
    return Tokens(input=count(asked), output=count(answered), cached=count(known) // 64 * 64)


def _length_of_calls(turn: Turn) -> int:
    return sum(
        len(call.name) + sum(len(str(value)) + 12 for value in call.arguments.values()) for call in turn.calls
    )
