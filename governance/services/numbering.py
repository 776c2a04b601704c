"""Giving out numbers. Called inside verbs: the row stays locked until they end, so that no number is given twice."""

from __future__ import annotations

from governance.models import Counter


def _locked(series: str) -> Counter:
    Counter.objects.get_or_create(pk=series)
    return Counter.objects.select_for_update().get(pk=series)


def take_numbers(series: str, how_many: int) -> range:
    """The next numbers of a series, in one go."""
    counter = _locked(series)
    first = counter.last + 1
    counter.last += how_many
    counter.save(update_fields=["last"])
    return range(first, counter.last + 1)


def hold_series(series: str) -> None:
    """Wait until nobody else opens anything in this series, and keep it so until the transaction ends."""
    _locked(series)
