"""The installation's signing key for exports: Ed25519, made on first use, in a file of its own (mode 0600)."""

from __future__ import annotations

import base64
import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from kernel.config import BadConfiguration

KEY_FILE = "signing-key.pem"


@dataclass(frozen=True, slots=True)
class Signer:
    """Signs, and says with which key. The private key never leaves this object."""

    _key: Ed25519PrivateKey

    @property
    def public(self) -> bytes:
        """The public key, 32 bytes."""
        return self._key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the public key, as 64 hexadecimal digits: what people compare."""
        return hashlib.sha256(self.public).hexdigest()

    def sign(self, message: bytes) -> bytes:
        """64 bytes (RFC 8032)."""
        return self._key.sign(message)


def signer(home: Path) -> Signer:
    """The installation's signer. Raises BadConfiguration when the key file is there and holds no such key."""
    path = home / KEY_FILE
    if not path.exists():
        _write_new_key(path)
    try:
        key = load_pem_private_key(path.read_bytes(), password=None)
    except (OSError, ValueError, TypeError) as error:
        raise BadConfiguration(
            f"{path} cannot be used ({error}). Put back the copy from your backup."
        ) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise BadConfiguration(
            f"{path} holds a key of another kind than Ed25519. Put back the copy from your backup."
        )
    return Signer(key)


def as_text(data: bytes) -> bytes:
    """Base64 with a line end, as key and signature lie in an export."""
    return base64.b64encode(data) + b"\n"


def _write_new_key(path: Path) -> None:
    """Written aside and linked into place: of two processes that start together, the first one's key wins."""
    pem = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    aside = path.with_name(f".{path.name}.{os.urandom(8).hex()}")
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(pem)
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(aside, path)
        except FileExistsError:
            return
    finally:
        aside.unlink()
