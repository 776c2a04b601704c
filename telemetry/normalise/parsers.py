"""Readers of single values. Each takes whatever a sender wrote and answers a clean value, None, or ODD."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final

import orjson

from kernel import clock

MAX_TEXT_CHARACTERS: Final = 4096
"""Of an id or a name; the store cuts further. Content has no such limit."""
MAX_TOKENS: Final = 1_000_000_000
"""More than a billion tokens in one call is a mistake."""
MAX_UNITS: Final = 10**15
MAX_NANO_USD: Final = 10**18
"""A billion dollars in one span is a mistake."""
MAX_SECONDS: Final = 10**9
MAX_JSON_DEPTH: Final = 64
MAX_WORDS: Final = 64
NANO: Final = Decimal(1_000_000_000)

_STRUCTURES = (dict, list)  # written as a union it would be made anew at every call


class Odd:
    """A value that was there and makes no sense."""


ODD: Final = Odd()

Reader = Callable[[Any], Any]


def text(value: Any) -> str | None:
    """A short text: names, ids, models. Numbers are written out; nothing, blanks and structures are None."""
    if type(value) is str:
        value = value.strip()
        return value[:MAX_TEXT_CHARACTERS] or None
    if isinstance(value, int) and not isinstance(value, bool):
        return _digits(value)
    return None


def truth(value: Any) -> bool | None:
    """True where it says so, in whatever form; anything else says nothing."""
    said_so = value is True or (isinstance(value, str) and value.strip().lower() == "true")
    return True if said_so else None


def type_name(value: Any) -> str | None:
    """The name of an error's type, also as Python writes a class: `<class 'openai.RateLimitError'>`."""
    said = text(value)
    return None if said is None else text(said.removeprefix("<class '").removesuffix("'>"))


def tokens(value: Any) -> int | Odd | None:
    """A count of tokens, also as text or as a whole float. Negative and absurd counts are odd."""
    return _count(value, MAX_TOKENS)


def units(value: Any) -> int | Odd | None:
    """A count of images, pages, rows."""
    return _count(value, MAX_UNITS)


def port(value: Any) -> int | None:
    """A TCP port."""
    number = _count(value, 65_535)
    return number if isinstance(number, int) and number > 0 else None


def seconds(value: Any) -> int | None:
    """Seconds as nanoseconds."""
    return _nanoseconds(value, 10**9)


def milliseconds(value: Any) -> int | None:
    """Milliseconds as nanoseconds."""
    return _nanoseconds(value, 10**6)


def moment(value: Any) -> int | None:
    """A moment as epoch nanoseconds: a whole number of them, or ISO 8601 text with its zone."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if not isinstance(value, str):
        return None
    try:
        return clock.to_ns(datetime.fromisoformat(value.strip().strip('"')))
    except (ValueError, OverflowError):
        return None


def nano_usd(value: Any) -> int | None:
    """US dollars, as a decimal text or a number, in integer nano-dollars. Negative, absurd or no number: None."""
    number = _decimal(value)
    if number is None or not 0 <= number * NANO <= MAX_NANO_USD:
        return None
    return int((number * NANO).to_integral_value())


def words(value: Any) -> list[str] | None:
    """A list of short texts; a single text, also a JSON list as text, is one."""
    if isinstance(value, str) and value.startswith("["):
        value = parsed_json(value) or value
    items = value if isinstance(value, list) else [value]
    read = [word for item in items[:MAX_WORDS] if (word := text(item)) is not None]
    return read or None


def said(value: Any) -> str | None:
    """Something said: text as it is, structures as JSON text."""
    if isinstance(value, str):
        return value if value.strip() else None
    return None if value is None else as_text(value)


def json_or_text(value: Any) -> Any:
    """A JSON object or list where the text is one, the text where it is none."""
    if not isinstance(value, str):
        return value
    if value[:1] in ("{", "["):
        found = parsed_json(value)
        return value if found is None else found
    return value if value.strip() else None


def parsed_json(value: str) -> Any:
    """The value of a JSON text; None where it is none, or nested deeper than 64."""
    try:
        found = orjson.loads(value)
    except ValueError:
        return None
    if not isinstance(found, _STRUCTURES):
        return found
    if len(value) < 2 * MAX_JSON_DEPTH:  # every level takes two characters
        return found
    brackets = value.count("{") + value.count("[")  # no more levels than brackets, and counting is cheap
    return found if brackets <= MAX_JSON_DEPTH or is_shallow(found) else None


def as_text(value: Any) -> str:
    """Any value as JSON text, keys in their order; what JSON cannot hold as Python writes it."""
    try:
        return orjson.dumps(value, default=repr, option=orjson.OPT_NON_STR_KEYS).decode()
    except (TypeError, ValueError):  # lone surrogates, integers beyond 64 bits
        return repr(value)


def _count(value: Any, limit: int) -> int | Odd | None:
    if type(value) is int:
        return value if 0 <= value <= limit else ODD
    if value is None or isinstance(value, bool):
        return None
    number = _decimal(value)
    if number is None:
        return None
    return int(number) if 0 <= number <= limit and number == number.to_integral_value() else ODD


def _decimal(value: Any) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    written = value.strip()[:64] if isinstance(value, str) else _digits(value)
    if written is None:
        return None
    try:
        number = Decimal(written)
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number.adjusted()) <= 32 else None


def _nanoseconds(value: Any, factor: int) -> int | None:
    number = _decimal(value)
    if number is None or not 0 <= number * factor <= MAX_SECONDS * 10**9:
        return None
    return int(number * factor)


def _digits(value: float) -> str | None:
    """Python's own text of a number; integers beyond 2^63 have none here, so that no conversion is ever slow."""
    if isinstance(value, float):
        return repr(value) if math.isfinite(value) else None
    return str(value) if value.bit_length() <= 64 else None


def is_shallow(value: dict[Any, Any] | list[Any], levels: int = MAX_JSON_DEPTH) -> bool:
    """Whether a structure nests no deeper than so many levels."""
    level: list[Any] = [value]
    for _ in range(levels):
        level = [
            inner
            for outer in level
            for inner in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(inner, _STRUCTURES)
        ]
        if not level:
            return True
    return False
