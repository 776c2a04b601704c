"""AES-256-GCM with a fresh nonce: the one way this package encrypts."""

from __future__ import annotations

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE_BYTES = 12


class SealBroken(ValueError):
    """The sealed bytes are not what was sealed under this key for this place."""


def seal(plain: bytes, *, key: bytes, place: bytes) -> bytes:
    """Nonce (12 bytes) ‖ ciphertext ‖ tag (16 bytes), bound to `place` (the additional data)."""
    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, plain, place)


def unseal(sealed: bytes, *, key: bytes, place: bytes) -> bytes:
    """The plain bytes. Raises SealBroken when key, place or bytes are not those of the sealing."""
    try:
        return AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], place)
    except (InvalidTag, ValueError) as error:
        raise SealBroken("sealed content does not open with this key in this place") from error
