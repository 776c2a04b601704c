"""A list as CSV, with formulas made harmless.

Spreadsheets run a cell that begins like a formula, even behind blanks and control characters (ASVS 5.0, 1.2.10).
Such a cell gets an apostrophe in front. Numbers are written from numeric values only, as machines read them.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from django.utils.html import strip_tags
from django.utils.safestring import SafeString

_LEADING = "\ufeff\u200b\u00a0\u202f \t\r\n\x0b\x0c\x00"
_FORMULA = frozenset("=+-@|%＝＋－＠")
_CONTROL = frozenset("\t\r\n\x00")


class _Line:
    """What csv.writer writes to: gives each line back instead of keeping it."""

    def write(self, line: str) -> str:
        return line


def neutralise(text: str) -> str:
    """The text as a spreadsheet may safely open it. NUL characters, which no spreadsheet shows, are dropped."""
    begins = text.lstrip(_LEADING)[:1]
    if begins in _FORMULA or text[:1] in _CONTROL:
        return "'" + text.replace("\x00", "")
    return text.replace("\x00", "")


def cell(value: Any) -> str | int | float | Decimal:
    """A value as a CSV cell. None is empty; moments are ISO 8601 in UTC."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float | Decimal):
        return value
    return neutralise(_text(value))


def _text(value: Any) -> str:
    match value:
        case None:
            return ""
        case datetime():
            return value.astimezone(UTC).isoformat()
        case SafeString():
            return strip_tags(value)
        case list() | tuple() | set() | frozenset():
            return ", ".join(str(item) for item in value)
        case _:
            return str(value)


def lines(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    """The CSV line by line, RFC 4180, with a byte order mark so that Excel reads UTF-8."""
    writer = csv.writer(_Line())
    yield "\ufeff" + str(writer.writerow([cell(str(text)) for text in head]))
    for row in rows:
        yield str(writer.writerow([cell(value) for value in row]))
