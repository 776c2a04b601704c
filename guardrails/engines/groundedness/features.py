"""What speaks for a claim and what against it, each measured by itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from guardrails.engines.groundedness.embedding import Pieces
from guardrails.engines.groundedness.evidence import Index, Window, bigrams
from guardrails.engines.groundedness.numbers import SPELLED, numbers
from guardrails.engines.groundedness.words import Word

ENOUGH_TO_CONTRADICT = 0.6
"""Of a claim's weight in one sentence: below, that the one negates and the other does not says nothing."""
FEWEST_TO_CONTRADICT = 2  # content words
MOST_TIMES_LONGER = 2
"""A sentence that says much more than the claim may negate something else in it."""


@dataclass(frozen=True, slots=True)
class Features:
    """From 0 to 1, but for the counts. `alignment` is None where no embedding was asked."""

    recall: float  # of the weight of the claim's content words, in the evidence
    bigrams: float  # of the claim's neighbouring words, in the evidence
    alignment: float | None  # mean over content word pieces of the best cosine to the evidence
    weakest: float | None  # the same of the weakest third
    novel_numbers: int
    novel_names: int
    contradicts: bool  # the best evidence sentence says nearly the same and only one of the two negates


def content(said: Sequence[Word]) -> list[Word]:
    """The words of a claim that the evidence must hold: not numbers, which are compared as such."""
    return [
        word for word in said if word.carries and not word.folded.isdigit() and word.folded not in SPELLED
    ]


def measure(
    said: Sequence[Word],
    text: str,
    *,
    evidence: Sequence[Window],
    index: Index,
    asked: frozenset[str],
    embedded: tuple[Pieces, Sequence[Pieces]] | None,
) -> Features:
    """The features of one claim. `said` are its words with places in `text`; `asked` the stems of the question."""
    held = frozenset[str]().union(*(window.stems for window in evidence))
    weights = [(word, index.weight(word.stem)) for word in content(said)]
    total = sum(weight for _, weight in weights)
    pairs = bigrams(said)
    known_pairs = frozenset[tuple[str, str]]().union(*(window.bigrams for window in evidence))
    alignment, weakest = _aligned(said, embedded)
    return Features(
        recall=sum(weight for word, weight in weights if word.stem in held) / total if total else 1.0,
        bigrams=len(pairs & known_pairs) / len(pairs) if pairs else 1.0,
        alignment=alignment,
        weakest=weakest,
        novel_numbers=_novel_numbers(text, evidence),
        novel_names=len(_novel_names(said, index, asked)),
        contradicts=_contradicts(said, evidence, index),
    )


def _novel_numbers(text: str, evidence: Sequence[Window]) -> int:
    found = numbers(text)
    known = [window.numbers for window in evidence] if found else []
    return len({number.values for number in found if not any(one.knows(number) for one in known)})


def _novel_names(said: Sequence[Word], index: Index, asked: frozenset[str]) -> set[str]:
    """Words written like names that no source holds. The first word is capital anyway."""
    return {
        word.stem
        for word in said[1:]
        if word.capital and word.carries and word.stem not in index.stems and word.stem not in asked
    }


def _contradicts(said: Sequence[Word], evidence: Sequence[Window], index: Index) -> bool:
    weights = {word.stem: index.weight(word.stem) for word in content(said)}
    if len(weights) < FEWEST_TO_CONTRADICT:
        return False
    total = sum(weights.values())
    best, negates = 0.0, False
    for window in evidence:
        for sentence in window.sentences:
            inside = [word for word in window.words if sentence.start <= word.start < sentence.end]
            shared = sum(weights[stem] for stem in {word.stem for word in inside} & weights.keys()) / total
            if shared > best and len(inside) <= MOST_TIMES_LONGER * len(said):
                best, negates = shared, any(word.negates for word in inside)
    return best >= ENOUGH_TO_CONTRADICT and negates != any(word.negates for word in said)


def _aligned(
    said: Sequence[Word], embedded: tuple[Pieces, Sequence[Pieces]] | None
) -> tuple[float | None, float | None]:
    if embedded is None:
        return None, None
    claim, evidence = embedded
    wanted = [
        place
        for place, (start, end) in enumerate(claim.places)
        if any(word.carries and word.start < end and start < word.end for word in said)
    ]
    if not wanted or not any(len(pieces.places) for pieces in evidence):
        return None, None
    sources = np.concatenate([pieces.vectors for pieces in evidence])
    best = np.sort((claim.vectors[wanted] @ sources.T).max(axis=1))
    third = best[: max(1, len(best) // 3)]
    return float(best.mean()), float(third.mean())
