"""What checks came to, written so that writing it twice is writing it once.

One scan of a message and check, and one verdict of a span and check, stands at a time. A newer one (another engine
version, another profile, another context) takes the older one's place, and the hourly sums move by the difference, in
the same transaction: they are the sums of the rows at every moment. Whoever writes holds the work it is about (see
`checking.held`), so that no two write about the same subject at once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from telemetry import schema
from telemetry.store.upserts import upsert_values

_scans, _findings, _verdicts = schema.scans, schema.findings, schema.verdicts

Place = tuple[int, bytes]
"""Day and sender."""
ScanOf = tuple[int, bytes, bytes, str]
"""Day, sender, message, check."""
VerdictOf = tuple[int, bytes, bytes, str]
"""Day, trace, span, check."""


@dataclass(frozen=True, slots=True)
class FoundHere:
    """A finding: [start, end) in characters of the scanned text at `pointer` into the message's parts."""

    type: str
    pointer: str
    start: int
    end: int
    score: float


@dataclass(frozen=True, slots=True)
class ScanResult:
    """What one check of one message came to. `hour` is where it is counted; `direction` is input or output."""

    day: int
    sender_id: bytes
    message_id: bytes
    check: str
    engine_version: str
    profile_digest: bytes
    hour: int
    direction: str
    outcome: str
    reason: str | None = None
    language: str | None = None
    findings: tuple[FoundHere, ...] = ()

    @property
    def of(self) -> ScanOf:
        return self.day, self.sender_id, self.message_id, self.check


@dataclass(frozen=True, slots=True)
class VerdictResult:
    """What holding one answer against its sources came to. `sentences` is JSON text: offsets only."""

    day: int
    trace_id: bytes
    span_id: bytes
    check: str
    engine_version: str
    profile_digest: bytes
    input_digest: bytes
    sender_id: bytes
    hour: int
    outcome: str
    reason: str | None = None
    score: float | None = None
    shadow: bool = False
    language: str | None = None
    sentences: str = "[]"

    @property
    def of(self) -> VerdictOf:
        return self.day, self.trace_id, self.span_id, self.check


class _Sums:
    """Signed changes of the hourly sums."""

    def __init__(self) -> None:
        self.checks: dict[tuple[Any, ...], int] = defaultdict(int)
        self.findings: dict[tuple[Any, ...], list[int]] = defaultdict(lambda: [0, 0])

    def subject(self, row: Any, *, sign: int, shadow: bool = False) -> None:
        self.checks[row.hour, bytes(row.sender_id), row.check, row.outcome, shadow] += sign

    def found(self, row: Any, types: Iterable[str], *, sign: int) -> None:
        counted: dict[str, int] = defaultdict(int)
        for kind in types:
            counted[kind] += 1
        for kind, number in counted.items():
            sums = self.findings[row.hour, bytes(row.sender_id), row.check, kind, row.direction]
            sums[0] += sign * number
            sums[1] += sign

    def write(self, connection: sa.Connection) -> None:
        """Add them up, in the order of their keys."""
        checks = [(*key, self.checks[key]) for key in sorted(self.checks) if self.checks[key]]
        found = [(*key, *self.findings[key]) for key in sorted(self.findings) if any(self.findings[key])]
        upsert_values(connection, schema.check_hours, checks)
        upsert_values(connection, schema.finding_hours, found)


# ---- scans


def write_scans(connection: sa.Connection, results: Sequence[ScanResult], *, now_ns: int) -> int:
    """Put these scans in the place of older ones of the same messages and checks. Answers how many were news."""
    wanted = {result.of: result for result in results}
    stored = _stored_scans(connection, wanted)
    found = _stored_types(connection, {key for key in wanted if key in stored})
    sums, news, gone = _Sums(), [], []
    for key in sorted(wanted):
        old, new = stored.get(key), wanted[key]
        if old is not None:
            if _same_scan(old, new):
                continue
            sums.subject(old, sign=-1)
            sums.found(old, found.get(key, ()), sign=-1)
            gone.append(key)
        sums.subject(new, sign=1)
        sums.found(new, (item.type for item in new.findings), sign=1)
        news.append(new)
    _forget(connection, (_findings, _scans), ("day", "sender_id", "message_id", "check"), gone)
    _insert(connection, _scans, [_scan_row(new, now_ns) for new in news])
    _insert(connection, _findings, [row for new in news for row in _finding_rows(new, now_ns)])
    sums.write(connection)
    return len(news)


def scanned(connection: sa.Connection, keys: Iterable[tuple[int, bytes, bytes]]) -> dict[ScanOf, str]:
    """The outcomes of the scans that these messages (day, sender, message) have."""
    return {key: row.outcome for key, row in _stored_scans(connection, [(*key, "") for key in keys]).items()}


