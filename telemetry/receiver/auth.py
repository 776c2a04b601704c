"""Who sends: one bearer key, found, compared in constant time, and neither revoked nor expired."""

from __future__ import annotations

from collections.abc import Sequence

from kernel import clock, tokens
from kernel.contracts.ingest import KeyDirectory, KeyFacts
from telemetry.domain import Reason
from telemetry.receiver.refused import Refused

MAX_HEADER_CHARACTERS = 256
_ABSENT_DIGEST = bytes(32)
HOW_TO = "Send the header “Authorization: Bearer ttl_ep_…” with an endpoint key of this installation."


def token_of(headers: Sequence[str]) -> tokens.Token:
    """The well-formed endpoint token of the request's Authorization headers. Needs no look-up.

    Raises Refused when there is none, more than one, or something else than a bearer token of ours.
    """
    if not headers:
        raise _unauthenticated(f"This needs an endpoint key. {HOW_TO}")
    if len(headers) > 1:
        raise _unauthenticated("The request has more than one Authorization header.")
    scheme, _, text = headers[0].partition(" ")
    if len(headers[0]) > MAX_HEADER_CHARACTERS or scheme.lower() != "bearer":
        raise _unauthenticated(f"The Authorization header is no bearer token. {HOW_TO}")
    token = tokens.parse(text.strip())
    if token is None and not text.strip().startswith(f"{tokens.BRAND}_"):
        raise _unauthenticated(f"The key is none of Tutela's. {HOW_TO}")
    if token is None:
        raise _unauthenticated("The key is mistyped or cut short: its checksum does not fit.")
    if token.kind != tokens.TokenKind.ENDPOINT:
        raise Refused(
            Reason.FORBIDDEN, "This is no endpoint key; telemetry is sent with one that begins ttl_ep_."
        )
    return token


def authenticate(token: tokens.Token, *, keys: KeyDirectory, pepper: bytes) -> KeyFacts:
    """The key behind the token. May block while the directory looks it up.

    Raises Refused; a revoked or expired key is only named so to a bearer of its secret.
    """
    facts = keys.find(token.public_id)
    expected = facts.secret_digest if facts is not None else _ABSENT_DIGEST
    fits = tokens.matches(token.secret, pepper=pepper, expected=expected)
    if facts is None or not fits:
        raise _unauthenticated("This installation does not know the key.")
    if facts.revoked_ns is not None and facts.revoked_ns <= clock.now_ns():
        raise _unauthenticated(f"The key {facts.public_id} has been revoked. Ask for a new one.")
    if facts.expires_ns is not None and facts.expires_ns <= clock.now_ns():
        raise _unauthenticated(f"The key {facts.public_id} has expired. Ask for a new one.")
    return facts


def _unauthenticated(message: str) -> Refused:
    return Refused(Reason.UNAUTHENTICATED, message)
