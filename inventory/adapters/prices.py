"""The price directory that ingest asks, answered from the register. Used from threads without a request cycle."""

from __future__ import annotations

from inventory.adapters.directories import FRESH_S, Fresh, _with_connection
from inventory.domain.prices import Book
from inventory.queries.prices import load_book, prices_changed
from kernel import clock
from kernel.contracts.pricing import PriceCard


class RegisterPriceDirectory:
    """Finds prices in the register (`kernel.contracts.pricing.PriceDirectory`)."""

    def __init__(self, *, seconds: float = FRESH_S) -> None:
        self._book = Fresh(_with_connection(self._load), seconds=seconds)
        self._loaded: tuple[object, Book] | None = None

    def card(
        self, *, provider: str, model: str, endpoint_address: str | None, context: str, at_ns: int
    ) -> PriceCard | None:
        """The price then in force, None where none is known."""
        return self._book.get().card(
            provider=provider,
            model=model,
            host=endpoint_address or "",
            context=context,
            day=clock.from_ns(at_ns).date(),
        )

    def _load(self) -> Book:
        stamp = prices_changed()
        if self._loaded is None or self._loaded[0] != stamp:
            self._loaded = (stamp, load_book())
        return self._loaded[1]
