"""What calls cost, from the hourly sums: over stretches of time, by what the record itself knows, by sender.

Money is whole nano-USD. Sums of a stretch are added by the database; what an exchange rate or a sender's meaning divides
is asked for in pieces. Unpriced and unmetered calls are counted apart and never cost 0.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from kernel import clock
from telemetry.queries.bounds import SenderScope, within
from telemetry.schema import cost_hours

MOST_CELLS = 200_000
MOST_FOUND = 500
UNPRICED, UNMETERED, CACHED = "unpriced", "unmetered", "cached"
HARDWARE = "hardware"


class SpendBy(StrEnum):
    """What the record can split costs by."""

    SENDER = "sender"
    PROVIDER = "provider"
    MODEL = "model"
    ENDPOINT_ADDRESS = "endpoint_address"
    ENVIRONMENT = "environment"
    STATUS = "status"
    BASIS = "basis"


_COLUMNS: dict[SpendBy, Any] = {
    SpendBy.SENDER: cost_hours.c.sender_id,
    SpendBy.PROVIDER: cost_hours.c.provider,
    SpendBy.MODEL: cost_hours.c.model,
    SpendBy.ENDPOINT_ADDRESS: cost_hours.c.endpoint_address,
    SpendBy.ENVIRONMENT: cost_hours.c.environment,
    SpendBy.STATUS: cost_hours.c.cost_status,
    SpendBy.BASIS: cost_hours.c.cost_basis,
}


@dataclass(frozen=True, slots=True)
class Hours:
    """Epoch hours from `first` up to and without `end`."""

    first: int
    end: int


@dataclass(frozen=True, slots=True)
class Spent:
    """Sums of calls. `compared` and `reported_compared` are computed and reported cost where every call reported one."""

    calls: int = 0
    unpriced_calls: int = 0
    unmetered_calls: int = 0
    cached_calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    unpriced_tokens: int = 0
    inference_units: int = 0
    busy_ns: int = 0
    nano_usd: int = 0
    hardware_nano_usd: int = 0
    reported_calls: int = 0
    reported_nano_usd: int = 0
    compared_calls: int = 0
    compared_nano_usd: int = 0
    reported_compared_nano_usd: int = 0

    def __add__(self, other: Spent) -> Spent:
        return Spent(*(getattr(self, name) + getattr(other, name) for name in _NAMES))

    @property
    def priced_calls(self) -> int:
        """The calls whose cost is known."""
        return self.calls - self.unpriced_calls - self.unmetered_calls


_NAMES = tuple(field.name for field in fields(Spent))
NOTHING = Spent()


@dataclass(frozen=True, slots=True)
class Cell:
    """The sums of one piece of time and one combination of keys. `hour` is where the piece begins, "" is unknown."""

    hour: int
    keys: tuple[str | bytes, ...]
    spent: Spent


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is left in. `scope` says whose; empty collections leave everything in; `""` asks for the unknown."""

    hours: Hours
    scope: SenderScope = None
    providers: Collection[str] = ()
    models: Collection[str] = ()
    environments: Collection[str] = ()
    statuses: Collection[str] = ()
    bases: Collection[str] = ()
    senders: Collection[bytes] | None = None
    without: Collection[bytes] = ()


def _when(condition: Any, column: Any) -> Any:
    return sa.func.sum(sa.case((condition, column), else_=0))


_c = cost_hours.c
_unpriced = _c.cost_status == UNPRICED
_compared = (
    (_c.reported_calls == _c.calls) & (_c.reported_calls > 0) & ~_unpriced & (_c.cost_status != UNMETERED)
)
_SUMS = {
    "calls": sa.func.sum(_c.calls),
    "unpriced_calls": _when(_unpriced, _c.calls),
    "unmetered_calls": _when(_c.cost_status == UNMETERED, _c.calls),
    "cached_calls": _when(_c.cost_status == CACHED, _c.calls),
    "input_tokens": sa.func.sum(_c.input_tokens),
    "output_tokens": sa.func.sum(_c.output_tokens),
    "unpriced_tokens": _when(_unpriced, _c.input_tokens + _c.output_tokens),
    "inference_units": sa.func.sum(_c.inference_units),
    "busy_ns": sa.func.sum(_c.busy_ns),
    "nano_usd": sa.func.sum(_c.cost_nano_usd),
    "hardware_nano_usd": _when(_c.cost_basis == HARDWARE, _c.cost_nano_usd),
    "reported_calls": sa.func.sum(_c.reported_calls),
    "reported_nano_usd": sa.func.sum(_c.reported_nano_usd),
    "compared_calls": _when(_compared, _c.calls),
    "compared_nano_usd": _when(_compared, _c.cost_nano_usd),
    "reported_compared_nano_usd": _when(_compared, _c.reported_nano_usd),
}
_COLUMNS_SUMMED = [_SUMS[name].label(name) for name in _NAMES]


