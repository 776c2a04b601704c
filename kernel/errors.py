"""Errors that reach people: what happened, why, and what to do next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


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


class Forbidden(TutelaError):
    """The actor is known and may not do this."""

    code = "forbidden"
    status = 403


class Conflict(TutelaError):
    """The thing has changed since it was read, or its state does not allow this."""

    code = "conflict"
    status = 409
