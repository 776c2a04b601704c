"""The shape of endpoint keys, so that a key that was cut off is found before the first request.

Shape: `ttl_<kind>_<public id, 8>_<secret, 43>_<checksum, 6>`, base62. The checksum is the CRC-32 of everything before
the last underscore.
"""

from __future__ import annotations

import re
import string
import zlib

from tutela import _problems
from tutela._problems import Problem

_ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase
_PREFIX = "ttl_ep_"
_API_PREFIX = "ttl_ap_"
_LENGTH = 66
_SHAPE = re.compile(r"ttl_ep_[0-9A-Za-z]{8}_[0-9A-Za-z]{43}_[0-9A-Za-z]{6}", re.ASCII)
_PRINTABLE = re.compile(r"[\x21-\x7e]+")


def clean(text: str) -> str:
    """The key without what pasting adds: blanks, quotes, the word Bearer."""
    text = text.strip().strip("\"'").strip()
    return text[7:].strip() if text[:7].lower() == "bearer " else text


def problem_of(key: str) -> Problem | None:
    """Why a key cannot be right, or None. Only keys that claim to be of Tutela are held to its shape."""
    if not _PRINTABLE.fullmatch(key):
        return _problems.of_key("it has a blank, a line break or an unusual character inside")
    if key.startswith(_API_PREFIX):
        return _problems.of_key("it is a key of the API (ttl_ap_); spans need an endpoint key")
    if not key.startswith(_PREFIX):
        return None
    return _problem_of_endpoint_key(key)


def _problem_of_endpoint_key(key: str) -> Problem | None:
    if len(key) < _LENGTH:
        return _problems.of_key(
            f"it was cut off when it was pasted: {len(key)} of {_LENGTH} characters are there"
        )
    if not _SHAPE.fullmatch(key):
        return _problems.of_key(
            f"it is not {_LENGTH} letters and digits in five parts: something was pasted with it"
        )
    body, _, given = key.rpartition("_")
    if checksum(body) != given:
        return _problems.of_key("its checksum does not match: a character is missing or was changed")
    return None


def checksum(body: str) -> str:
    """CRC-32 in base62, padded to six characters."""
    value, digits = zlib.crc32(body.encode("ascii")), ""
    while value:
        value, remainder = divmod(value, 62)
        digits = _ALPHABET[remainder] + digits
    return digits.rjust(6, "0")
