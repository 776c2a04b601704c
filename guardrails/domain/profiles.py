"""Which checks run on what, how often and how strictly. A profile's digest is part of every finding's key."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Protocol

from guardrails.domain.checks import Check
from kernel.canonical import canonical_json
from kernel.contracts.ingest import SenderIdentity

DIGEST_BYTES = 16
PER_MILLE = 1000


@dataclass(frozen=True, slots=True)
class CheckRules:
    """How one check runs: how many of 1,000 subjects, and from which score on something counts.

    `threshold` is in thousandths (500 is 0.5), so that the digest rests on whole numbers.
    """

    check: Check
    enabled: bool = True
    sampling: int = PER_MILLE
    threshold: int = 500

    def digest(self) -> bytes:
        """16 bytes fixed by what may change this check's outcome; sampling is left out, for it changes no finding."""
        body = canonical_json([self.check.value, self.threshold])
        return hashlib.sha256(body).digest()[:DIGEST_BYTES]

    def takes(self, subject: bytes) -> bool:
        """Whether the sample holds this subject (a message id, a trace id). The same answer every time it is asked.

        A larger sampling takes all that a smaller one takes, and more.
        """
        drawn = hashlib.sha256(self.check.value.encode() + b"\0" + subject).digest()
        return int.from_bytes(drawn[:8]) * PER_MILLE >> 64 < self.sampling


@dataclass(frozen=True, slots=True)
class Profile:
    """The rules of every check. What is not named does not run."""

    rules: tuple[CheckRules, ...] = ()

    def of(self, check: Check) -> CheckRules | None:
        """The rules of an enabled check, or None."""
        return next((rules for rules in self.rules if rules.check is check and rules.enabled), None)


DEFAULT_PROFILE = Profile(tuple(CheckRules(check) for check in Check))
"""What holds where nobody has decided anything: every check, on everything."""


class GuardrailDirectory(Protocol):
    """Tells which checks run on what a sender said. Asked for every chunk of work, from one thread at a time."""

    def profile(self, sender: SenderIdentity, moment_ns: int) -> Profile:
        """The rules that hold now for the deployment that the sender was at that moment (of the span, epoch ns)."""
