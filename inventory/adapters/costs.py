"""What the hardware of senders costs, answered from the register (`kernel.contracts.pricing.CostProfileDirectory`).

Asked from many threads of a process without a request cycle, for every model call that no price list knows. Answers
are kept until the register changes, and a change is seen within two seconds: calls priced by then keep their price.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Count, Max, Sum, Value

from inventory import models
from inventory.adapters.directories import Fresh, Recent, _ns, _with_connection
from inventory.domain.costs import Hardware, Rates, hourly_rate, nano_usd
from inventory.queries.costs import (
    CostProfileRow,
    cost_settings,
    endpoints_by_address,
    exchange_rates,
    profiles_in_force,
)
from kernel.contracts.ingest import Resolution, SenderIdentity
from kernel.contracts.pricing import CostProfileFacts

FRESH_S = 2.0
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Resolve = Callable[[SenderIdentity], tuple[Resolution, ...]]


@dataclass(frozen=True, slots=True)
class _Held:
    """A profile with the stretch of time in which it holds."""

    row: CostProfileRow
    from_ns: int | None
    until_ns: int | None

    def holds(self, moment_ns: int) -> bool:
        begun = self.from_ns is None or moment_ns >= self.from_ns
        return begun and (self.until_ns is None or moment_ns < self.until_ns)


class Table:
    """Everything that the register says of hardware at one state of it. Answers are worked out once a day and profile."""

    def __init__(
        self,
        profiles: Iterable[CostProfileRow],
        rates: Rates,
        zone: ZoneInfo,
        endpoint_at: Callable[[str | None], uuid.UUID | None],
    ) -> None:
        self._by_endpoint: dict[uuid.UUID, list[_Held]] = {}
        for row in profiles:
            held = _Held(row, _ns(row.valid_from), _ns(row.valid_until))
            self._by_endpoint.setdefault(row.endpoint.id, []).append(held)
        self._rates = rates
        self._zone = zone
        self.endpoint_at = endpoint_at
        self._known: dict[tuple[uuid.UUID, date], CostProfileFacts | None] = {}

    def facts(self, endpoint: uuid.UUID | None, at_ns: int) -> CostProfileFacts | None:
        """What an endpoint's machine costs at a moment; None without a profile, or without a rate of its currency."""
        held = (
            next((one for one in self._by_endpoint.get(endpoint, ()) if one.holds(at_ns)), None)
            if endpoint
            else None
        )
        if held is None:
            return None
        day = (_EPOCH + timedelta(microseconds=at_ns // 1000)).astimezone(self._zone).date()
        question = held.row.id, day
        if question not in self._known:
            self._known[question] = self._priced(held.row, day)
        return self._known[question]

    def _priced(self, row: CostProfileRow, day: date) -> CostProfileFacts | None:
        worth = self._rates.usd_per_unit(row.currency, day)
        if worth is None:
            return None
        return CostProfileFacts(
            profile_id=row.id.bytes,
            rate_nano_usd_per_hour=nano_usd(hourly_rate(row.hardware), worth),
            slots=row.slots,
            energy_milliwatts=_milliwatts(row.hardware),
        )


def _milliwatts(hardware: Hardware) -> int | None:
    if hardware.power_watts is None:
        return None
    return round(hardware.power_watts * 1000 * hardware.pue)


class RegisterCostProfileDirectory:
    """Finds what the hardware of a sender costs. `resolve` says what a sender is over time, as the register has it."""

    def __init__(self, resolve: Resolve, *, seconds: float = FRESH_S) -> None:
        self._resolved = Recent(resolve, seconds=seconds)
        self._table = Fresh(_with_connection(self._load), seconds=seconds)
        self._loaded: tuple[object, Table] | None = None

    def profile(
        self, sender: SenderIdentity, *, endpoint_address: str | None, at_ns: int
    ) -> CostProfileFacts | None:
        """The profile of the endpoint at this address, if the register has one there; else of the endpoint the sender is.

        An endpoint of the register without a profile answers None, whatever the sender's own machine costs.
        """
        table = self._table.get()
        return table.facts(table.endpoint_at(endpoint_address) or self._own(sender, at_ns), at_ns)

    def _own(self, sender: SenderIdentity, at_ns: int) -> uuid.UUID | None:
        return next(
            (item.endpoint_id for item in reversed(self._resolved.get(sender)) if _holds(item, at_ns)), None
        )

    def _load(self) -> Table:
        stamp = last_changed()
        if self._loaded is None or self._loaded[0] != stamp:
            table = Table(
                profiles_in_force(),
                exchange_rates(),
                cost_settings().zone_info,
                endpoints_by_address(),
            )
            self._loaded = (stamp, table)
        return self._loaded[1]


def _holds(resolution: Resolution, moment_ns: int) -> bool:
    begun = resolution.valid_from_ns is None or moment_ns >= resolution.valid_from_ns
    return begun and (resolution.valid_until_ns is None or moment_ns < resolution.valid_until_ns)


def last_changed() -> object:
    """A stamp that is another one after every change of what hardware can cost. One query."""
    tables = (models.CostProfile, models.ExchangeRate, models.CostSettings, models.Endpoint)
    parts = [
        model._default_manager.order_by()
        .annotate(_table=Value(number))
        .values("_table")
        .annotate(_rows=Count("pk"), _versions=Sum("version"), _moment=Max("updated_at"))
        .values_list("_table", "_rows", "_versions", "_moment")
        for number, model in enumerate(tables)
    ]
    return tuple(sorted(parts[0].union(*parts[1:], all=True)))
