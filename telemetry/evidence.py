"""The record as evidence: what was spent, and what became of what was received; each row with what its sender was then."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from django.utils.translation import gettext_lazy as _

from audit import evidence
from audit.evidence import Dataset, Scope, Table
from kernel import clock
from kernel.actor import Permission
from telemetry.queries.streams import rows_between
from telemetry.schema import cost_hours
from telemetry.services import Estate, load_estate, reading

HOUR_NS = clock.NANOSECONDS_PER_HOUR
WHO = ("deployment_id", "deployment", "endpoint", "site", "tier", "unit_id")
"""What the sender of a row was at the row's moment, by today's rules; empty where nobody said."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """A table of the record that has a sender. `moment` is its column of time, in units of `unit_ns`."""

    table: sa.Table
    moment: str
    unit_ns: int
    names: tuple[str, ...]
    notes: tuple[str, ...] = ()

    def read(self, scope: Scope) -> Table:
        """The rows of the period that the asker may read, up to the moment as of which they are asked."""
        heads = [
            "time",
            "sender",
            *WHO,
            *(name for name in self.names if name not in {self.moment, "sender_id"}),
        ]
        return Table(
            heads,
            self._rows(scope),
            filters={"senders": "as the rules of the register explain them today", "hours": "whole, UTC"},
            notes=list(self.notes),
        )

    def _rows(self, scope: Scope) -> Iterator[Sequence[Any]]:
        with reading() as connection:
            estate = load_estate(connection, scope.actor)
            found = rows_between(
                connection,
                self.table,
                moment=self.table.c[self.moment],
                unit_ns=self.unit_ns,
                start_ns=clock.to_ns(scope.start),
                end_ns=clock.to_ns(min(scope.end, scope.as_of)),
                visible=estate.visible,
                names=(
                    "sender_id",
                    self.moment,
                    *(name for name in self.names if name not in {self.moment, "sender_id"}),
                ),
            )
            for sender_id, moment, *rest in found:
                at_ns = moment * self.unit_ns
                yield [
                    clock.from_ns(at_ns),
                    bytes(sender_id).hex(),
                    *who(estate, bytes(sender_id), at_ns),
                    *map(plain, rest),
                ]


def who(estate: Estate, sender_id: bytes, at_ns: int) -> list[Any]:
    """What a sender was at a moment, in the order of `WHO`."""
    found = estate.resolution(sender_id, at_ns)
    if found is None:
        return [None] * len(WHO)
    return [
        str(found.deployment_id) if found.deployment_id else None,
        found.deployment_name,
        found.endpoint_name,
        found.site_name,
        found.tier,
        str(found.unit_id) if found.unit_id else None,
    ]


def plain(value: Any) -> Any:
    """Ids of the record as hexadecimal text; everything else as it is."""
    return bytes(value).hex() if isinstance(value, bytes | memoryview) else value


COSTS = Recorded(
    cost_hours,
    "hour",
    HOUR_NS,
    tuple(column.name for column in cost_hours.columns),
    notes=(
        (
            "Sums of an hour; amounts are whole nano-USD. `unpriced` calls have no known price: their 0 is no price. "
            "An hour may be corrected later, when a better witness of a call arrives."
        ),
    ),
)


def register_all() -> None:
    """Called once, when the app is ready."""
    evidence.register(
        Dataset("record.costs", _("Costs by the hour"), Permission.TELEMETRY_READ, COSTS.read, order=60)
    )
