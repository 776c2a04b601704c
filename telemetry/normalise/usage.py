"""Tokens of one call, counted one way: totals include their parts."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from telemetry.domain import Usage


class CacheMode(StrEnum):
    """Where a sender counts cached tokens."""

    SUBSET = "subset"  # within the input tokens
    ADDITIVE = "additive"  # beside them
    UNKNOWN = "unknown"  # the numbers must say


class RawUsage(NamedTuple):
    """Token counts as the sender wrote them; the names are those of the mapping's fields."""

    input_tokens: int | None
    output_tokens: int | None
    cache_read_tokens: int | None
    cache_write_tokens: int | None
    reasoning_tokens: int | None
    total_tokens: int | None


_NO_PARTS = (None, None, None, None)


class CacheModes:
    """The `cache_modes` of the mapping: the first whose conditions all hold."""

    def __init__(self, entries: list[dict[str, str]]) -> None:
        self._entries = entries

    def mode(self, *, dialect: str, scope: str, provider: str | None) -> CacheMode:
        for entry in self._entries:
            if (
                entry.get("dialect", dialect) == dialect
                and scope.startswith(entry.get("scope", ""))
                and entry.get("provider", provider) == provider
            ):
                return CacheMode(entry["mode"])
        return CacheMode.UNKNOWN


def account(raw: RawUsage, mode: CacheMode) -> tuple[Usage, bool]:
    """The usage with totals that include their parts, and whether the sender's numbers contradict each other.

    1. Cached tokens are within the input unless the sender adds them, or they are more than the input, which proves
       that they are beside it.
    2. Reasoning tokens are within the output unless input + output + reasoning is the total, which proves otherwise.
    3. What then still does not fit is odd.
    """
    if (
        raw[2:] == _NO_PARTS
    ):  # nearly all: nothing that could be within or beside, and no total to hold them against
        return Usage(raw.input_tokens, raw.output_tokens), False
    total_input, odd_input = _input(raw, mode)
    total_output = raw.output_tokens
    if _reasoning_is_beside(raw, total_input):
        total_output = (raw.output_tokens or 0) + (raw.reasoning_tokens or 0)
    odd = (
        odd_input
        or _exceeds(raw.reasoning_tokens, total_output)
        or _total_differs(raw, total_input, total_output)
    )
    usage = Usage(
        input_tokens=total_input,
        output_tokens=total_output,
        cache_read_tokens=raw.cache_read_tokens,
        cache_write_tokens=raw.cache_write_tokens,
        reasoning_tokens=raw.reasoning_tokens,
    )
    return usage, odd


def _input(raw: RawUsage, mode: CacheMode) -> tuple[int | None, bool]:
    cached = (raw.cache_read_tokens or 0) + (raw.cache_write_tokens or 0)
    if raw.input_tokens is None or not cached:
        return raw.input_tokens, False
    if mode is CacheMode.ADDITIVE:
        return raw.input_tokens + cached, False
    if cached > raw.input_tokens:
        return raw.input_tokens + cached, mode is CacheMode.SUBSET
    return raw.input_tokens, False


def _reasoning_is_beside(raw: RawUsage, total_input: int | None) -> bool:
    if (
        not raw.reasoning_tokens
        or raw.output_tokens is None
        or raw.total_tokens is None
        or total_input is None
    ):
        return False
    return raw.total_tokens == total_input + raw.output_tokens + raw.reasoning_tokens


def _exceeds(part: int | None, whole: int | None) -> bool:
    return part is not None and whole is not None and part > whole


def _total_differs(raw: RawUsage, total_input: int | None, total_output: int | None) -> bool:
    """A stated total that is neither ours nor the sender's own sum."""
    if raw.total_tokens is None or total_input is None or total_output is None:
        return False
    return raw.total_tokens not in (
        total_input + total_output,
        (raw.input_tokens or 0) + (raw.output_tokens or 0),
    )
