"""Postal addresses: French, British and American ones by their parts, a few others by the word for street.

One leak is a leak, but a number and a word are no address: each shape asks for a number and a way, or a postcode and a
town.
"""

from __future__ import annotations

import re

from guardrails.engines.personal_data.rules import Need, Rule, pattern, words

_UP = r"[A-ZÀ-ÖØ-Þ]"
_NAME = rf"(?:(?:Saint|St|Ste|Mt|Ft|Dr|Gal|Mal|Pdt|{_UP})\.|(?:[dlDL]['’])?{_UP}[\w'’\-]*)"
_TOWN = rf"{_NAME}(?:[ \-](?:{_NAME}|(?:de|du|des|la|le|les|en|sur|sous|lès|aux|à|on|upon|of|the|cedex|CEDEX)\b|\d{{1,2}}\b(?!\d))){{0,5}}"
_BREAK = r"(?:\s*[,;–\-]\s*|\s*\n[\s>|*?]{0,6}|\s+)"
"""Between the parts of an address; mail that is quoted has marks at the beginning of its lines."""

_WAY = (
    r"(?:rue|r\.|avenue|av\.?|ave\.?|boulevard|boul\.?|bd\.?|blvd\.?|place|pl\.|allées?|all\.|impasse|imp\.?|chemin|ch\.|che\.?|route|rte\.?|quai|cours|square|sq\.|"
    r"passage|villa|cité|faubourg|fg\.?|résidence|rés\.|lotissement|hameau|lieu-dit|esplanade|promenade|rond-point|sentier|traverse|montée|venelle|"
    r"mail|ruelle|voie|côte|clos|parvis|zone|z\.?a\.?c?\.?|z\.?i\.?|domaine|parc|galerie|levée|sente)"
)
_LINK_FR = r"(?:de|du|des|la|le|les|l['’]|d['’]|et|sur|en|aux|au|à|sous|mai|juin|juillet|août|septembre|novembre|mars|avril|février|octobre|décembre|janvier)"
_NUMBER_FR = r"(?<![\w.,/\-])\d{1,4}(?:\s?(?:bis|ter|quater|[A-Da-d])(?!\w))?(?:\s?[\-/]\s?\d{1,4})?\s*,?\s+"
_CITY_FR = rf"(?:{_BREAK}(?:BP|CS|TSA)\s?\d{{1,6}})?(?:{_BREAK}(?:F-)?\d{{5}}\s+{_TOWN}(?:{_BREAK}France)?)"
_FRENCH = rf"{_NUMBER_FR}(?i:{_WAY})\s+(?:(?:{_LINK_FR}(?!\w)\s*|{_NAME}\s?|\d{{1,4}}(?!\d)\s?)){{1,9}}(?<=[\w.])(?:{_CITY_FR})?"
_FRENCH_PLAIN = (
    r"(?<![\w.,/\-])(?:\d{1,4}(?:\s?(?:bis|ter|quater))?\s*,?\s+)?"
    + _WAY
    + r"(?:\s+[^\W\d_][\w'’.\-]*|\s+\d{1,4}(?!\d)){1,7}\s*[,\n\-]?\s*"
    r"(?:F-)?\d{5}\s+[^\W\d_][\w'’\-]+(?:[\-\s](?:sur|en|les|le|la|saint|sainte|cedex)[\-\s]?[^\W\d_]*[\w\-]*){0,2}"
)

