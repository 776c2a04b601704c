"""Small real engines: what they find is in the text, and some texts are their death."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Mapping, Sequence

from guardrails.domain import (
    DEFAULT_PROFILE,
    Check,
    ContentEngine,
    Context,
    Evidence,
    Finding,
    Grounding,
    Outcome,
    Profile,
    Scan,
    SentenceVerdict,
)
from guardrails.services.runtime import Limits, Runtime, assemble
from kernel.contracts.ingest import SenderIdentity
from telemetry.store import Store
from telemetry.store.checking import MESSAGE, TRACE, Terms
from tests.telemetry.seeding import CONTENT_KEY

QUICK = Limits(
    message_s=0.3,
    trace_s=1.0,
    look_s=20.0,
    terms=Terms(sizes={MESSAGE: (8, 2, 1), TRACE: (4, 1)}, lease_ns=10**9, attempts=4, backoff_ns=10**8),
)


class PatternEngine:
    """Finds what a pattern matches; raises, hangs or kills its process where a text asks for it."""

    def __init__(
        self, check: Check, patterns: Mapping[str, str], *, version: str = "patterns-1", weak: bool = True
    ) -> None:
        self.check = check
        self.version = version
        self.texts: list[str] = []
        self._weak = weak
        self._patterns = {kind: re.compile(pattern) for kind, pattern in patterns.items()}

    def scan(self, text: str, *, threshold: float) -> Scan:
        self.texts.append(text)
        if self._weak and "this raises" in text:
            raise ValueError(f"cannot read {text}")
        if self._weak and "this hangs" in text:
            time.sleep(60)
        if self._weak and "this kills" in text:
            os.kill(os.getpid(), 9)
        found = [
            Finding(kind, match.start(), match.end(), 0.6)
            for kind, pattern in self._patterns.items()
            for match in pattern.finditer(text)
        ]
        kept = tuple(sorted((one for one in found if one.score >= threshold), key=lambda one: one.start))
        return Scan(kept, "en")


def engines() -> dict[Check, ContentEngine]:
    return {
        Check.PERSONAL_DATA: PatternEngine(Check.PERSONAL_DATA, {"EMAIL_ADDRESS": r"\b\w+@\w+\.\w+"}),
        Check.SECRETS: PatternEngine(Check.SECRETS, {"PASSWORD": r"hunter\d"}),
    }


class WordEngine:
    """An answer is supported when every word of it stands in a context."""

    version = "words-1"

    def judge(
        self, *, question: str | None, answer: str, contexts: Sequence[Context]
    ) -> Grounding:  # the protocol's
        words = set(re.findall(r"\w+", answer.lower()))
        best = max(contexts, key=lambda one: len(words & set(one.text.lower().split())))
        supported = words <= set(best.text.lower().split())
        outcome, score = (Outcome.SUPPORTED, 1.0) if supported else (Outcome.UNSUPPORTED, 0.0)
        evidence = Evidence(best.id, 0, len(best.text), score)
        sentence = SentenceVerdict(0, len(answer), outcome, score, evidence)
        return Grounding(outcome, None, score, "en", shadow=False, sentences=(sentence,))


class Assigned:
    """A directory whose profile a test may change."""

    def __init__(self, profile: Profile = DEFAULT_PROFILE) -> None:
        self.now = profile

    def profile(self, sender: SenderIdentity, moment_ns: int) -> Profile:  # whoever, whenever
        return self.now


def runtime_over(
    store: Store, *, directory: Assigned | None = None, limits: Limits = QUICK, **more: ContentEngine
) -> Runtime:
    found = engines() | {Check(name): engine for name, engine in more.items()}
    return assemble(
        store,
        CONTENT_KEY,
        directory=directory or Assigned(),
        engines=found,
        grounding=WordEngine(),
        limits=limits,
    )
