"""The address of a list is its state. Here it is read and rewritten, never guessed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.http import QueryDict

PAGING = ("page", "after", "before")


@dataclass(frozen=True, slots=True)
class Address:
    """A path with its query string."""

    path: str
    given: QueryDict

    def href(self, *, drop: Iterable[str] = (), **changes: str | None) -> str:
        """The address with some words dropped and others set (None drops too). Empty words are left out."""
        words = self.given.copy()
        for name in drop:
            words.pop(name, None)
        for name, value in changes.items():
            if value is None:
                words.pop(name, None)
            else:
                words[name] = value
        return self._join(words)

    def first_page(self, *, drop: Iterable[str] = (), **changes: str | None) -> str:
        """As `href`, from the first page: what else changes makes the present page meaningless."""
        return self.href(drop=(*drop, *PAGING), **changes)

    def canonical(self) -> str:
        """The address without the empty words that forms send."""
        return self._join(self.given.copy())

    def hidden(self, *, but: Iterable[str]) -> list[tuple[str, str]]:
        """The words that a form must send along as hidden fields, without those it has fields for."""
        left_out = {*but, *PAGING}
        return [
            (name, value)
            for name, values in self.given.lists()
            if name not in left_out
            for value in values
            if value
        ]

    def _join(self, words: QueryDict) -> str:
        for name, values in list(words.lists()):
            kept = [value for value in values if value]
            words.setlist(name, kept)
            if not kept:
                words.pop(name)
        query = words.urlencode(safe=",:")
        return f"{self.path}?{query}" if query else self.path
