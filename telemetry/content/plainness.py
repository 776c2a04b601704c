"""What may be written as it came: rules that let names and numbers through and hold sentences back."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

WORD_CHARACTERS = 64
NAME_CHARACTERS = 256
WORDS_AT_MOST = 32

_WORD = re.compile(r"[A-Za-z0-9._:/+\-]{1,64}\Z")
_IDENTIFIER = re.compile(r"[A-Za-z0-9._:/+=\-]{1,256}\Z")
_ADDRESS = re.compile(r"[A-Za-z0-9._:\[\]\-]{1,255}\Z")
_CODE_LIKE = re.compile(r"[\w.:/<>{}()\[\]$+\-]{1,96}( [\w.:/<>{}()\[\]$+\-]{1,96}){0,2}\Z")

REMEMBERED_TEXTS = 4_096


def _remembering(pattern: re.Pattern[str], longest: int) -> Callable[[str], bool]:
    """Whether a text is made like this; those that are come again and again, and a set knows them faster.

    Only what passed is remembered, which may be written as it came: never a sentence.
    """
    known: set[str] = set()

    def is_made_so(text: str) -> bool:
        if len(text) > longest:
            return False
        if text in known:
            return True
        if pattern.match(text) is None:
            return False
        if len(known) >= REMEMBERED_TEXTS:
            known.clear()
        known.add(text)
        return True

    return is_made_so


is_word = _remembering(_WORD, WORD_CHARACTERS)
"""Whether the text is a word of a vocabulary: an enum value, a version, a slug."""

is_code_like = _remembering(_CODE_LIKE, 3 * 96 + 2)
"""Whether a span's name is made like OTel's names: `chat gpt-4o`, `RunnableSequence`, `POST /v1/chat`."""

_is_address = _remembering(_ADDRESS, 255)


def bounded(text: str | None, limit: int) -> str | None:
    """One line of at most `limit` characters; unprintable characters (NUL, line ends, controls) become U+FFFD."""
    if text is None:
        return None
    if len(text) > limit:
        text = text[: limit - 1] + "…"
    return text if text.isprintable() else "".join(c if c.isprintable() else "\ufffd" for c in text)


def is_identifier(text: str) -> bool:
    """Whether the text is an id made by a machine: no spaces, no @, nothing that reads as a sentence or a person."""
    return _IDENTIFIER.match(text) is not None


def plain_url(url: str, *, with_path: bool) -> str | None:
    """The URL without user, query and fragment, and without its path unless `with_path`; None when it is none."""
    try:
        parts = urlsplit(url.strip())
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    if not parts.scheme or not host or not _is_address(host):
        return None
    authority = f"[{host}]" if ":" in host else host
    where = authority if port is None else f"{authority}:{port}"
    return bounded(f"{parts.scheme}://{where}{parts.path if with_path else ''}", NAME_CHARACTERS)


def plain_number(value: Any, *, full: bool) -> Any:
    """The number or truth value; None for NaN, infinity and what is none."""
    del full
    if isinstance(value, bool):
        return value
    if isinstance(value, int):
        return value if abs(value) < 2**53 else None
    return value if isinstance(value, float) and math.isfinite(value) else None


def plain_word(value: Any, *, full: bool) -> str | None:
    """The word; None for anything longer or with spaces."""
    del full
    return value if isinstance(value, str) and is_word(value) else None


def plain_words(value: Any, *, full: bool) -> Any:
    """The word, or the words of a list; None when nothing is left."""
    if not isinstance(value, list):
        return plain_word(value, full=full)
    return [word for word in value[:WORDS_AT_MOST] if isinstance(word, str) and is_word(word)] or None


def plain_address(value: Any, *, full: bool) -> str | None:
    """The host name or IP address."""
    del full
    return value if isinstance(value, str) and _is_address(value) else None


def plain_link(value: Any, *, full: bool) -> str | None:
    """The URL as `plain_url` leaves it, with its path where the mode is full."""
    return plain_url(value, with_path=full) if isinstance(value, str) else None
