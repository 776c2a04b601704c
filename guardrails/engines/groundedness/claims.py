"""Sentences of a text with their places, and which of them claim something that a source could support."""

from __future__ import annotations

import re
from dataclasses import dataclass

from guardrails.engines.groundedness.words import words

LONGEST_SENTENCE = 600
"""A longer one (a table without line ends, a log) is cut where a word ends."""

_END = re.compile(r"[.!?…]+[\"'”’»)\]]*(?:\s+|$)|\s[.!?](?=\s|$)")
_ABBREVIATED = re.compile(
    r"(?:^|[\s(«\"'])(?:[A-Za-z]|Mr|Mrs|Ms|Dr|Prof|Sr|Jr|St|Ste|vs|etc|e\.g|i\.e|cf|No|no|Nos|nos|Art|art|p|pp|vol|fig|Fig|"
    r"approx|ca|env|Inc|Ltd|Co|Corp|Mme|Mlle|MM|Me|av|bd|tél|tel|ex|réf|ref|min|max|h|al|U\.S|U\.K)\.$"
)
_LIST = re.compile(r"\s*(?:[-*+•–—▪◦]|\(?\d{1,3}[.)]|\(?[a-z][)])\s+")
_FENCE = re.compile(r"\s*(?:```|~~~)")
_HEADING = re.compile(r"\s*#{1,6}\s")
_TABLE_RULE = re.compile(r"\s*\|?[\s:|+-]*-[\s:|+-]*\|?\s*$")

_COURTESY = re.compile(
    r"""^\W*(?:
    hello|hi|hey|good\ (?:morning|afternoon|evening|day)|dear\b|greetings|thanks|thank\ you|you(?:['’]|\ a)re\ (?:very\ )?welcome|
    sure|certainly|of\ course|absolutely|great\ question|good\ question|sorry|(?:i\ )?apologi[sz]e|i(?:['’]|\ a)m\ sorry|
    i\ hope\ (?:this|that|it)|hope\ (?:this|that)\ helps|let\ me\ know|feel\ free|please\ (?:let|feel|contact|do\ not\ hesitate|note)|
    (?:best|kind|warm)?\ ?regards|sincerely|have\ a\ (?:nice|great|good)|is\ there\ anything|here\ (?:is|are)\b|happy\ to\ help|
    bonjour|bonsoir|salut|merci|je\ vous\ en\ prie|je\ t['’]en\ prie|de\ rien|bien\ s[ûu]r|certainement|avec\ plaisir|absolument|
    d[ée]sol[ée]e?|je\ suis\ d[ée]sol|excusez|n['’]h[ée]sitez\ pas|je\ reste\ [àa]|je\ me\ tiens|cordialement|bien\ [àa]\ vous|bonne\ (?:journ[ée]e|soir[ée]e)|
    voici|voil[àa]|j['’]esp[èe]re\ que|dites[- ]moi|faites[- ]moi|souhaitez[- ]vous|puis[- ]je
    )\b""",
    re.IGNORECASE | re.VERBOSE,
)
_UNKNOWING = re.compile(
    r"""(?:
    \bi\ (?:really\ )?(?:do\ not|don['’]?t)\ (?:actually\ )?(?:know|have)\b|\bi(?:['’]m|\ am)\ not\ (?:sure|certain|aware|able)|\bi\ (?:can ?not|can['’]?t|could\ not|couldn['’]t|was\ unable)\b|
    \bi\ have\ no\ (?:idea|information)|\b(?:does|do|did)\ ?(?:not|n['’]t)\ (?:contain|mention|provide|include|specify|say|state|give|cover|indicate)\b|
    \b(?:is|are|was)\ (?:not|n['’]t)\ (?:mentioned|specified|provided|stated|given|available|indicated)|\bno\ (?:information|mention|details?)\b|not\ enough\ information|
    \bje\ ne\ (?:sais|connais|peux|dispose|trouve|suis\ pas\ (?:s[ûu]r|certain|en\ mesure))|\bje\ n['’]ai\ (?:pas|trouv[ée]|aucune)|\bje\ n['’]en\ sais|
    \bn(?:e|['’])\ ?(?:contien(?:t|nent)|mentionne(?:nt)?|pr[ée]cise(?:nt)?|indique(?:nt)?|fourni(?:t|ssent)|permet(?:tent)?|donne(?:nt)?|parle(?:nt)?)\ (?:pas|aucun)|
    \baucune?\ (?:information|mention|pr[ée]cision|donn[ée]e)|\bpas\ (?:assez|suffisamment)\ d['’]information
    )""",
    re.IGNORECASE | re.VERBOSE,
)
_TURN = re.compile(
    r"\b(?:but|however|although|though|mais|cependant|toutefois|n[ée]anmoins)\b[\s,]", re.IGNORECASE
)
_LONGEST_COURTESY = (
    14  # words; « Bonjour, votre contrat 4711 prend fin le 3 mai … » is a claim that begins politely
)
_LONGEST_LEAD = 12  # words of « The opening hours are: »


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence, list item or table row at [start, end) of the text."""

    start: int
    end: int


def sentences(text: str) -> list[Sentence]:
    """Everything that is said, in order: sentences, list items without their marks, rows of tables; no code, no headings."""
    found: list[Sentence] = []
    fenced = False
    offset = 0
    for line in text.splitlines(keepends=True):
        if _FENCE.match(line):
            fenced = not fenced
        elif not fenced and line.strip() and not _HEADING.match(line) and not _is_rule(line):
            found += _of_line(text, offset, offset + len(line))
        offset += len(line)
    return found


def claims(text: str) -> list[Sentence]:
    """The sentences that claim something. Questions, courtesies, lead-ins and « I don't know » do not."""
    heads = _table_heads(text)
    return [
        one
        for one in sentences(text)
        if one.start not in heads and claims_something(text[one.start : one.end])
    ]


