"""Tables as files: CSV, JSON, and sheets of one XLSX workbook. Row by row, in constant memory."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from itertools import chain
from pathlib import Path
from typing import IO, Any

import orjson
import xlsxwriter

from ui.export import cell

MOST_SHEET_ROWS = 1_048_575
"""What a sheet holds below its head."""

_SHEET_NAME = 31
_LARGEST_EXACT = 2**53


def csv_bytes(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[bytes]:
    """RFC 4180 in UTF-8 with a byte order mark; formulas made harmless, moments in ISO 8601."""
    line = io.StringIO(newline="")
    writer = csv.writer(line)
    yield "\ufeff".encode()
    for values in chain([columns], rows):
        writer.writerow([cell(value) for value in values])
        yield line.getvalue().encode("utf-8")
        line.seek(0)
        line.truncate()


def json_bytes(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[bytes]:
    """One array of objects, one object a line. Nothing is altered: programs run no formulas."""
    yield b"["
    for number, row in enumerate(rows):
        yield b",\n" if number else b"\n"
        yield orjson.dumps(dict(zip(columns, map(_plain, row), strict=True)))
    yield b"\n]\n"


class Workbook:
    """An XLSX workbook with a sheet per table: frozen head, filter, text as text and never as formula."""

    def __init__(self, file: IO[bytes], *, folder: Path) -> None:
        options = {
            "constant_memory": True, "tmpdir": str(folder), "strings_to_formulas": False, "strings_to_urls": False,
            "strings_to_numbers": False, "remove_timezone": True, "default_date_format": "yyyy-mm-dd hh:mm:ss",
        }  # fmt: skip
        self._book = xlsxwriter.Workbook(file, options)
        self._head = self._book.add_format({"bold": True})
        self._names: set[str] = set()

    def add(self, name: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
        """Write one sheet; returns its rows. Raises ValueError beyond MOST_SHEET_ROWS."""
        sheet = self._book.add_worksheet(self._sheet_name(name))
        sheet.freeze_panes(1, 0)
        for at, column in enumerate(columns):
            sheet.write_string(0, at, column, self._head)
        count = 0
        for row in rows:
            count += 1
            if count > MOST_SHEET_ROWS:
                raise ValueError(f"{name} has more rows than a sheet can hold")
            self._write(sheet, count, row)
        if columns:
            sheet.autofilter(0, 0, max(count, 1), len(columns) - 1)
        return count

    def close(self) -> None:
        """Finish the file."""
        self._book.close()

    def _write(self, sheet: Any, number: int, row: Sequence[Any]) -> None:
        for at, value in enumerate(row):
            match value:
                case None:
                    continue
                case bool():
                    sheet.write_boolean(number, at, value)
                case int() if abs(value) <= _LARGEST_EXACT:  # a sheet's numbers are doubles
                    sheet.write_number(number, at, value)
                case float():
                    sheet.write_number(number, at, value)
                case datetime():
                    sheet.write_datetime(number, at, value.astimezone(UTC).replace(tzinfo=None))
                case _:
                    sheet.write_string(number, at, str(cell(value)))

    def _sheet_name(self, name: str) -> str:
        short = name[:_SHEET_NAME]
        number = 1
        while short.lower() in self._names:
            number += 1
            short = f"{name[: _SHEET_NAME - 4]}~{number}"
        self._names.add(short.lower())
        return short


def _plain(value: Any) -> Any:
    match value:
        case datetime():
            return value.astimezone(UTC).isoformat()
        case Decimal():
            return str(value)
        case bytes() | memoryview():
            return bytes(value).hex()
        case int() if not isinstance(value, bool) and abs(value) > _LARGEST_EXACT:
            return str(value)  # JSON readers lose digits beyond
        case set() | frozenset():
            return sorted(map(str, value))
        case _:
            return value
