"""A text in the two languages of the house, for words that are data and not part of a page."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Words:
    """The same thing said in English and in French."""

    en: str
    fr: str

    def in_language(self, language: str) -> str:
        """The French text for a French reader (`fr`, `fr-ca`…), else the English one."""
        return self.fr if language.startswith("fr") and self.fr else self.en
