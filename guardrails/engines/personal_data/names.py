"""Persons by what stands before them: titles, introductions, signatures. And the cleaning of what a model takes for names."""

from __future__ import annotations

import re
from collections.abc import Iterator

from guardrails.domain import Finding
from guardrails.engines.personal_data.openers import OPENERS
from guardrails.engines.personal_data.rules import Need, Rule, pattern

_UP = r"[A-ZÀ-ÖØ-Þ]"
_WORD = rf"(?:(?:[DdLlOo]['’]|Mc|Mac|N['’])?{_UP}[\w'’]*(?:-{_UP}[\w'’]*)*)"
_PARTICLE = r"(?:de|du|des|de la|le|la|van|von|der|den|van der|van den|da|dos|di|el|al|ben|bin|ten|ter|y)"
_NAME = rf"(?:{_PARTICLE}\s)?(?:{_UP}\.(?:-?{_UP}\.)*\s)?{_WORD}(?:\s(?:{_UP}\.\s)?(?:{_PARTICLE}\s)?{_WORD}){{0,3}}"
_TITLES_FR = r"MM?\.|Mmes?|Mlles?|Messieurs|Monsieur|Madame|Mademoiselle|Mesdames|Docteure?|Dre?s?\.?|Pr\.?|Professeure?|Me|Maître|Mgr"
_TITLES_EN = (
    r"Mrs?\.?|Ms\.?|Miss|Mx\.?|Sir|Dame|Lord|Lady|Prof\.?|Professor|Doctor|Judge|Rev\.?|Captain|Sgt\.?"
)
_TITLE = rf"(?<!\w)(?:{_TITLES_FR}|{_TITLES_EN})"
_NOT_NAMES = rf"(?!(?:le|la|les|President|Président|Directeur|Directrice|Minister|Ministre|Maire|Chair|Speaker|{_TITLES_FR}|{_TITLES_EN})\b(?!\.?\s{_UP}))"

_INTRODUCED = (
    r"(?:my (?:full )?name is|name['’]s|je m['’]appelle|mon nom est|mon nom complet est|je me nomme|je soussignée?|i am called|"
    r"mon prénom est|ma? (?:femme|mari|fille|fils|sœur|frère|mère|père) s['’]appelle)"
)
_SIGNED = (
    r"(?:Cordialement|Bien cordialement|Bien à vous|Sincères salutations|Salutations|Amicalement|Best regards|Kind regards|Warm regards|Regards|"
    r"Yours sincerely|Yours faithfully|Sincerely|Best wishes|Many thanks|Cheers)"
)
_FIELD = r"(?:nom(?: complet)?|pr[ée]noms?|nom et pr[ée]nom|(?:full |first |last |family |customer |patient |contact )?name|patiente?|b[ée]n[ée]ficiaire|titulaire)"

RULES = (
    Rule("PERSON", pattern(rf"{_TITLE}\s+{_NOT_NAMES}(?P<v>{_NAME})"), Need.CAPITAL, alone=0.9),
    Rule("PERSON", pattern(rf"(?i:(?<!\w){_INTRODUCED})\s*:?\s+(?P<v>{_NAME})"), Need.CAPITAL, alone=0.9),
    Rule(
        "PERSON",
        pattern(rf"(?<!\w){_SIGNED}\s*[,.]?\s*\n\s*(?P<v>{_NAME})[ \t]*(?=\n|$)"),
        Need.CAPITAL,
        alone=0.8,
    ),
    Rule(
        "PERSON",
        pattern(rf"(?i:(?<!\w){_FIELD})[\"']?[ \t]{{0,3}}[:=][ \t\"']{{0,3}}(?P<v>{_NAME})"),
        Need.CAPITAL,
        alone=0.8,
    ),
)

_LEADING = re.compile(
    rf"^(?:(?:{_TITLES_FR}|{_TITLES_EN}|Bonjour|Bonsoir|Salut|Coucou|Cher|Chère|Hi|Hello|Hey|Dear|Thanks|Thank you|Merci|Cc|To|From)(?:[\s,]+|$))+",
    re.IGNORECASE,
)
_NO_NAMES = OPENERS | frozenset(
    [
        "sir",
        "mme",
        "m.",
        "dr",
        "ai",
        "api",
        "json",
        "sql",
        "url",
        "html",
        "http",
        "iban",
        "bic",
        "siret",
        "siren",
        "nir",
        "tva",
        "rcs",
        "cni",
        "visa",
        "mastercard",
        "excel",
        "word",
        "python",
        "google",
        "siri",
        "alexa",
        "chatgpt",
        "claude",
        "gpt",
        "llm",
        "assistant",
        "null",
        "true",
        "false",
        "todo",
        "tél",
        "e-mail",
        "ssn",
        "nhs",
        "id",
        "pdf",
        "csv",
        "xml",
        "yaml",
        "ip",
        "vpn",
        "cpu",
        "gpu",
        "ram",
        "usb",
        "erp",
        "crm",
    ]
)
_PARTICLES = frozenset(
    [
        "de",
        "du",
        "des",
        "la",
        "le",
        "les",
        "van",
        "von",
        "der",
        "den",
        "da",
        "dos",
        "di",
        "el",
        "al",
        "ben",
        "bin",
        "ten",
        "ter",
        "y",
        "d",
        "l",
        "st",
        "of",
        "and",
        "the",
        "en",
        "sur",
    ]
)
_TOKEN = re.compile(r"\S+")
_STRANGE = frozenset('@/\\{}[]<>=_#|*"')
_MIXED = re.compile(r"\w*(?:\d[A-Za-z]|[A-Za-z]\d)\w*")


def cleaned(text: str, found: Finding) -> Iterator[Finding]:
    """A name as a model marked it, without titles, greetings and what no name has. Nothing where nothing is left.

    A mark that goes over the end of a line, or over words in lower case, is several names, or none.
    """
    for run in _runs(text, found.start, found.end):
        start, end = _trimmed(text, *run)
        if end - start > 1 and _is_name(text[start:end], found.type):
            yield Finding(found.type, start, end, found.score)


def _runs(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Stretches of words that begin with a capital, particles between them, none that opens a sentence."""
    first: int | None = None
    last = start
    for token in _TOKEN.finditer(text, start, end):
        said = token[0].strip(".,;:!?()\"'«»“”’")
        broken = first is not None and "\n" in text[last : token.start()]
        capital = _begins_like_a_name(said) and not (first is None and said.lower() in _NO_NAMES)
        if first is not None and (broken or not (capital or said.lower() in _PARTICLES)):
            yield first, last
            first = None
        if capital:
            first = token.start() if first is None else first
            last = token.end()
    if first is not None:
        yield first, last


def _begins_like_a_name(said: str) -> bool:
    bare = said[2:] if said[1:2] in {"'", "’"} and said[:1] in "dlDL" else said
    return bare[:1].isupper() or (bare[:1].isalpha() and bare.lower() == bare.upper())


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    leading = _LEADING.match(text[start:end])
    if leading:
        start += leading.end()
    while start < end and not text[start].isalnum():
        start += 1
    while end > start and not text[end - 1].isalnum():
        end -= 1
    if text[start:end].endswith(("'s", "’s")):
        end -= 2
    return start, end


def _is_name(said: str, kind: str) -> bool:
    if said.lower() in _NO_NAMES or _STRANGE & set(said):
        return False
    if kind == "PERSON" and any(map(str.isdigit, said)):
        return False
    return not _MIXED.fullmatch(said)
