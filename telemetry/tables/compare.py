"""Declared beside observed, and what differs. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from ui.text import Text


class Difference(StrEnum):
    """How a name stands on both sides."""

    AGREES = "agrees"
    NOT_DECLARED = "not_declared"
    NOT_OBSERVED = "not_observed"


@dataclass(frozen=True, slots=True)
class Compared:
    """One name: declared, observed so many times, or both."""

    name: str
    difference: Difference
    observed: int | None
    href: str = ""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Declared and observed names of one kind. `declares` is False where the register says nothing of this kind."""

    label: Text
    lines: tuple[Compared, ...]
    declares: bool = True

    @property
    def differs(self) -> bool:
        return self.declares and any(line.difference is Difference.NOT_DECLARED for line in self.lines)


def compare(
    label: Text,
    *,
    declared: Mapping[str, str],
    observed: Mapping[str, int],
    normal: Callable[[str], str] = str.casefold,
    href: Callable[[str], str] = lambda _name: "",
    declares: bool = True,
) -> Comparison:
    """Lay declared names beside observed ones.

    `declared` maps every name that may truthfully be observed to the name to show; several may show the same.
    `normal` makes two spellings of a name equal.
    """
    allowed = {normal(name): shown for name, shown in declared.items()}
    found = [
        Compared(
            name,
            Difference.AGREES if not declares or normal(name) in allowed else Difference.NOT_DECLARED,
            count,
            href(name),
        )
        for name, count in observed.items()
    ]
    met = {allowed[normal(name)] for name in observed if normal(name) in allowed}
    missing = [
        Compared(shown, Difference.NOT_OBSERVED, None)
        for shown in _distinct(declared.values())
        if shown not in met
    ]
    return Comparison(label, (*found, *missing), declares)


def _distinct(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(names))
