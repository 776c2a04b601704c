"""A chunk of messages: each scanned by the checks that its sender's profile names, and masked where it waits for that."""

from __future__ import annotations

import hmac
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
import structlog

from guardrails.domain import DEFAULT_PROFILE, Check, CheckRules, ContentEngine, Finding, Outcome, Profile
from guardrails.domain.checks import CHECKED, CONTENT_CHECKS
from guardrails.engines.masking import Labels
from guardrails.engines.parts import PartsScan, mask_parts, scan_parts, walk
from guardrails.services.limits import limited, reason_of
from guardrails.services.runtime import Runtime
from kernel import clock
from kernel.contracts.ingest import SenderIdentity
from telemetry.content import KeyPurpose, SealBroken, open_message
from telemetry.content.messages import canonical_parts
from telemetry.domain import Message, MessageRow, MessageState
from telemetry.queries.senders import find_senders
from telemetry.store import Unstorable, checking
from telemetry.store.checking import Chunk, Work, WorkKey
from telemetry.store.results import FoundHere, ScanOf, ScanResult, scanned, write_scans
from telemetry.store.texts import Masked, MessageKey, StoredMessage, direction_of, messages_at, write_masked

log = structlog.get_logger(__name__)

NO_TEXT = "no_text"
GIVEN_UP = "given_up"
PER_MILLE = 1000
SUSPICIOUS = 8
"""When so many messages of one chunk fail and not one of them does not, it is not the messages."""

_RULES = {check: CheckRules(check) for check in CONTENT_CHECKS}
_CHECKED = frozenset(outcome.value for outcome in CHECKED)


class NothingWorks(Exception):
    """Every message of a chunk failed: the engines are broken, and the messages wait until they are not."""


@dataclass(slots=True)
class Found:
    """What reading a chunk brought: its messages, their senders' profiles, the scans that they have already."""

    messages: Mapping[MessageKey, StoredMessage]
    profiles: Mapping[tuple[bytes, int], Profile]
    scans: Mapping[ScanOf, str]


@dataclass(slots=True)
class Progress:
    """What is to be written of a chunk."""

    done: list[WorkKey] = field(default_factory=list)
    scans: list[ScanResult] = field(default_factory=list)
    masked: list[Masked] = field(default_factory=list)
    failures: dict[WorkKey, tuple[int, str]] = field(default_factory=dict)
    left: list[WorkKey] = field(default_factory=list)


def scan_chunk(runtime: Runtime, chunk: Chunk, *, deadline: float = float("inf")) -> Progress:
    """Scan what was leased, and write all of it in one transaction. What was not begun by the deadline is given back.

    Raises NothingWorks when not one message could be scanned.
    """
    found = runtime.store.read(lambda connection: read_chunk(runtime, connection, chunk.items))
    progress = Progress()
    for item in chunk.items:
        if time.monotonic() >= deadline and (progress.done or progress.failures):
            progress.left.append(item.key)
        else:
            _scan(runtime, found, item, progress)
    if len(progress.failures) >= SUSPICIOUS and not progress.done:
        _give_back(runtime, chunk, [item.key for item in chunk.items])
        raise NothingWorks(next(iter(progress.failures.values()))[1])
    _write(runtime, found, chunk, progress)
    return progress


def _give_back(runtime: Runtime, chunk: Chunk, keys: Sequence[WorkKey]) -> None:
    runtime.store.transact(
        lambda connection: checking.release(connection, chunk, keys, now_ns=runtime.now_ns())
    )


# ---- reading


def read_chunk(runtime: Runtime, connection: sa.Connection, items: Iterable[Work]) -> Found:
    """Everything that the chunk needs of the record, in a few queries."""
    keys = [(item.day, item.sender_id, item.subject) for item in items]
    return Found(
        messages=messages_at(connection, keys),
        profiles=profiles_of(runtime, connection, {(key[1], key[0]) for key in keys}),
        scans=scanned(connection, keys),
    )


def profiles_of(
    runtime: Runtime, connection: sa.Connection, places: Iterable[tuple[bytes, int]]
) -> dict[tuple[bytes, int], Profile]:
    """The profiles of senders on days. One whose identity is not known has the default profile."""
    places = sorted(places)
    senders = find_senders(connection, (sender_id for sender_id, _ in places))
    identities = {sender_id: row.identity for sender_id, row in senders.items()}
    return {place: _profile(runtime, identities.get(place[0]), place[1]) for place in places}


