"""What the French state and its registers give to people and companies, with its check digits, and plates."""

from __future__ import annotations

import re
from collections.abc import Callable

from guardrails.engines.personal_data import digits
from guardrails.engines.personal_data.generic import GAP
from guardrails.engines.personal_data.rules import Need, Rule, pattern, words

_EDGE = r"(?<![\w\-])"
_END = r"(?![\w\-]|[.,]\d)"


def _checked(check: Callable[[str], bool]) -> Callable[[str], bool]:
    return lambda text: check(digits.bare(text))


def _nir(text: str) -> bool | None:
    """Thirteen characters without a key cannot be checked."""
    value = digits.bare(text)
    return None if len(value) == 13 else digits.nir(value)


def _mixed(text: str) -> bool:
    """Document numbers mix digits with letters; words and plain numbers are none."""
    return sum(map(str.isdigit, text)) >= 4 and any(map(str.isalpha, text))


_NIR_BODY = rf"[123478]{GAP}\d{{2}}{GAP}(?:0[1-9]|1[0-2]|[23]\d|4[0-2]|[5-9]\d){GAP}(?:\d{{2}}|2[ABab]){GAP}\d{{3}}{GAP}\d{{3}}"
_SIV = "[A-HJ-NP-TV-Z]{2}"
_SECURITY = words(
    "nir", "nirpp", r"n(?:um[ée]ro|°|o)? ?(?:de )?(?:s[ée]cu(?:rit[ée] sociale)?|ss)", "s[ée]cu(?:rit[ée] sociale)?", "insee", "assur[ée]e?",
    "carte vitale", "social security", "immatriculation",
)  # fmt: skip
_COMPANY = words(
    "siren", "siret", "rcs", r"r\.c\.s\.?", "immatricul[ée]e?", "soci[ée]t[ée]", "entreprise", "[ée]tablissement", "sasu?", "sarl", "eurl",
    "micro-?entreprise", "auto-?entrepreneur", "tva", "company",
)  # fmt: skip
_IDENTITY = words(
    "cni", "cnie", "carte (?:nationale )?d[’']identit[ée]", "identit[ée]", "id card", "identity (?:card|document)",
    "pi[èe]ce d[’']identit[ée]",
)  # fmt: skip
_RESIDENCE = words(
    "titre de s[ée]jour", "carte de (?:s[ée]jour|r[ée]sident)", "r[ée]c[ée]piss[ée]", "agdref", "num[ée]ro (?:d[’'])?[ée]tranger",
    "residence permit",
)  # fmt: skip
_VEHICLE = words(
    "plaques?", "immatricul[ée]e?s?", "immatriculation", "v[ée]hicules?", "voitures?", "carte grise", "camion", "moto", "scooter",
    r"(?:licen[cs]e|number|registration) plates?", "plates?", "vehicle", "car", "registered", "vin",
)  # fmt: skip

RULES = (
    Rule(
        "FR_NIR",
        pattern(rf"{_EDGE}{_NIR_BODY}(?:(?:{GAP}|\s?/\s?)\d{{2}})?{_END}", _nir),
        Need.DIGITS_9,
        alone=0.0,
        near=0.85,
        unchecked=0.7,
        context=_SECURITY,
    ),
    Rule(
        "FR_NIR",
        pattern(rf"{_EDGE}{_NIR_BODY}(?:{GAP}|\s?/\s?)\d{{2}}{_END}", _checked(digits.nir)),
        Need.DIGITS_9,
        alone=1.0,
    ),
    Rule(
        "FR_SIRET",
        pattern(rf"{_EDGE}\d{{3}}{GAP}\d{{3}}{GAP}\d{{3}}{GAP}\d{{5}}{_END}", _checked(digits.siret)),
        Need.DIGITS_9,
        alone=0.6,
        near=1.0,
        unchecked=0.5,
        context=_COMPANY,
    ),
    Rule(
        "FR_SIREN",
        pattern(rf"{_EDGE}\d{{3}}{GAP}\d{{3}}{GAP}\d{{3}}{_END}", _checked(digits.siren)),
        Need.DIGITS_9,
        alone=0.3,
        near=0.97,
        context=_COMPANY,
    ),
    Rule(
        "FR_VAT",
        pattern(
            rf"{_EDGE}[Ff][Rr]{GAP}\d{{2}}{GAP}\d{{3}}{GAP}\d{{3}}{GAP}\d{{3}}{_END}",
            _checked(digits.french_vat),
        ),
        Need.DIGITS_9,
        alone=1.0,
        unchecked=0.7,
        context=words("tva", "vat", "intracommunautaire", "n° de tva"),
    ),
    Rule(
        "FR_ID_CARD",
        pattern(rf"{_EDGE}\d{{12}}{_END}"),
        Need.DIGITS_9,
        alone=0.0,
        near=0.85,
        context=_IDENTITY,
    ),
    Rule(
        "FR_ID_CARD",
        pattern(rf"{_EDGE}(?P<v>(?=[A-Z0-9]*[A-Z])(?=(?:[A-Z]*\d){{2}})[A-Z0-9]{{9}})(?:\s?<?\d)?{_END}"),
        Need.DIGITS_2 | Need.CAPITAL,
        alone=0.0,
        near=0.8,
        context=_IDENTITY,
    ),
    Rule(
        "PASSPORT",
        pattern(rf"{_EDGE}\d{{2}} ?[A-Z]{{2}} ?\d{{5}}{_END}"),
        Need.DIGITS_5 | Need.CAPITAL,
        alone=0.3,
        near=0.9,
        context=words("passe?ports?"),
    ),
    Rule(
        "FR_RESIDENCE_PERMIT",
        pattern(
            rf"{_EDGE}[A-Z0-9]{{9,12}}{_END}", lambda text: None if _mixed(text) or text.isdigit() else False
        ),
        Need.DIGITS_5,
        alone=0.0,
        near=0.8,
        context=_RESIDENCE,
    ),
    Rule(
        "FR_PLATE",
        pattern(rf"{_EDGE}(?!SS)(?!WW){_SIV}-\d{{3}}-(?!SS){_SIV}{_END}"),
        Need.DIGITS_2 | Need.CAPITAL,
        alone=0.75,
        near=0.95,
        context=_VEHICLE,
    ),
    Rule(
        "FR_PLATE",
        pattern(rf"{_EDGE}(?!SS){_SIV} ?\d{{3}} ?{_SIV}{_END}", flags=re.IGNORECASE),
        Need.DIGITS_2,
        alone=0.3,
        near=0.85,
        context=_VEHICLE,
    ),
    Rule(
        "FR_PLATE",
        pattern(
            rf"{_EDGE}[1-9]\d{{0,3}}[ \-]?[A-HJ-NP-TV-Z]{{2,3}}[ \-]?(?:0[1-9]|[1-8]\d|9[0-5]|2[AB]|97[1-6]){_END}"
        ),
        Need.DIGITS_2 | Need.CAPITAL,
        alone=0.0,
        near=0.7,
        context=_VEHICLE,
    ),
)
