"""What may be written as it came: rules that let names and numbers through and hold sentences back."""

from __future__ import annotations

import math
import re
from typing import Any
from urllib.parse import urlsplit

WORD_CHARACTERS = 64
NAME_CHARACTERS = 256
WORDS_AT_MOST = 32

_WORD = re.compile(r"[A-Za-z0-9._:/+\-]{1,64}\Z")
_IDENTIFIER = re.compile(r"[A-Za-z0-9._:/+=\-]{1,256}\Z")
_ADDRESS = re.compile(r"[A-Za-z0-9._:\[\]\-]{1,255}\Z")
_CODE_LIKE_NAME = re.compile(r"[\w.:/<>{}()\[\]$+\-]{1,96}( [\w.:/<>{}()\[\]$+\-]{1,96}){0,2}\Z")


def bounded(text: str | None, limit: int) -> str | None:
    """One line of at most `limit` characters; unprintable characters (NUL, line ends, controls) become U+FFFD."""
    if text is None:
        return None
    if len(text) > limit:
        text = text[: limit - 1] + "…"
    return text if text.isprintable() else "".join(c if c.isprintable() else "\ufffd" for c in text)


def is_word(text: str) -> bool:
    """Whether the text is a word of a vocabulary: an enum value, a version, a slug."""
    return _WORD.match(text) is not None


def is_identifier(text: str) -> bool:
    """Whether the text is an id made by a machine: no spaces, no @, nothing that reads as a sentence or a person."""
    return _IDENTIFIER.match(text) is not None


def is_code_like(name: str) -> bool:
    """Whether a span's name is made like OTel's names: `chat gpt-4o`, `RunnableSequence`, `POST /v1/chat`."""
    return _CODE_LIKE_NAME.match(name) is not None


def plain_url(url: str, *, with_path: bool) -> str | None:
    """The URL without user, query and fragment, and without its path unless `with_path`; None when it is none."""
    try:
        parts = urlsplit(url.strip())
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    if not parts.scheme or not host or not _ADDRESS.match(host):
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
    return value if isinstance(value, str) and _ADDRESS.match(value) else None


def plain_link(value: Any, *, full: bool) -> str | None:
    """The URL as `plain_url` leaves it, with its path where the mode is full."""
    return plain_url(value, with_path=full) if isinstance(value, str) else None
