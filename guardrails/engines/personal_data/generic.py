"""What is personal everywhere: e-mail, IBAN, cards, IP addresses, links that name somebody, dates of birth."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator

from guardrails.engines.personal_data import digits
from guardrails.engines.personal_data.offline import has_public_suffix
from guardrails.engines.personal_data.rules import Match, Need, Rule, pattern, words

GAP = r"[ .\-\u00a0\u202f]?"
"""What may stand between the groups of a number."""

# --- e-mail

_EMAIL = re.compile(
    r"(?<![\w.%+\-])[\w.%+'’\-]{1,64}@(?:[\w\-]{1,63}\.){1,8}[^\W\d_]{2,24}(?![\w@])",
)


def _emails(text: str) -> Iterator[Match]:
    for match in _EMAIL.finditer(text):
        local, _, domain = match[0].partition("@")
        if local == "git" and text[match.end() : match.end() + 1] in {":", "/"}:
            continue  # the address of a repository
        start = match.start() + len(local) - len(local.lstrip(".'’-"))
        yield Match(start, match.end(), score=1.0 if has_public_suffix(domain) else 0.7)


# --- IBAN

_IBAN_START = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{2}\d{2}(?=[ \u00a0\u202f\-]?[A-Za-z0-9])")
_IBAN_GAPS = frozenset(" \u00a0\u202f-.")


def _ibans(text: str) -> Iterator[Match]:
    for match in _IBAN_START.finditer(text):
        length = digits.iban_length(match[0][:2].upper())
        end = _end_of(text, match.start(), length) if length else None
        if end is not None:
            value = digits.bare(text[match.start() : end])
            yield Match(match.start(), end, digits.iban(value))


def _end_of(text: str, start: int, length: int) -> int | None:
    """Where `length` letters and digits from `start` end, single gaps between them; None where there are fewer or more."""
    counted, at = 0, start
    while counted < length:
        if at >= len(text):
            return None
        character = text[at]
        if character.isascii() and character.isalnum():
            counted += 1
        elif character not in _IBAN_GAPS or text[at - 1] in _IBAN_GAPS:
            return None
        at += 1
    return None if text[at : at + 1].isalnum() else at


# --- cards

_CARD = re.compile(r"(?<![\w.,\-+])\d(?:[ \-\u00a0\u202f]?\d){11,18}(?![\w\-]|[.,]\d)")


def _cards(text: str) -> Iterator[Match]:
    for match in _CARD.finditer(text):
        value = digits.bare(match[0])
        if value.isascii():
            yield Match(match.start(), match.end(), digits.card(value), 0.6 if len(value) == 12 else None)


# --- IP addresses

_OCTET = r"(?:25[0-5]|2[0-4]\d|1?\d?\d)"
_IPV4 = re.compile(rf"(?<![\w.\-]){_OCTET}(?:\.{_OCTET}){{3}}(?![\w\-]|\.\d)", re.ASCII)
_IPV6 = re.compile(r"(?<![\w:.])[0-9A-Fa-f:]{0,5}(?::[0-9A-Fa-f]{0,4}){2,7}(?![\w:])", re.ASCII)
_VERSION = re.compile(
    r"(?:\bv|versions?|release|build|release|python|node|§|chapitre|chapter|section)\W{0,3}$", re.IGNORECASE
)


def _v4(text: str) -> Iterator[Match]:
    for match in _IPV4.finditer(text):
        if not _VERSION.search(text[max(0, match.start() - 16) : match.start()]) and _of_a_host(match[0]):
            small = all(int(octet) < 20 for octet in match[0].split("."))
            yield Match(match.start(), match.end(), score=0.4 if small else 0.75)


def _v6(text: str) -> Iterator[Match]:
    for match in _IPV6.finditer(text):
        groups = [group for group in match[0].split(":") if group]
        if len(groups) > 2 and any(map(str.isdigit, match[0])) and _of_a_host(match[0]):
            yield Match(match.start(), match.end())


def _of_a_host(text: str) -> bool:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    return not (
        address.is_loopback or address.is_unspecified or address.is_multicast or address.is_link_local
    )


_HOST = words("ip", "ipv4", "ipv6", "host", "client", "remote[ _]addr", "adresse ip", "x-forwarded-for")

# --- links

_LINK = re.compile(r"(?<![\w/])[a-z][a-z0-9+.\-]{1,15}://[^\s<>\"'«»‹›|\\^`{}]{3,2000}", re.IGNORECASE)
_PERSONAL_LINK = re.compile(
    r"^[a-z0-9+.\-]+://[^/?#\s]{0,200}@"  # somebody's login
    r"|(?:%40|[\w.+\-]@)[\w\-]{1,60}\.[a-z]{2}"
    r"|[?&;](?:e-?mail|mail|courriel|(?:user|first|last|full|sur|nick)?_?name|nom|prenom|user(?:_?id)?|login|phone|tel|telephone|"
    r"mobile|birth\w{0,6}|dob|ssn|nir|address|adresse|iban|patient\w{0,4})=[^&#\s]{2}"
    r"|linkedin\.com/in/\w|facebook\.com/(?:profile\.php|people/)|(?:twitter|x|instagram)\.com/\w{2,30}/?$",
    re.IGNORECASE,
)


def _links(text: str) -> Iterator[Match]:
    for match in _LINK.finditer(text):
        link = match[0].rstrip(".,;:!?)]’")
        if _PERSONAL_LINK.search(link):
            yield Match(match.start(), match.start() + len(link))


# --- dates of birth

_MONTHS = (
    "jan(?:uary|vier)?|feb(?:ruary)?|f[ée]v(?:rier)?|mar(?:ch|s)?|apr(?:il)?|avr(?:il)?|may|mai|june?|juin|july?|juillet|aug(?:ust)?|"
    "ao[ûu]t|sept?(?:ember|embre)?|oct(?:ober|obre)?|nov(?:ember|embre)?|dec(?:ember)?|d[ée]c(?:embre)?"
)
DATE = (
    r"(?:\d{1,2}[/.\-]\d{1,2}[/.\-](?:\d{4}|\d{2})|\d{4}[\-/.]\d{1,2}[\-/.]\d{1,2}"
    rf"|\d{{1,2}}(?:er|st|nd|rd|th)?\s(?:of\s)?(?:{_MONTHS})\.?,?\s\d{{2,4}}"
    rf"|(?:{_MONTHS})\.?\s\d{{1,2}}(?:st|nd|rd|th)?,?\s\d{{4}})(?!\w)"
)
_BIRTH = (
    r"(?<!\w)(?:n[ée]{1,2}\(?e?\)?s?\s(?:le|en)|(?:date|jour) de naissance|born(?:\son)?|date of birth|d\.?o\.?b\.?|birth\s?date|birthday)"
    r"[\s:=]{0,4}(?:is|est|le|on)?\s{0,2}"
)

RULES = (
    Rule("EMAIL_ADDRESS", _emails, Need.AT, alone=1.0),
    Rule(
        "IBAN_CODE",
        _ibans,
        Need.DIGITS_9,
        alone=1.0,
        unchecked=0.6,
        context=words("iban", "rib", "bank account", "account number", "compte(?: bancaire)?", "virement"),
    ),
    Rule(
        "CREDIT_CARD",
        _cards,
        Need.DIGITS_9,
        alone=0.95,
        near=1.0,
        unchecked=0.6,
        context=words(
            "(?:credit|debit|bank|payment)? ?cards?(?: (?:number|no|n°|#))?", "visa", "mastercard", "amex", "american express",
            "maestro", "cc", r"cb", "cartes?(?: (?:bancaire|bleue|de crédit|de paiement))?", "pan",
        ),
    ),
    Rule("IP_ADDRESS", _v4, Need.DOTS | Need.DIGITS_2, alone=0.75, near=0.9, context=_HOST),
    Rule("IP_ADDRESS", _v6, Need.COLONS | Need.DIGITS_2, alone=0.8, near=0.9, context=_HOST),
    Rule("URL", _links, Need.LINK, alone=0.95),
    Rule("DATE_OF_BIRTH", pattern(f"{_BIRTH}(?P<v>{DATE})", flags=re.IGNORECASE), Need.DIGITS_2, alone=0.95),
)  # fmt: skip
