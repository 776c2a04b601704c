"""What is wrong with a catalogue, in sentences."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message

from console.catalogues.extract import Text, texts_of
from console.catalogues.files import as_po, catalogue_path, forms_of, read, translated

_PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%[sd]|\{\w*\}")
_STRAIGHT_APOSTROPHE = re.compile(r"[^\W\d_]'[^\W\d_]")
_BREAKABLE = re.compile(r"[ \t][;:?!»]|«[ \t]")  # French sets a non-breaking space there


def problems(app: Path) -> list[str]:
    """All that keeps an app from being complete in French; empty when nothing does."""
    path, texts = catalogue_path(app), texts_of(app)
    if not texts and not path.exists():
        return []
    catalogue = read(path)
    found = [
        *_differences(catalogue, texts),
        *(line for message in catalogue for line in _of_message(message)),
    ]
    if not found and path.read_text("utf-8") != as_po(catalogue):
        found = ["is not as `make messages` writes it"]
    return [f"{app.name}: {line}" for line in found]


def _differences(catalogue: Catalog, texts: frozenset[Text]) -> Iterator[str]:
    kept = {_text(message) for message in catalogue if message.id}
    for text in sorted(texts - kept):
        yield f"{text.singular!r} is not in the catalogue; run make messages"
    for text in sorted(kept - texts):
        yield f"{text.singular!r} is shown nowhere any more; run make messages"


def _of_message(message: Message) -> Iterator[str]:
    if not message.id:
        return
    text = _text(message)
    if not translated(message):
        yield f"{text.singular!r} has no translation"
        return
    if message.fuzzy:
        yield f"{text.singular!r} is marked fuzzy; look at it and take the mark away"
    forms = forms_of(message)
    for index, form in enumerate(forms):
        yield from _of_form(text, form, last=index == len(forms) - 1)


def _of_form(text: Text, form: str, *, last: bool) -> Iterator[str]:
    if not _placeholders_fit(text, form, last=last):
        yield f"{text.singular!r}: other placeholders in {form!r}"
    if _STRAIGHT_APOSTROPHE.search(form):
        yield f"{form!r} has a straight apostrophe; write ’"
    if _BREAKABLE.search(form):
        yield f"{form!r} breaks before a mark; write a non-breaking space"
    if (
        text.singular[:1].isspace() != form[:1].isspace()
        or text.singular[-1:].isspace() != form[-1:].isspace()
    ):
        yield f"{form!r} begins or ends with other white space than {text.singular!r}"


def _placeholders_fit(text: Text, form: str, *, last: bool) -> bool:
    """The same placeholders, as often. A form other than the last may say "one" where the number stands."""
    wanted, given = _placeholders(text.plural or text.singular), _placeholders(form)
    if text.plural and not last:
        return given == wanted or given == _placeholders(text.singular)
    return given == wanted


def _placeholders(text: str) -> Counter[str]:
    return Counter(_PLACEHOLDER.findall(text))


def _text(message: Message) -> Text:
    context = message.context or ""
    if isinstance(message.id, list | tuple):
        return Text(message.id[0], message.id[1], context)
    return Text(message.id, "", context)