def _profile(runtime: Runtime, identity: SenderIdentity | None, day: int) -> Profile:
    """As of the end of the day: a deployment that was registered in its course is asked for all of it."""
    if identity is None:
        return DEFAULT_PROFILE
    end_ns = (day + 1) * clock.NANOSECONDS_PER_DAY - 1
    return runtime.directory.profile(identity, min(end_ns, runtime.now_ns()))


# ---- one message


def _scan(runtime: Runtime, found: Found, item: Work, progress: Progress) -> None:
    message = found.messages.get((item.day, item.sender_id, item.subject))
    if message is None:  # forgotten meanwhile: there is nothing to scan
        progress.done.append(item.key)
        return
    profile = found.profiles[item.sender_id, item.day]
    try:
        with limited(runtime.limits.message_s):
            scans, masked = Scanner(runtime, message, profile, found.scans).run()
    except Exception as error:  # noqa: BLE001  # whatever an engine raises belongs to this message alone
        reason = reason_of(error, "the scan of a message")
        log.warning("checks.message_failed", reason=reason, attempts=item.attempts)
        progress.failures[item.key] = (item.attempts, reason)
        return
    progress.done.append(item.key)
    progress.scans += scans
    if masked is not None:
        progress.masked.append(masked)


class Scanner:
    """One message under its profile."""

    def __init__(
        self, runtime: Runtime, message: StoredMessage, profile: Profile, scans: Mapping[ScanOf, str]
    ) -> None:
        self._runtime = runtime
        self._message = message
        self._profile = profile
        self._scans = scans
        self._waits = message.row.state is MessageState.WAITING
        self._found: dict[str, list[Finding]] = {}
        self._parts: list[dict[str, Any]] = []

    def run(self) -> tuple[list[ScanResult], Masked | None]:
        """What the checks came to; and the masked text, where the message waits for it."""
        planned = [(engine, rules) for engine, rules in self._planned() if self._is_needed(engine, rules)]
        if not planned:
            return [], None
        self._parts = opened(self._runtime, self._message.row).parts
        results = [self._checked(engine, rules) for engine, rules in planned]
        return results, self._masked() if self._waits else None

    def _planned(self) -> list[tuple[ContentEngine, CheckRules]]:
        """What waits is scanned whatever the profile says: nothing else can mask it."""
        planned: list[tuple[ContentEngine, CheckRules]] = []
        for check, engine in sorted(self._runtime.engines.items()):
            rules = self._profile.of(check) or (_RULES[check] if self._waits else None)
            if rules is not None:
                planned.append((engine, rules))
        return planned

    def _is_needed(self, engine: ContentEngine, rules: CheckRules) -> bool:
        """A scan that was done stays, where doing it again would know less: of masked text, or of a smaller sample."""
        before = self._scans.get((*self._message.key, engine.check.value))
        if before not in _CHECKED or self._waits:
            return True
        return self._message.row.state is MessageState.FULL and rules.takes(self._message.row.message_id)

    def _checked(self, engine: ContentEngine, rules: CheckRules) -> ScanResult:
        if not self._waits and not rules.takes(self._message.row.message_id):
            return self._result(engine, rules, Outcome.SAMPLED_OUT)
        if not any(place.text.strip() for place in walk(self._parts)):
            return self._result(engine, rules, Outcome.NOT_EVALUABLE, reason=NO_TEXT)
        least = min(rules.threshold, _RULES[engine.check].threshold) if self._waits else rules.threshold
        scan = scan_parts(engine, self._parts, threshold=least / PER_MILLE)
        for pointer, found in scan.found.items():
            self._found.setdefault(pointer, []).extend(found)
        counted = tuple(_counted(scan, rules.threshold / PER_MILLE))
        outcome = Outcome.FOUND if counted else Outcome.CLEAN
        return self._result(engine, rules, outcome, language=scan.language, findings=counted)

    def _result(
        self,
        engine: ContentEngine,
        rules: CheckRules,
        outcome: Outcome,
        *,
        reason: str | None = None,
        language: str | None = None,
        findings: tuple[FoundHere, ...] = (),
    ) -> ScanResult:
        return result_of(
            self._message,
            (engine.check, engine.version, rules.digest()),
            outcome,
            reason=reason,
            language=language,
            findings=findings,
        )

    def _masked(self) -> Masked:
        """The text with everything hidden that any check found, whatever the profile counts.

        Labels are keyed by what dies with the queue key, so that afterwards they tell of nothing but each other.
        """
        row = self._message.row
        queue_key = self._runtime.keys.key(row.day, row.sender_id, KeyPurpose.QUEUE)
        labels = Labels(hmac.digest(queue_key, b"labels of masked values", "sha256"))
        return Masked(self._message.key, canonical_parts(mask_parts(self._parts, self._found, labels)))


