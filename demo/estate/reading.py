"""The estate's texts, as they stand in `data/*.toml`."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

DATA = Path(__file__).with_name("data")

Row = dict[str, Any]


def rows(file: str, noun: str) -> list[Row]:
    """The tables `[[noun]]` of `data/<file>.toml`."""
    found: list[Row] = tomllib.loads((DATA / f"{file}.toml").read_text("utf-8")).get(noun, [])
    return found


def some(row: Row, *names: str) -> Row:
    """Those of the named fields that the row has."""
    return {name: row[name] for name in names if name in row}
