"""How long what is kept, as the register decides it. The record only obeys."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from kernel.contracts.ingest import RetentionClass

MIN_SPAN_DAYS = 183
"""Six months: the least for which deployers and providers of high-risk systems keep logs (EU AI Act, Art. 19 and 26(6))."""


class Kept(StrEnum):
    """What has a time of its own."""

    CONTENT = "content"  # what was said
    SPANS = "spans"  # that it was said: spans, findings, verdicts, traces
    SUMS = "sums"  # hourly sums and the accounts of ingest


PERISHABLE = (RetentionClass.SHORT, RetentionClass.STANDARD, RetentionClass.LONG)
"""The classes that end. A legal hold ends when somebody lifts it."""

DEFAULT_SUM_DAYS = 5 * 366


@dataclass(frozen=True, slots=True)
class Retention:
    """Days per class for content and spans, and the days of sums, which belong to no class."""

    content: Mapping[RetentionClass, int] = field(
        default_factory=lambda: {
            RetentionClass.SHORT: 7,
            RetentionClass.STANDARD: 30,
            RetentionClass.LONG: 183,
        }
    )
    spans: Mapping[RetentionClass, int] = field(
        default_factory=lambda: {
            RetentionClass.SHORT: 183,
            RetentionClass.STANDARD: 183,
            RetentionClass.LONG: 5 * 366,
        }
    )
    sums: int = DEFAULT_SUM_DAYS
