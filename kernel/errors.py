"""Errors that reach people: what happened, why, and what to do next."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


class TutelaError(Exception):
    """An error whose text is meant for the person who caused it.

    `message` may be a lazy translation; `code` is a stable word for programs; `fields` names bad inputs, each with
    the messages that belong to it.
    """

    code = "error"
    status = 400

    def __init__(
        self,
        message: object,
        *,
        code: str | None = None,
        fields: Mapping[str, Sequence[object]] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or self.code
        self.fields: dict[str, list[object]] = {name: list(texts) for name, texts in (fields or {}).items()}

    def __str__(self) -> str:
        return str(self.message)


class Invalid(TutelaError):
    """The input cannot be accepted as it is."""

    code = "invalid"
    status = 422


class NotFound(TutelaError):
    """There is no such thing, or the actor may not know of it."""

    code = "not_found"
    status = 404


@dataclass(frozen=True, slots=True)
class Thing:
    """What somebody wanted to act on, as the ledger names it."""

    type: str
    id: str
    unit_id: uuid.UUID | None = None


class Forbidden(TutelaError):
    """The actor is known and may not do this. `thing` says to what, where that is known when they are refused."""

    code = "forbidden"
    status = 403

    def __init__(self, message: object, *, code: str | None = None, thing: Thing | None = None) -> None:
        super().__init__(message, code=code)
        self.thing = thing


class Conflict(TutelaError):
    """The thing has changed since it was read, or its state does not allow this."""

    code = "conflict"
    status = 409
