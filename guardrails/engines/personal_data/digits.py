"""Check digits: whether a number can be one that somebody was given. Pure; separators must be gone already."""

from __future__ import annotations

import re

_LA_POSTE = "356000000"
_CORSICA = {"2A": "19", "2B": "18"}
_IBAN_LENGTHS = {
    country: int(length)
    for country, length in (
        entry.split(":")
        for entry in [
            "AD:24",
            "AE:23",
            "AL:28",
            "AT:20",
            "AZ:28",
            "BA:20",
            "BE:16",
            "BG:22",
            "BH:22",
            "BR:29",
            "BY:28",
            "CH:21",
            "CR:22",
            "CY:28",
            "CZ:24",
            "DE:22",
            "DK:18",
            "DO:28",
            "EE:20",
            "EG:29",
            "ES:24",
            "FI:18",
            "FO:18",
            "FR:27",
            "GB:22",
            "GE:22",
            "GI:23",
            "GL:18",
            "GR:27",
            "GT:28",
            "HR:21",
            "HU:28",
            "IE:22",
            "IL:23",
            "IQ:23",
            "IS:26",
            "IT:27",
            "JO:30",
            "KW:30",
            "KZ:20",
            "LB:28",
            "LC:32",
            "LI:21",
            "LT:20",
            "LU:20",
            "LV:21",
            "MC:27",
            "MD:24",
            "ME:22",
            "MK:19",
            "MR:27",
            "MT:31",
            "MU:30",
            "NL:18",
            "NO:15",
            "PK:24",
            "PL:28",
            "PS:29",
            "PT:25",
            "QA:29",
            "RO:24",
            "RS:22",
            "SA:24",
            "SC:31",
            "SE:24",
            "SI:19",
            "SK:24",
            "SM:27",
            "ST:25",
            "SV:28",
            "TL:23",
            "TN:24",
            "TR:26",
            "UA:29",
            "VA:22",
            "VG:24",
            "XK:20",
        ]
    )
}
"""ISO 13616: the length of an IBAN per country."""

SEPARATORS = re.compile(r"[\s.\-–/]+")


def bare(text: str) -> str:
    """The characters that count, upper case: no spaces, dots, dashes or slashes."""
    return SEPARATORS.sub("", text).upper()


def luhn(digits: str) -> bool:
    """ISO/IEC 7812: doubling every second digit from the right, the sum is a multiple of ten."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def nir(text: str) -> bool:
    """The French social security number: 13 characters and the key 97 minus their remainder by 97.

    Corsica counts 2A as 19 and 2B as 18 (INSEE).
    """
    body, key = text[:13], text[13:]
    department = body[5:7]
    number = body[:5] + _CORSICA.get(department, department) + body[7:]
    return len(key) == 2 and number.isdecimal() and 97 - int(number) % 97 == int(key)


def siren(digits: str) -> bool:
    """A French company's number: nine digits under Luhn."""
    return len(digits) == 9 and luhn(digits) and digits != "0" * 9


def siret(digits: str) -> bool:
    """A French establishment's number: SIREN and five digits under Luhn; those of La Poste sum to a multiple of five."""
    if len(digits) != 14 or not siren(digits[:9]):
        return False
    return luhn(digits) or (digits.startswith(_LA_POSTE) and sum(map(int, digits)) % 5 == 0)


def french_vat(text: str) -> bool:
    """FR, a key of two digits, a SIREN. Keys with letters (never given to companies of before 2024) are not decided."""
    key, number = text[2:4], text[4:]
    if not siren(number) or not key.isdecimal():
        return False
    return (12 + 3 * (int(number) % 97)) % 97 == int(key)


def iban_length(country: str) -> int | None:
    """How long an IBAN of this country is."""
    return _IBAN_LENGTHS.get(country)


def iban(text: str) -> bool:
    """ISO 7064 mod 97-10 over the rotated number, letters counted from 10."""
    turned = text[4:] + text[:4]
    return int("".join(str(int(character, 36)) for character in turned)) % 97 == 1


def card(digits: str) -> bool:
    """A payment card: a known issuer's prefix with a length it uses, under Luhn."""
    return _issued(digits) and luhn(digits) and len(set(digits)) > 1


_ISSUERS = (  # first and last prefix, lengths
    ("4", "4", {13, 16, 19}),
    ("51", "55", {16}),
    ("2221", "2720", {16}),
    ("34", "34", {15}),
    ("37", "37", {15}),
    ("30", "30", set(range(14, 20))),
    ("36", "36", set(range(14, 20))),
    ("38", "39", set(range(14, 20))),
    ("35", "35", set(range(16, 20))),
    ("50", "50", set(range(12, 20))),
    ("56", "69", set(range(12, 20))),
)


def _issued(digits: str) -> bool:
    return any(
        first <= digits[: len(first)] <= last and len(digits) in lengths for first, last, lengths in _ISSUERS
    )


def nhs(digits: str) -> bool:
    """The number of the British health service: ten digits, mod 11."""
    weighed = sum(int(digit) * weight for digit, weight in zip(digits[:9], range(10, 1, -1), strict=True))
    return (11 - weighed % 11) % 11 == int(digits[9]) and len(set(digits)) > 1