def claims_something(said: str) -> bool:
    """Whether a sentence says something that a source could support."""
    said = said.strip()
    if said.endswith(("?", "?»", "? »", '?"', "?)")):
        return False
    carrying = [word for word in words(said) if word.carries]
    if not carrying:
        return False
    if _UNKNOWING.search(said) and not _TURN.search(said):
        return False
    count = len(said.split())
    if said.endswith(":") and count <= _LONGEST_LEAD and not any(letter.isdigit() for letter in said):
        return False
    return not (count <= _LONGEST_COURTESY and _COURTESY.match(said) and not any(map(str.isdigit, said)))


def _of_line(text: str, start: int, end: int) -> list[Sentence]:
    mark = _LIST.match(text, start, end)
    if mark is not None:
        start = mark.end()
    if text[start:end].lstrip().startswith("|"):
        return _trimmed(text, start, end)
    found: list[Sentence] = []
    begin = start
    for match in _END.finditer(text, start, end):
        if _goes_on(text, begin, match, end):
            continue
        found += _trimmed(text, begin, match.end())
        begin = match.end()
    return found + _trimmed(text, begin, end)


def _goes_on(text: str, begin: int, match: re.Match[str], end: int) -> bool:
    """Whether the sentence goes on behind a full stop: an abbreviation, an initial, or a small letter that follows."""
    if match.end() >= end or match[0][0].isspace():
        return False
    dots = match[0].rstrip()
    if dots == "." and _ABBREVIATED.search(text, max(begin, match.start() - 12), match.start() + 1):
        return True
    return dots[0] in ".…" and text[match.end()].islower() and text[match.start() - 1 : match.start()] != " "


def _trimmed(text: str, start: int, end: int) -> list[Sentence]:
    """The sentence without blanks around it, in pieces if it is too long to be one."""
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    found: list[Sentence] = []
    while end - start > LONGEST_SENTENCE:
        cut = text.rfind(" ", start + LONGEST_SENTENCE // 2, start + LONGEST_SENTENCE)
        cut = start + LONGEST_SENTENCE if cut < 0 else cut
        found.append(Sentence(start, cut))
        start = cut
        while text[start].isspace():  # the text does not end in one
            start += 1
    if any(map(str.isalnum, text[start:end])):
        found.append(Sentence(start, end))
    return found


def _is_rule(line: str) -> bool:
    return "-" in line and len(line) < 1000 and _TABLE_RULE.match(line) is not None


def _table_heads(text: str) -> set[int]:
    """Where the head rows of tables begin: the row above a rule of dashes names columns and claims nothing."""
    heads: set[int] = set()
    offset, above = 0, ""
    for line in text.splitlines(keepends=True):
        if "|" in line and "|" in above and _is_rule(line):
            begun = offset - len(above)
            heads.add(begun + len(above) - len(above.lstrip()))
        offset += len(line)
        above = line
    return heads
