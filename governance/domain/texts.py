"""A text in the two languages of the house, for words that are data and not part of a page."""

from __future__ import annotations

import re
from dataclasses import dataclass


def bound(text: str) -> str:
    """A French text whose marks keep to their words: no line ends before a colon or after an opening quotation mark."""
    return re.sub(r" (?=[:;?!»])|(?<=«) ", "\N{NO-BREAK SPACE}", text)


@dataclass(frozen=True, slots=True)
class Words:
    """The same thing said in English and in French."""

    en: str
    fr: str

    def in_language(self, language: str) -> str:
        """The French text for a French reader (`fr`, `fr-ca`…), else the English one."""
        return bound(self.fr) if language.startswith("fr") and self.fr else self.en
