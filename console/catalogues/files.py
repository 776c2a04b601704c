"""The catalogue files: read, brought up to date, written so that only texts make a difference, compiled."""

from __future__ import annotations

import io
from collections.abc import Iterable
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from console.catalogues.extract import Text, texts_of

LANGUAGE = "fr"
_WIDTH = 110
_HEADER = """\
# Sorted by English text, without line numbers or dates: `make messages` writes this file, people write the msgstr.
msgid ""
msgstr ""
"Language: fr\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: nplurals=2; plural=(n > 1);\\n"

"""


def locale_apps(root: Path, names: Iterable[str]) -> list[Path]:
    """The folders of those named apps that are ours."""
    return [root / name for name in names if "." not in name and (root / name / "__init__.py").exists()]


def catalogue_path(app: Path) -> Path:
    """Where an app keeps its French."""
    return app / "locale" / LANGUAGE / "LC_MESSAGES" / "django.po"


def read(path: Path) -> Catalog:
    """The catalogue in a file; an empty one when there is no file. Raises ValueError for a broken file."""
    if not path.exists():
        return Catalog(locale=LANGUAGE)
    with path.open("rb") as file:
        return read_po(file, locale=LANGUAGE, abort_invalid=True)


def update(app: Path) -> tuple[int, int]:
    """Bring an app's catalogue up to date with its texts: new ones empty, gone ones dropped, translations kept.

    Returns how many texts there are and how many still want a translation.
    """
    path, texts = catalogue_path(app), texts_of(app)
    if not texts and not path.exists():
        return 0, 0
    catalogue = merged(read(path), texts)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(as_po(catalogue), "utf-8")
    return len(texts), sum(not translated(message) for message in catalogue if message.id)


def merged(known: Catalog, texts: Iterable[Text]) -> Catalog:
    """A catalogue of exactly these texts, with the translations that are known for them."""
    catalogue = Catalog(locale=LANGUAGE)
    for text in sorted(texts):
        found = known.get(text.singular, text.context or None)
        string = found.string if found is not None and _same_shape(found, text) else None
        identity = (text.singular, text.plural) if text.plural else text.singular
        flags = {"fuzzy"} if found is not None and found.fuzzy else set()
        catalogue.add(identity, string, context=text.context or None, flags=flags)
    return catalogue


def as_po(catalogue: Catalog) -> str:
    """The file's text: a fixed header and the sorted messages."""
    out = io.BytesIO()
    write_po(out, catalogue, width=_WIDTH, no_location=True, omit_header=True, sort_output=True)
    return _HEADER + out.getvalue().decode("utf-8").strip("\n") + "\n"


def compile_all(root: Path) -> int:
    """Compile every catalogue below the root that is newer than what was made of it. Returns how many."""
    waiting = [
        path for path in sorted(root.glob(f"*/locale/{LANGUAGE}/LC_MESSAGES/django.po")) if _stale(path)
    ]
    for path in waiting:
        compiled = io.BytesIO()
        write_mo(compiled, read(path))
        aside = path.with_suffix(".mo.new")
        aside.write_bytes(compiled.getvalue())
        aside.rename(path.with_suffix(".mo"))  # whole or not at all: other processes may read it now
    return len(waiting)


def translated(message: Message) -> bool:
    """Whether every form of the message has a translation."""
    return all(forms_of(message))


def forms_of(message: Message) -> list[str]:
    """The translations of a message, one per plural form; empty texts where there is none."""
    given = message.string
    if isinstance(given, list | tuple):
        return [form or "" for form in given]
    return [given or ""]


def _same_shape(message: Message, text: Text) -> bool:
    return isinstance(message.id, tuple | list) == bool(text.plural)


def _stale(path: Path) -> bool:
    compiled = path.with_suffix(".mo")
    return not compiled.exists() or compiled.stat().st_mtime < path.stat().st_mtime