def spending(
    connection: sa.Connection,
    wanted: Wanted,
    *,
    by: Sequence[SpendBy] = (),
    cuts: Sequence[int] = (),
    hourly: bool = False,
    limit: int = MOST_CELLS,
) -> list[Cell]:
    """Sums of the wanted calls by the given keys, in the pieces between `cuts` (epoch hours), or by the hour.

    A combination that adjustments have brought to nothing is left out. One query.
    """
    piece = _c.hour if hourly else _piece(wanted.hours, cuts)
    keys = [_COLUMNS[one] for one in by]
    query = (
        sa.select(
            piece.label("piece"),
            *(column.label(f"key{at}") for at, column in enumerate(keys)),
            *_COLUMNS_SUMMED,
        )
        .where(*_conditions(wanted))
        .group_by("piece", *(sa.text(f"key{at}") for at in range(len(keys))))
        .order_by("piece", *(sa.text(f"key{at}") for at in range(len(keys))))
        .limit(limit)
    )
    cells = (
        Cell(int(row[0]), tuple(map(_plain, row[1 : 1 + len(keys)])), _spent(row[1 + len(keys) :]))
        for row in connection.execute(query)
    )
    return [cell for cell in cells if cell.spent != NOTHING]


def _piece(hours: Hours, cuts: Sequence[int]) -> Any:
    """The first hour of the piece that an hour lies in."""
    inner = sorted({cut for cut in cuts if hours.first < cut < hours.end})
    if not inner:
        return sa.literal(hours.first, sa.Integer)
    starts = [hours.first, *inner]
    whens = [(_c.hour < cut, start) for start, cut in zip(starts, inner, strict=False)]
    return sa.case(*whens, else_=starts[-1])


def _conditions(wanted: Wanted) -> list[sa.ColumnElement[bool]]:
    conditions: list[Any] = [
        _c.hour >= wanted.hours.first,
        _c.hour < wanted.hours.end,
        within(wanted.scope, sender=_c.sender_id, moment=_c.hour, unit_ns=clock.NANOSECONDS_PER_HOUR),
    ]
    for column, values in (
        (_c.provider, wanted.providers),
        (_c.model, wanted.models),
        (_c.environment, wanted.environments),
        (_c.cost_status, wanted.statuses),
        (_c.cost_basis, wanted.bases),
    ):
        if values:
            conditions.append(column.in_(sorted(set(values))))
    if wanted.senders is not None:
        conditions.append(_c.sender_id.in_(sorted(set(wanted.senders))))
    if wanted.without:
        conditions.append(_c.sender_id.not_in(sorted(set(wanted.without))))
    return conditions


def _spent(row: Sequence[Any]) -> Spent:
    return Spent(*(int(value or 0) for value in row))


def _plain(value: Any) -> str | bytes:
    return bytes(value) if isinstance(value, bytes | memoryview) else str(value)


def values_seen(connection: sa.Connection, by: SpendBy, *, hours: Hours, scope: SenderScope) -> list[str]:
    """The values of a key that stand in the sums of a stretch of time, the unknown ("") included, in their order."""
    column = _COLUMNS[by]
    query = (
        sa.select(column)
        .where(*_conditions(Wanted(hours, scope)))
        .group_by(column)
        .order_by(column)
        .limit(MOST_FOUND)
    )
    return [str(_plain(row[0])) for row in connection.execute(query)]
