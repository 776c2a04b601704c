"""Tables that people send: CSV and XLSX, read with bounds before anything is believed."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import openpyxl
from django.utils.translation import gettext as _
from openpyxl.utils import get_column_letter

from kernel.errors import Invalid

MOST_BYTES = 5 * 1024 * 1024
MOST_INFLATED = 100 * 1024 * 1024
MOST_ROWS = 2_000
"""A try runs while somebody waits: some ten seconds for so many rows."""
MOST_COLUMNS = 100
LONGEST_CELL = 10_000


@dataclass(frozen=True, slots=True)
class Line:
    """A row below the head; `number` is that of the sheet, from 1."""

    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table with its name ("" in a CSV file) and its head."""

    name: str
    head: tuple[str, ...]
    lines: tuple[Line, ...]


def read(name: str, data: bytes) -> list[Sheet]:
    """The sheets of a file, by its content. Raises Invalid, saying what is wrong with it."""
    if len(data) > MOST_BYTES:
        raise Invalid(
            _("The file is larger than %(most)s MB. Send it in parts.") % {"most": MOST_BYTES >> 20}
        )
    sheets = _workbook(data) if data[:4] == b"PK\x03\x04" else [_csv(data)]
    sheets = [sheet for sheet in sheets if sheet.lines]
    if not sheets:
        raise Invalid(_("“%(name)s” holds no row below a head.") % {"name": name})
    if sum(len(sheet.lines) for sheet in sheets) > MOST_ROWS:
        raise Invalid(_("The file has more than %(most)s rows. Send it in parts.") % {"most": MOST_ROWS})
    return sheets


def cell_name(column: int, row: int) -> str:
    """`C7`: how a spreadsheet calls the cell (columns from 0, rows from 1)."""
    return f"{get_column_letter(column + 1)}{row}"


def _csv(data: bytes) -> Sheet:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", errors="replace")  # what older spreadsheets write in western Europe
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    csv.field_size_limit(LONGEST_CELL * 10)
    try:
        return _sheet("", csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error as error:
        raise Invalid(_("This is no table that can be read: %(error)s.") % {"error": error}) from error


def _workbook(data: bytes) -> list[Sheet]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > MOST_INFLATED:
                raise Invalid(
                    _("This workbook unpacks to more than a table needs. Save it again without pictures.")
                )
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
    except (zipfile.BadZipFile, KeyError, ValueError, OSError, TypeError) as error:
        raise Invalid(
            _("This is no XLSX workbook that can be read. Save it again as .xlsx or .csv.")
        ) from error
    try:
        return [
            _sheet(sheet.title, (tuple(map(_text, row)) for row in sheet.iter_rows(values_only=True)))
            for sheet in book.worksheets
        ]
    finally:
        book.close()


def _sheet(name: str, rows: Iterator[Sequence[str]]) -> Sheet:
    """The first row that holds anything is the head; empty rows below are passed over."""
    head: tuple[str, ...] | None = None
    lines: list[Line] = []
    for number, row in enumerate(rows, start=1):
        if number > MOST_ROWS + 1_000:  # thousands of empty rows are no reason to read on
            break
        cells = tuple(text.strip()[:LONGEST_CELL] for text in row[:MOST_COLUMNS])
        if not any(cells):
            continue
        if head is None:
            head = cells
        else:
            lines.append(Line(number, cells))
    return Sheet(name, head or (), tuple(lines))


def _text(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case datetime() | date():
            return value.isoformat()
        case float() if value.is_integer():
            return str(int(value))
        case _:
            return str(value)