def _stored_scans(connection: sa.Connection, wanted: Iterable[ScanOf]) -> dict[ScanOf, Any]:
    stored: dict[ScanOf, Any] = {}
    for (day, sender_id), ids in _by_place(wanted).items():
        query = sa.select(_scans).where(
            _scans.c.day == day, _scans.c.sender_id == sender_id, _scans.c.message_id.in_(ids)
        )
        for row in connection.execute(query):
            stored[day, sender_id, bytes(row.message_id), row.check] = row
    return stored


def _stored_types(connection: sa.Connection, keys: Iterable[ScanOf]) -> dict[ScanOf, list[str]]:
    found: dict[ScanOf, list[str]] = defaultdict(list)
    for (day, sender_id), ids in _by_place(keys).items():
        query = sa.select(_findings.c.message_id, _findings.c.check, _findings.c.type).where(
            _findings.c.day == day, _findings.c.sender_id == sender_id, _findings.c.message_id.in_(ids)
        )
        for row in connection.execute(query):
            found[day, sender_id, bytes(row.message_id), row.check].append(row.type)
    return found


def _by_place(keys: Iterable[ScanOf]) -> dict[Place, list[bytes]]:
    places: dict[Place, set[bytes]] = defaultdict(set)
    for day, sender_id, message_id, _ in keys:
        places[day, sender_id].add(message_id)
    return {place: sorted(ids) for place, ids in sorted(places.items())}


def _same_scan(old: Any, new: ScanResult) -> bool:
    return (
        old.engine_version == new.engine_version
        and bytes(old.profile_digest) == new.profile_digest
        and old.outcome == new.outcome
        and old.finding_count == len(new.findings)
    )


def _scan_row(new: ScanResult, now_ns: int) -> dict[str, Any]:
    names = (
        "day", "sender_id", "message_id", "check", "engine_version", "profile_digest", "hour", "direction", "outcome",
        "reason", "language",
    )  # fmt: skip
    row = {name: getattr(new, name) for name in names}
    return row | {"finding_count": len(new.findings), "scanned_ns": now_ns}


_POINTER_CHARACTERS = 256


def _finding_rows(new: ScanResult, now_ns: int) -> Iterable[dict[str, Any]]:
    names = ("day", "sender_id", "message_id", "check", "engine_version", "profile_digest")
    key = {name: getattr(new, name) for name in names}
    for position, item in enumerate(new.findings):
        yield key | {
            "position": position,
            "type": item.type,
            "pointer": item.pointer[:_POINTER_CHARACTERS],
            "start": item.start,
            "end": item.end,
            "score": item.score,
            "found_ns": now_ns,
        }


# ---- verdicts


def write_verdicts(connection: sa.Connection, results: Sequence[VerdictResult], *, now_ns: int) -> int:
    """Put these verdicts in the place of older ones on the same spans. Answers how many were news."""
    wanted = {result.of: result for result in results}
    stored = _stored_verdicts(connection, wanted)
    sums, news, gone = _Sums(), [], []
    for key in sorted(wanted):
        old, new = stored.get(key), wanted[key]
        if old is not None:
            if _same_verdict(old, new):
                continue
            sums.subject(old, sign=-1, shadow=bool(old.shadow))
            gone.append(key)
        sums.subject(new, sign=1, shadow=new.shadow)
        news.append(new)
    _forget(connection, (_verdicts,), ("day", "trace_id", "span_id", "check"), gone)
    _insert(connection, _verdicts, [_verdict_row(new, now_ns) for new in news])
    sums.write(connection)
    return len(news)


def _stored_verdicts(connection: sa.Connection, wanted: Iterable[VerdictOf]) -> dict[VerdictOf, Any]:
    stored: dict[VerdictOf, Any] = {}
    for (day, trace_id), ids in _by_place(wanted).items():
        query = sa.select(_verdicts).where(
            _verdicts.c.day == day, _verdicts.c.trace_id == trace_id, _verdicts.c.span_id.in_(ids)
        )
        for row in connection.execute(query):
            stored[day, trace_id, bytes(row.span_id), row.check] = row
    return stored


def _same_verdict(old: Any, new: VerdictResult) -> bool:
    return (
        old.engine_version == new.engine_version
        and bytes(old.profile_digest) == new.profile_digest
        and bytes(old.input_digest) == new.input_digest
        and old.outcome == new.outcome
        and bool(old.shadow) == new.shadow
    )


def _verdict_row(new: VerdictResult, now_ns: int) -> dict[str, Any]:
    return {name: getattr(new, name) for name in new.__slots__} | {"checked_ns": now_ns}


# ---- both


def _forget(
    connection: sa.Connection,
    tables: Sequence[sa.Table],
    names: Sequence[str],
    keys: Sequence[tuple[Any, ...]],
) -> None:
    if not keys:
        return
    parameters = [{f"its_{name}": part for name, part in zip(names, key, strict=True)} for key in keys]
    for table in tables:
        where = (table.c[name] == sa.bindparam(f"its_{name}") for name in names)
        connection.execute(sa.delete(table).where(*where), parameters)


def _insert(connection: sa.Connection, table: sa.Table, rows: Sequence[dict[str, Any]]) -> None:
    if rows:
        connection.execute(sa.insert(table), rows)
