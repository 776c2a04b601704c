"""A request that is not taken: why, in words for its sender, and in the codes of HTTP and gRPC."""

from __future__ import annotations

from dataclasses import dataclass

from telemetry.domain import Reason
from telemetry.receiver.limits import RETRY_AFTER_S, RETRY_AFTER_STORE_S

# google.rpc.Code
INVALID_ARGUMENT = 3
NOT_FOUND = 5
PERMISSION_DENIED = 7
RESOURCE_EXHAUSTED = 8
UNIMPLEMENTED = 12
UNAVAILABLE = 14
UNAUTHENTICATED = 16


@dataclass(frozen=True, slots=True)
class Codes:
    """One reason in both protocols. `retry_after_s` is None where repeating the same request cannot help."""

    http: int
    grpc: int
    retry_after_s: int | None = None


CODES: dict[Reason, Codes] = {
    Reason.UNDECODABLE: Codes(400, INVALID_ARGUMENT),
    Reason.WRONG_SIGNAL: Codes(400, INVALID_ARGUMENT),
    Reason.UNSUPPORTED_TYPE: Codes(415, INVALID_ARGUMENT),
    Reason.TOO_LARGE: Codes(413, RESOURCE_EXHAUSTED),
    Reason.TOO_MANY_ITEMS: Codes(413, RESOURCE_EXHAUSTED),
    Reason.UNAUTHENTICATED: Codes(401, UNAUTHENTICATED),
    Reason.FORBIDDEN: Codes(403, PERMISSION_DENIED),
    Reason.BUSY: Codes(503, UNAVAILABLE, RETRY_AFTER_S),
    Reason.STORE_UNAVAILABLE: Codes(503, UNAVAILABLE, RETRY_AFTER_STORE_S),
}


class Refused(Exception):
    """The request is refused as a whole. The message names the limit or the mistake, never the content."""

    def __init__(self, reason: Reason, message: str) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message

    def bare(self) -> Refused:
        """The same without its traceback, whose frames would keep the hostile body in memory."""
        return Refused(self.reason, self.message)

    @property
    def codes(self) -> Codes:
        return CODES[self.reason]


def undecodable(message: str) -> Refused:
    """The refusal of a body that is not what its type says."""
    return Refused(Reason.UNDECODABLE, message)
