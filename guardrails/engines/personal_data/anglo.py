"""What British and American registers give to people, and the documents that every country numbers in its own way."""

from __future__ import annotations

from guardrails.engines.personal_data import digits
from guardrails.engines.personal_data.rules import Need, Rule, pattern, words

_EDGE = r"(?<![\w\-])"
_END = r"(?![\w\-]|[.,]\d)"
_LICENCE = words(
    r"driv(?:er|ing)(?:[’']?s)? licen[cs]e",
    "licen[cs]e (?:number|no)",
    "dl",
    "permis(?: de conduire)?",
    "licencia",
    "dvla",
)


def _few_letters(text: str) -> bool | None:
    """No answer where a text has at least five digits: it can be a document's number."""
    return None if sum(map(str.isdigit, text)) >= 5 else False


def _nhs(text: str) -> bool:
    return digits.nhs(digits.bare(text))


def _ssn(text: str) -> bool | None:
    area, group, serial = digits.bare(text)[:3], digits.bare(text)[3:5], digits.bare(text)[5:]
    given = area not in {"000", "666"} and area < "900" and group != "00" and serial != "0000"
    return None if given and digits.bare(text) not in {"123456789", "078051120", "219099999"} else False


RULES = (
    Rule(
        "US_SSN",
        pattern(rf"{_EDGE}\d{{3}}-\d{{2}}-\d{{4}}{_END}", _ssn),
        Need.DIGITS_9,
        alone=0.8,
        near=1.0,
        unchecked=0.6,
        context=words("ssn", "social security(?: (?:number|no))?", "ssns", "ssid"),
    ),
    Rule(
        "US_SSN",
        pattern(rf"{_EDGE}\d{{3}}[ .]?\d{{2}}[ .]?\d{{4}}{_END}", _ssn),
        Need.DIGITS_9,
        alone=0.0,
        near=0.8,
        context=words("ssn", "social security(?: (?:number|no))?"),
    ),
    Rule(
        "UK_NHS",
        pattern(rf"{_EDGE}\d{{3}}[ \-]?\d{{3}}[ \-]?\d{{4}}{_END}", _nhs),
        Need.DIGITS_9,
        alone=0.3,
        near=0.98,
        context=words("nhs(?: (?:number|no))?", "national health service", "patient(?: (?:id|number|no))?"),
    ),
    Rule(
        "UK_NINO",
        pattern(
            rf"{_EDGE}(?!BG|GB|NK|KN|TN|NT|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d{{2}} ?\d{{2}} ?\d{{2}} ?[A-D]{_END}"
        ),
        Need.DIGITS_5 | Need.CAPITAL,
        alone=0.7,
        near=0.95,
        context=words("nino?", "national insurance(?: (?:number|no))?"),
    ),
    Rule(
        "PASSPORT",
        pattern(rf"{_EDGE}[A-Z]{{0,2}}\d{{6,9}}{_END}", _few_letters),
        Need.DIGITS_5,
        alone=0.0,
        near=0.75,
        context=words("passe?ports?"),
    ),
    Rule(
        "DRIVING_LICENCE",
        pattern(rf"{_EDGE}[A-Z9]{{5}}\d[0156]\d[0-3]\d\d[A-Z9]{{2}}[A-Z0-9]{{3}}{_END}"),
        Need.DIGITS_5 | Need.CAPITAL,
        alone=0.7,
        near=0.95,
        context=_LICENCE,
    ),
    Rule(
        "DRIVING_LICENCE",
        pattern(rf"{_EDGE}[A-Z]{{0,3}}-?\d[\d\- ]{{4,14}}\d{_END}", _few_letters),
        Need.DIGITS_5,
        alone=0.0,
        near=0.7,
        context=_LICENCE,
    ),
)
