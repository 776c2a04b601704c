"""Numbers however they are written: 1,000 = 1 000 = 1.000, 3,5 = 3.5, 6 pm = 18:00 = 18 h, 2 million, six, 2024-03-12."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass

from guardrails.engines.groundedness.words import blanked, folded

_SPACES = " \u00a0\u202f\u2009"
_NUMBER = rf"\d{{1,3}}(?:[{_SPACES}]\d{{3}}(?!\d))+(?:[.,]\d{{1,9}})?|\d{{1,18}}(?:[.,'’]\d{{1,9}}){{0,6}}"
_SCALES = {
    "k": 10**3, "thousand": 10**3, "mille": 10**3, "m": 10**6, "mn": 10**6, "million": 10**6, "millions": 10**6,
    "bn": 10**9, "billion": 10**9, "billions": 10**9, "milliard": 10**9, "milliards": 10**9, "md": 10**9,
}  # fmt: skip
_UNITS = {
    "%": "%", "percent": "%", "per cent": "%", "pour cent": "%", "pourcent": "%",
    "€": "eur", "euro": "eur", "euros": "eur", "eur": "eur", "$": "usd", "dollar": "usd", "dollars": "usd", "usd": "usd",
    "£": "gbp", "pound": "gbp", "pounds": "gbp", "gbp": "gbp",
    "day": "day", "days": "day", "jour": "day", "jours": "day", "week": "week", "weeks": "week", "semaine": "week",
    "semaines": "week", "month": "month", "months": "month", "mois": "month", "year": "year", "years": "year",
    "an": "year", "ans": "year", "annee": "year", "annees": "year", "année": "year", "années": "year",
    "hour": "hour", "hours": "hour", "heure": "hour", "heures": "hour", "minute": "minute", "minutes": "minute",
    "min": "minute", "km": "km", "kg": "kg", "mg": "mg", "g": "g", "mm": "mm", "cm": "cm", "m²": "m2", "l": "l",
    "°c": "c", "kwh": "kwh", "kw": "kw", "gb": "gb", "go": "gb", "mb": "mb", "mo": "mb",
}  # fmt: skip
_UNIT_WORDS = "|".join(sorted(map(re.escape, _UNITS), key=len, reverse=True))
_SCALE_WORDS = "|".join(sorted(_SCALES, key=len, reverse=True))
_PLAIN = re.compile(
    rf"(?<![\w.,])(?<![^\W\d_]-)(?P<before>[€$£]\s?)?(?P<number>{_NUMBER})(?P<ordinal>st|nd|rd|th|er|re|ere|ère|e|eme|ème|nde?)?"
    rf"(?![^\W\d_]{{0,2}}\d)(?:[{_SPACES}-]?(?P<scale>{_SCALE_WORDS})\b)?(?:[{_SPACES}-]?(?P<unit>{_UNIT_WORDS})(?!\w))?",
    re.IGNORECASE,
)
_TIME = re.compile(
    rf"(?<![\w.,:])(?:(?P<hour>\d{{1,2}})(?::(?P<minute>[0-5]\d)(?::[0-5]\d)?)(?:[{_SPACES}]?(?P<half>[ap])\.?m\b\.?)?"
    rf"|(?P<hour2>\d{{1,2}})[{_SPACES}]?(?P<half2>[ap])\.?m\b\.?"
    rf"|(?P<hour3>\d{{1,2}})[{_SPACES}]?h(?:eures?)?(?:[{_SPACES}]?(?P<minute3>[0-5]\d))?)(?!\w|[.:]\d)",
    re.IGNORECASE,
)
_DATE = re.compile(
    r"(?<![\w./-])(?:(?P<y>[12]\d{3})-(?P<m>\d{2})-(?P<d>\d{2})|(?P<d2>\d{1,2})[/.](?P<m2>\d{1,2})[/.](?P<y2>[12]\d{3}))(?![\w/-])"
)
SPELLED = {
    "zero": 0, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16, "seventeen": 17,
    "eighteen": 18, "nineteen": 19, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70,
    "eighty": 80, "ninety": 90, "hundred": 100, "deux": 2, "trois": 3, "quatre": 4, "cinq": 5, "sept": 7, "huit": 8,
    "neuf": 9, "dix": 10, "onze": 11, "douze": 12, "treize": 13, "quatorze": 14, "quinze": 15, "seize": 16, "vingt": 20,
    "trente": 30, "quarante": 40, "cinquante": 50, "soixante": 60, "cent": 100, "cents": 100,
}  # fmt: skip
_SPELLED_WORD = re.compile(rf"\b(?:{'|'.join(SPELLED)})\b(?!-)", re.IGNORECASE)
MONTHS = {
    name: number
    for number, names in enumerate(
        (
            ("january", "jan", "janvier"), ("february", "feb", "fevrier"), ("march", "mar", "mars"),
            ("april", "apr", "avril"), ("may", "mai"), ("june", "jun", "juin"), ("july", "jul", "juillet"),
            ("august", "aug", "aout"), ("september", "sep", "sept", "septembre"), ("october", "oct", "octobre"),
            ("november", "nov", "novembre"), ("december", "dec", "decembre"),
        ),
        start=1,
    )
    for name in names
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Number:
    """A number at [start, end): every value it may mean (1,500 is 1500 to some and 1.5 to others), and its unit."""

    start: int
    end: int
    values: frozenset[str]
    unit: str | None = None


def numbers(text: str) -> list[Number]:
    """The numbers of a text, in no particular order."""
    text = blanked(text)
    found: list[Number] = []
    taken: list[tuple[int, int]] = []
    if any(map(str.isdigit, text)):
        for reader, pattern in ((_date, _DATE), (_time, _TIME), (_plain, _PLAIN)):
            fresh: list[tuple[int, int]] = []
            for match in pattern.finditer(text):
                read = [] if _overlaps(match.span(), taken) else list(reader(match))
                found += read
                fresh += [match.span()] if read else []
            taken = sorted(taken + fresh)
    found += [
        Number(*match.span(), frozenset({str(SPELLED[match[0].lower()])}))
        for match in _SPELLED_WORD.finditer(text)
    ]
    return found


class NumberSet:
    """The numbers of a source: does it know this one?"""

    def __init__(self, text: str) -> None:
        self._units: dict[str, set[str | None]] = {}
        for number in numbers(text):
            for value in number.values:
                self._units.setdefault(value, set()).add(number.unit)
        self._months = {
            str(MONTHS[word]) for word in re.findall(r"[^\W\d_]{3,9}", folded(text)) if word in MONTHS
        }

    def knows(self, number: Number) -> bool:
        """Whether a value of it stands there, with its unit or without any."""
        if number.unit == "month-of-year" and number.values & self._months:
            return True
        if number.unit == "time":
            return any(self._knows_time(value) for value in number.values)
        return any(
            number.unit is None or None in units or number.unit in units
            for value in number.values
            if (units := self._units.get(value)) is not None
        )

    def _knows_time(self, value: str) -> bool:
        """A clock time by its hours and minutes; its bare hour only where the source gives no time of day with it."""
        units = self._units.get(value, set())
        return bool(units) if ":" in value else bool(units - {"time"})


def _overlaps(span: tuple[int, int], taken: list[tuple[int, int]]) -> bool:
    """Whether a span touches one of those taken before, which are sorted and apart."""
    place = bisect_left(taken, span)
    return any(start < span[1] and span[0] < end for start, end in taken[max(0, place - 1) : place + 1])


def _date(match: re.Match[str]) -> Iterator[Number]:
    year, month, day = (
        match["y"] or match["y2"],
        int(match["m"] or match["m2"]),
        int(match["d"] or match["d2"]),
    )
    span = match.span()
    yield Number(*span, frozenset({year}))
    if match["y"] or day > 12 or month > 12 or day == month:
        month, day = (month, day) if month <= 12 else (day, month)
        yield Number(*span, frozenset({str(day)}))
        yield Number(*span, frozenset({str(month)}), "month-of-year")
    else:  # 03/04/2024: which is the month depends on who writes
        yield Number(*span, frozenset({str(day), str(month)}))


def _time(match: re.Match[str]) -> Iterator[Number]:
    hour = int(match["hour"] or match["hour2"] or match["hour3"])
    minute = int(match["minute"] or match["minute3"] or 0)
    half = (match["half"] or match["half2"] or "").lower()
    if hour > 24 or (half and hour > 12):
        return
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    values = {f"{hour:02d}:{minute:02d}"}
    if not minute:
        values |= {str(hour), str(hour % 12 or 12)} if half else {str(hour)}
    yield Number(*match.span(), frozenset(values), "time")


def _plain(match: re.Match[str]) -> Iterator[Number]:
    scale = _SCALES.get((match["scale"] or "").lower(), 1)
    values = frozenset(_scaled(value, scale) for value in _readings(match["number"]))
    unit = _UNITS.get((match["unit"] or match["before"] or "").strip().lower())
    yield Number(match.start(), match.end(), values, unit)


def _readings(said: str) -> set[str]:
    """What a written number may mean."""
    for space in _SPACES:
        said = said.replace(space, "")
    said = said.replace("’", "'").replace("'", "")
    marks = [letter for letter in said if letter in ".,"]
    if not marks:
        return {_plainly(said)}
    *groups, last = re.split(r"[.,]", said)
    thousands = all(len(group) == 3 for group in [*groups[1:], last]) and len(groups[0]) <= 3
    if len(marks) == 1:
        readings = {_plainly(f"{groups[0]}.{last}")}
        return readings | {_plainly(groups[0] + last)} if thousands else readings
    if thousands and len(set(marks)) == 1:
        return {_plainly("".join([*groups, last]))}
    if (
        marks[-1] not in marks[:-1]
        and len(set(marks[:-1])) == 1
        and all(len(group) == 3 for group in groups[1:])
    ):
        return {_plainly(f"{''.join(groups)}.{last}")}
    return {said}  # a version, a section, an address: only itself


def _plainly(said: str) -> str:
    whole, _, part = said.partition(".")
    part = part.rstrip("0")
    whole = whole.lstrip("0") or "0"
    return f"{whole}.{part}" if part else whole


def _scaled(value: str, scale: int) -> str:
    if scale == 1 or value.count(".") > 1:
        return value
    whole, _, part = value.partition(".")
    digits = len(str(scale)) - 1
    return _plainly(f"{whole}{part[:digits]:0<{digits}}.{part[digits:]}")
