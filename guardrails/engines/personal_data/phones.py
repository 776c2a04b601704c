"""Telephone numbers: French ones by their shape, others as the numbering plans of the given regions allow.

`phonenumbers` decides, but only about stretches that look like a number; its own matcher walks the whole text once per
region and costs more than everything else together.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import phonenumbers

from guardrails.engines.personal_data.rules import Match, Need, Rule, words

_GAP = r"[ .\-\u00a0\u202f]?"
_FRENCH = re.compile(
    rf"(?<![\w+.,])(?:(?:\+|00)33{_GAP}(?:\(0\){_GAP})?|0)[1-9](?:{_GAP}\d{{2}}){{4}}(?![\w\-]|[.,]\d)",
    re.ASCII,
)
_ANY = re.compile(
    r"(?<![\w+.,/(\-])(?:\+\s?|00[ -]?)?\(?\d{1,15}(?:[ .\-/()\u00a0\u202f\u2011]{1,3}\d{1,7}){0,8}"
    r"(?:\s?(?:x|ext\.?|poste)\s?\d{1,6})?(?!\w|[\-.,]\d)",
    re.IGNORECASE,
)
_DATE = re.compile(
    r"(?:19|20)\d{2}[\-/. ]\d{1,2}[\-/. ]\d{1,4}(?:[ \-T.]\d.*)?|\d{1,2}[\-/. ]\d{1,2}[\-/. ](?:19|20)\d{2}"
)
_GROUPED = re.compile(r"\d{1,3}(?:[ .\u00a0\u202f]\d{3})+")
_SEPARATED = re.compile(r"\d[ .\-/()\u00a0\u202f]+\d")
_CALLED = words(
    "(?:tele|cell|smart|mobile)?[ -]?phones?(?: numbers?)?", r"tel(?:[ée]phone)?\.?", r"t[ée]l\.?", "t[ée]l[ée]phones?", "mobile", "cell(?:ular)?",
    "portables?", "fax", "call(?:ed|ing)?", "appel(?:er|ez|le)?", "appelez-(?:moi|nous)", "joindre", "joignable", "reach", "dial", "sms", "text me",
    "whatsapp", "num[ée]ro (?:est|c[’']est)", "contact", "ring", "hotline", "landline", "office", "home", "work", "bureau", "answer(?:ing|s)?", "r[ée]pondeur",
)  # fmt: skip
_IN_PARENTHESES = re.compile(r"\(\d{1,5}\)[ \-]?\d{2,4}[ \-]?\d{2,5}(?:[ \-]\d{2,4})?")
_MOST_TRIED = 2_000


class PhoneFinder:
    """Finds telephone numbers, national ones of the given regions (ISO 3166) and international ones of any."""

    def __init__(self, regions: Sequence[str]) -> None:
        unknown = sorted(set(regions) - set(phonenumbers.SUPPORTED_REGIONS))
        if unknown:
            raise ValueError(
                f"No telephone numbering plan is known for {', '.join(unknown)}: use ISO codes such as FR."
            )
        self.regions = tuple(regions)

    def __call__(self, text: str) -> Iterator[Match]:
        taken: list[tuple[int, int]] = []
        for match in _FRENCH.finditer(text):
            taken.append(match.span())
            yield Match(match.start(), match.end(), score=0.95 if _SEPARATED.search(match[0]) else 0.85)
        for tried, match in enumerate(_ANY.finditer(text)):
            if tried >= _MOST_TRIED:
                return
            if not any(start < match.end() and match.start() < end for start, end in taken):
                yield from self._judged(match)

    def _judged(self, match: re.Match[str]) -> Iterator[Match]:
        said = match[0]
        digits = sum(map(str.isdigit, said))
        if not 7 <= digits <= 21 or _DATE.fullmatch(said) or _GROUPED.fullmatch(said):
            return
        start = match.start()
        if said.startswith("(") and ")" not in said:
            start, said = start + 1, said[1:]
        score = self._score(said)
        if score is not None:
            yield Match(start, match.end(), score=score)

    def _score(self, said: str) -> float | None:
        """How sure a number is by itself; what is only possible needs to be called one nearby."""
        if said.startswith(("+", "00")):
            number = _parsed("+" + said.lstrip("+0 -"), None)
            if number is not None and phonenumbers.is_valid_number(number):
                return 0.95
            return 0.6 if number is not None and phonenumbers.is_possible_number(number) else 0.1
        separated = bool(_SEPARATED.search(said))
        for region in self.regions:
            number = _parsed(said, region)
            if number is not None and phonenumbers.is_valid_number(number):
                return 0.75 if separated or said.startswith("0") else 0.4
        return 0.55 if _IN_PARENTHESES.fullmatch(said) else 0.1


def _parsed(said: str, region: str | None) -> phonenumbers.PhoneNumber | None:
    try:
        return phonenumbers.parse(said, region)
    except phonenumbers.NumberParseException:
        return None


def rules(regions: Sequence[str]) -> tuple[Rule, ...]:
    """The rule of telephone numbers for these regions."""
    return (Rule("PHONE_NUMBER", PhoneFinder(regions), Need.DIGITS_5, alone=0.1, near=0.8, context=_CALLED),)