_STREET = (
    r"(?:Streets?|St|Roads?|Rd|Avenue|Ave|Av|Lane|Ln|Drive|Dr|Boulevard|Blvd|Court|Ct|Place|Pl|Square|Sq|Terrace|Ter|Way|Close|Crescent|Cres|"
    r"Parkway|Pkwy|Highway|Hwy|Circle|Cir|Trail|Trl|Row|Mews|Gardens?|Grove|Hill|Walk|Alley|Loop|Plaza|Turnpike|Pike|Rise|Parade|Quay|Wharf|Vale)"
)
_STATE = r"(?:A[KLRZ]|C[AOT]|D[CE]|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]|O[HKR]|PA|PR|RI|S[CD]|T[NX]|UT|V[AT]|W[AIVY])"
_ZIP = r"\d{5}(?:-\d{4})?"
_UK_CODE = r"[A-Z]{1,2}\d[A-Z\d]?\s?\d[ABD-HJLNP-UW-Z]{2}"
_ANY_CODE = rf"(?:{_UK_CODE}|{_ZIP}|[A-Z]\d[A-Z]\s?\d[A-Z]\d|\d{{4}}\s?[A-Z]{{2}}|\d{{3,6}}(?:-\d{{2,4}})?)"
_UNIT = r"(?:(?:Apt|Apartment|Suite|Ste|Unit|Flat|Room|Floor|Fl|Bldg|Building|#)\.?\s?#?\s?[\w\-]{1,6})"
_PLACE_EN = (
    rf"(?:{_BREAK}{_TOWN}){{0,2}}(?:{_BREAK}{_STATE}(?!\w))?(?:{_BREAK}{_ANY_CODE}(?!\w)(?:\s+{_TOWN})?)?"
)
_ENGLISH = (
    rf"(?:{_UNIT},\s)?(?<![\w.,/\-])(?:\d{{1,4}}\s)?\d{{1,6}}[A-Za-z]?(?:[\-/]\d{{1,5}})?,?\s(?:[NSEW]\.?\s|(?:North|South|East|West)\s)?"
    rf"(?:(?:{_NAME}|\d{{1,3}}(?:st|nd|rd|th))\s){{1,4}}{_STREET}(?!\w)\.?(?:{_BREAK}{_UNIT})?{_PLACE_EN}"
)
_WITH_UNIT = rf"(?<![\w.,/\-])\d{{1,6}}\s(?:(?:[^\W\d_][\w'’.\-]*|\d{{1,4}})\s){{1,6}}(?:{_BREAK})?{_UNIT}(?!\w)(?:{_BREAK}{_TOWN}){{0,2}}(?:{_BREAK}{_ANY_CODE}(?!\w))?"
_ELSEWHERE = (
    rf"(?<!\w)(?:\d{{1,4}}\s)?(?:{_UP}[\w\-]{{2,24}}(?:straße|strasse|str\.|gasse|weg|platz|allee|straat|laan|gracht|vej|vägen|gatan|gade|gata|veien)"
    rf"|(?:Via|Viale|Piazza|Corso|Calle|C/|Avenida|Plaza|Paseo|Rua|Avenida|Ul\.|ul\.)\s(?:(?:{_NAME}|de|del|della|la|do|da)\s?){{1,4}}),?\s?\d{{1,5}}[a-z]?(?!\w)"
    rf"(?:{_BREAK}{_UNIT}(?!\w))?(?:{_BREAK}{_ANY_CODE}(?!\w))?(?:\s+{_TOWN})?"
)
_BOX = rf"(?<!\w)(?:P\.?\s?O\.?\s?Box|BP|Boîte postale|Postfach)\s\d{{1,6}}(?!\w)(?:{_BREAK}(?:{_TOWN}|{_ZIP}\s{_TOWN}))?"
_UNITS = r"(?!(?:Euros?|EUR|USD|Dollars?|Personnes?|Employees|Users|Tokens?|Kg|Km|Watts?|KWh|GB|MB|Hz|MHz|RPM|Items?|Steps?|Rows?)\b)"
_ADDRESS = words(
    "addresse?s?", "adresses?", "domicile", "domicili[ée]e?", "habite", "demeurant", "r[ée]side", "r[ée]sidant", "live[sd]?(?: (?:at|in))?", "located",
    "ship(?:ping|ped)?", "deliver(?:ed|y)?", "livr(?:er|aison)", "mail(?:ing)?", "post", "postcode", "zip(?: code)?", "code postal", "ville", "city", "street",
    "rue", "moved?(?: to)?", "si[èe]ge",
)  # fmt: skip

RULES = (
    Rule("ADDRESS", pattern(_FRENCH), Need.DIGITS_2, alone=0.85),
    Rule("ADDRESS", pattern(_FRENCH_PLAIN, flags=re.IGNORECASE), Need.DIGITS_5, alone=0.85),
    Rule("ADDRESS", pattern(_ENGLISH), Need.DIGITS_2 | Need.CAPITAL, alone=0.8),
    Rule("ADDRESS", pattern(_WITH_UNIT, flags=re.IGNORECASE), Need.DIGITS_2, alone=0.75),
    Rule("ADDRESS", pattern(_ELSEWHERE), Need.DIGITS_2 | Need.CAPITAL, alone=0.75),
    Rule("ADDRESS", pattern(_BOX), Need.DIGITS_2, alone=0.75),
    Rule(
        "POSTCODE",
        pattern(rf"(?<![\w.,/\-])(?:F-)?(?:0[1-9]|[1-8]\d|9[0-8])\d{{3}}\s{_UNITS}{_TOWN}"),
        Need.DIGITS_5 | Need.CAPITAL,
        alone=0.55,
        near=0.85,
        context=_ADDRESS,
    ),
    Rule(
        "POSTCODE",
        pattern(rf"(?<![\w.,/\-]){_UK_CODE}(?![\w\-])"),
        Need.DIGITS_2 | Need.CAPITAL,
        alone=0.55,
        near=0.85,
        context=_ADDRESS,
    ),
    Rule(
        "POSTCODE",
        pattern(rf"(?<!\w){_STATE}\s{{1,2}}{_ZIP}(?![\w\-])"),
        Need.DIGITS_5 | Need.CAPITAL,
        alone=0.75,
        near=0.9,
        context=_ADDRESS,
    ),
)
