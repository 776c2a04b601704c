"""The bearer tokens of endpoints: made, taken apart, compared. Only a keyed hash of the secret is ever kept.

Shape: `ttl_<kind>_<public id>_<secret>_<checksum>`. The prefix lets secret scanners find a leaked key, the public id
finds its row without hashing, the checksum tells a mistyped or truncated key from a wrong one.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import string
import zlib
from dataclasses import dataclass
from enum import StrEnum

BRAND = "ttl"
PUBLIC_ID_LENGTH = 8
SECRET_LENGTH = 43  # base62: 256 bits
CHECKSUM_LENGTH = 6
_ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase
_SHAPE = re.compile(
    rf"{BRAND}_([a-z]{{2}})_([0-9A-Za-z]{{{PUBLIC_ID_LENGTH}}})_([0-9A-Za-z]{{{SECRET_LENGTH}}})"
    rf"_([0-9A-Za-z]{{{CHECKSUM_LENGTH}}})",
    re.ASCII,
)


class TokenKind(StrEnum):
    """What a token opens."""

    ENDPOINT = "ep"
    API = "ap"


@dataclass(frozen=True, slots=True)
class Token:
    """A well-formed token. Its repr hides the secret, so that a log line or a traceback cannot leak it."""

    kind: str
    public_id: str
    secret: str

    def __repr__(self) -> str:
        return f"Token(kind={self.kind!r}, public_id={self.public_id!r}, secret=‹hidden›)"

    def text(self) -> str:
        """The whole token as its bearer writes it. Show it once."""
        body = f"{BRAND}_{self.kind}_{self.public_id}_{self.secret}"
        return f"{body}_{checksum(body)}"


def mint(kind: TokenKind) -> Token:
    """A new random token."""
    return Token(kind=kind.value, public_id=_random(PUBLIC_ID_LENGTH), secret=_random(SECRET_LENGTH))


def parse(text: str) -> Token | None:
    """The token that `text` spells, or None when its shape or checksum is wrong."""
    match = _SHAPE.fullmatch(text)
    if match is None:
        return None
    kind, public_id, secret, given = match.groups()
    body = text[: -(CHECKSUM_LENGTH + 1)]
    return Token(kind=kind, public_id=public_id, secret=secret) if checksum(body) == given else None


def digest(secret: str, *, pepper: bytes) -> bytes:
    """HMAC-SHA256 of the secret under the installation's pepper, 32 bytes: what the register stores.

    No slow hash: the secret carries 256 random bits.
    """
    return hmac.digest(pepper, secret.encode("ascii"), hashlib.sha256)


def matches(secret: str, *, pepper: bytes, expected: bytes) -> bool:
    """Whether the secret is the one behind the stored digest, in constant time."""
    return hmac.compare_digest(digest(secret, pepper=pepper), expected)


def checksum(body: str) -> str:
    """CRC-32 of everything before the last underscore, in base62, padded to six characters."""
    value = zlib.crc32(body.encode("ascii"))
    digits = ""
    while value:
        value, remainder = divmod(value, 62)
        digits = _ALPHABET[remainder] + digits
    return digits.rjust(CHECKSUM_LENGTH, "0")


def _random(length: int) -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))
