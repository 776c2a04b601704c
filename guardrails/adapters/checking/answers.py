"""The checks of one request, run by the engines of this process, as the answer's JSON."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

import structlog

from guardrails.adapters.checking.asked import Asked
from guardrails.domain import (
    Check,
    CheckRules,
    ContentEngine,
    Finding,
    GroundednessEngine,
    Grounding,
    Outcome,
    Profile,
)

log = structlog.get_logger(__name__)

OFF = "off_in_profile"
NOT_INSTALLED = "not_installed"
NOT_CHECKED = "not_checked"
_FLAGGING = frozenset({Outcome.FOUND.value, Outcome.UNSUPPORTED.value})


class Checker:
    """The engines of a process. One thread at a time may ask it."""

    def __init__(self, content: Mapping[Check, ContentEngine], groundedness: GroundednessEngine) -> None:
        self._content = content
        self._groundedness = groundedness

    def answer(self, asked: Asked, profile: Profile) -> dict[str, Any]:
        """What each check came to. A check that fails is said to have failed; the others are answered all the same."""
        checks = {check.value: self._checked(check, asked, profile.of(check)) for check in asked.checks}
        flagged = [
            name for name, said in checks.items() if said["outcome"] in _FLAGGING and not said.get("shadow")
        ]
        return {"flagged": flagged, "checks": checks}

    def _checked(self, check: Check, asked: Asked, rules: CheckRules | None) -> dict[str, Any]:
        if rules is None:
            return {"outcome": NOT_CHECKED, "reason": OFF}
        run = self._run(check)
        if run is None:
            return {"outcome": NOT_CHECKED, "reason": NOT_INSTALLED}
        begun = time.perf_counter()
        try:
            said = run(asked, rules.threshold / 1000)
        except Exception as error:  # noqa: BLE001  # the caller must hear that it failed; the message may quote the text
            log.error("check.failed", check=check.value, error=type(error).__name__)  # noqa: TRY400
            said = {"outcome": Outcome.FAILED.value, "reason": type(error).__name__}
        return {**said, "threshold": rules.threshold / 1000, "ms": _ms(begun)}

    def _run(self, check: Check) -> Callable[[Asked, float], dict[str, Any]] | None:
        if check is Check.GROUNDEDNESS:
            return self._grounded
        engine = self._content.get(check)
        return None if engine is None else lambda asked, threshold: _scanned(engine, asked, threshold)

    def _grounded(self, asked: Asked, threshold: float) -> dict[str, Any]:
        found = self._groundedness.judge(
            question=asked.query, answer=asked.response or "", contexts=asked.contexts, threshold=threshold
        )
        return {"engine": self._groundedness.version, **_grounding(found)}


def _scanned(engine: ContentEngine, asked: Asked, threshold: float) -> dict[str, Any]:
    findings: list[dict[str, Any]] = []
    language: str | None = None
    for field, text in asked.texts:
        scan = engine.scan(text, threshold=threshold)
        findings += [_finding(field, one) for one in scan.findings]
        language = language or scan.language
    return {
        "outcome": (Outcome.FOUND if findings else Outcome.CLEAN).value,
        "engine": engine.version,
        "language": language,
        "findings": findings,
    }


def _finding(field: str, found: Finding) -> dict[str, Any]:
    return {
        "in": field, "type": found.type, "start": found.start, "end": found.end, "score": round(found.score, 4),
    }  # fmt: skip


def _grounding(found: Grounding) -> dict[str, Any]:
    return {
        "outcome": found.outcome.value,
        "reason": found.reason,
        "score": found.score,
        "language": found.language,
        "shadow": found.shadow,
        "sentences": [
            {
                "start": one.start,
                "end": one.end,
                "outcome": one.outcome.value,
                "score": one.score,
                "evidence": one.evidence
                and {
                    "context_id": one.evidence.context_id,
                    "start": one.evidence.start,
                    "end": one.evidence.end,
                    "score": one.evidence.score,
                },
            }
            for one in found.sentences
        ],
    }


def _ms(begun: float) -> float:
    return round((time.perf_counter() - begun) * 1000, 1)