def _counted(scan: PartsScan, threshold: float) -> Iterable[FoundHere]:
    for pointer, found in scan.found.items():
        for item in found:
            if item.score >= threshold:
                yield FoundHere(item.type, pointer, item.start, item.end, item.score)


def result_of(
    message: StoredMessage,
    engine: tuple[Check, str, bytes],
    outcome: Outcome,
    *,
    reason: str | None = None,
    language: str | None = None,
    findings: tuple[FoundHere, ...] = (),
) -> ScanResult:
    """The scan of a message by a check in a version under a profile's digest."""
    check, version, digest = engine
    day, sender_id, message_id = message.key
    return ScanResult(
        day=day,
        sender_id=sender_id,
        message_id=message_id,
        check=check.value,
        engine_version=version,
        profile_digest=digest,
        hour=message.hour,
        direction=direction_of(message.row.role),
        outcome=outcome.value,
        reason=reason,
        language=language,
        findings=findings,
    )


class _OneKey:
    """A key that was found already (`telemetry.content.ContentKeys`)."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def key(self, day: int, sender_id: bytes, purpose: KeyPurpose) -> bytes:  # noqa: ARG002  # wherever
        return self._key


def opened(runtime: Runtime, row: MessageRow) -> Message:
    """The message, unsealed if it waits: by the queue key of its day, or by one that was retired while it came.

    Raises SealBroken when no key opens it.
    """
    try:
        return open_message(row, keys=runtime.keys)
    except SealBroken:
        for key in runtime.retired_keys(row.day, row.sender_id):
            with suppress(SealBroken):
                return open_message(row, keys=_OneKey(key))
        raise


# ---- writing


def _write(runtime: Runtime, found: Found, chunk: Chunk, progress: Progress) -> None:
    try:
        runtime.store.transact(lambda connection: _commit(runtime, connection, found, chunk, progress))
    except Unstorable:
        reason = "what came of the scan cannot be stored"
        failures = {item.key: (item.attempts, reason) for item in chunk.items}
        runtime.store.transact(
            lambda connection: _commit(runtime, connection, found, chunk, Progress(failures=failures))
        )


def _commit(
    runtime: Runtime, connection: sa.Connection, found: Found, chunk: Chunk, progress: Progress
) -> None:
    """All that is still ours, or nothing: results, masked text, and the states of the work."""
    now_ns = runtime.now_ns()
    ours = checking.held(connection, chunk)
    failures = {key: failure for key, failure in progress.failures.items() if key in ours}
    dead = checking.fail(connection, failures, now_ns=now_ns, terms=runtime.limits.terms)
    scans = [scan for scan in progress.scans if ("message", *scan.of[:3]) in ours]
    scans += failed_scans(runtime, found, dead)
    write_scans(connection, scans, now_ns=now_ns)
    write_masked(connection, [item for item in progress.masked if ("message", *item.key) in ours])
    checking.finish(connection, [key for key in progress.done if key in ours], now_ns=now_ns)
    checking.release(connection, chunk, progress.left, now_ns=now_ns)


def failed_scans(runtime: Runtime, found: Found, dead: Iterable[WorkKey]) -> list[ScanResult]:
    """What is counted for messages that were given up: every check that their profile names has failed."""
    results = []
    for key in sorted(dead):
        message = found.messages.get(key[1:])
        if message is None:
            continue
        profile = found.profiles[key[2], key[1]]
        for check, engine in sorted(runtime.engines.items()):
            rules = profile.of(check)
            if rules is not None and found.scans.get((*key[1:], check.value)) not in _CHECKED:
                ran = (check, engine.version, rules.digest())
                results.append(result_of(message, ran, Outcome.FAILED, reason=GIVEN_UP))
    return results
