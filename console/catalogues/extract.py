"""Which texts an app shows: from its Python code and its templates."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from babel.messages.extract import DEFAULT_KEYWORDS, extract
from django.utils.translation.template import templatize

_LAZY = {f"{name}_lazy": DEFAULT_KEYWORDS[name] for name in ("gettext", "ngettext", "pgettext", "npgettext")}
KEYWORDS: dict[str, Any] = {**DEFAULT_KEYWORDS, **_LAZY, "gettext_noop": None}
_NOT_SHOWN = {"migrations", "node_modules", "tests"}


@dataclass(frozen=True, slots=True, order=True)
class Text:
    """One text to translate. `plural` is empty when it has no plural; `context` when it needs none."""

    singular: str
    plural: str = ""
    context: str = ""


def texts_of(app: Path) -> frozenset[Text]:
    """Every text of the app's Python files and templates."""
    return frozenset([*_all(_python_files(app), _in_python), *_all(_templates(app), _in_template)])


def in_template(source: str) -> list[Text]:
    """The texts of one template: `translate`, `blocktranslate` with plural, context and trimmed, and `_("…")`.

    Django rewrites a template to something that reads like Python with everything else blanked out; what is left of
    its indentation means nothing and is taken away.
    """
    rewritten = "\n".join(line.lstrip() for line in templatize(source).splitlines())
    return list(_read(rewritten))


def in_python(source: str) -> list[Text]:
    """The texts of one Python module."""
    return list(_read(source))


def _in_template(path: Path) -> list[Text]:
    return in_template(path.read_text("utf-8"))


def _in_python(path: Path) -> list[Text]:
    return in_python(path.read_text("utf-8"))


def _all(paths: Iterable[Path], read: Any) -> Iterator[Text]:
    for path in paths:
        yield from read(path)


def _python_files(app: Path) -> Iterator[Path]:
    return (path for path in sorted(app.rglob("*.py")) if not _NOT_SHOWN & set(path.relative_to(app).parts))


def _templates(app: Path) -> Iterator[Path]:
    folder = app / "templates"
    return (path for path in sorted(folder.rglob("*")) if path.suffix in {".html", ".txt", ".svg"})


def _read(source: str) -> Iterator[Text]:
    found = extract("python", io.BytesIO(source.encode()), keywords=KEYWORDS, options={"encoding": "utf-8"})
    for _line, message, _comments, context in found:
        singular, plural = message[:2] if isinstance(message, tuple) else (message, "")
        if singular:
            yield Text(singular, plural, context or "")
