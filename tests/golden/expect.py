"""Writes down what the mapping now makes of the corpus. Read the difference before you commit it.

python -m tests.golden.expect
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from telemetry.normalise import normalise
from tests.golden.reading import projected, read_case

FOLDER = Path(__file__).parent


def observed() -> dict[str, list[dict[str, Any]]]:
    """Every case by name: what each of its spans becomes."""
    return {path.stem: _of_case(path) for path in sorted((FOLDER / "cases").glob("*.json"))}


def _of_case(path: Path) -> list[dict[str, Any]]:
    case = json.loads(path.read_text(encoding="utf-8"))
    return [projected(normalise(span, logs)) for span, logs in read_case(case)]


if __name__ == "__main__":
    text = json.dumps(observed(), indent=1, ensure_ascii=False)
    (FOLDER / "expected.json").write_text(text + "\n", encoding="utf-8")
