"""How the evidence becomes a score, and a score a verdict: fixed and hand-set, so that a person can follow it.

With word vectors (English):

    support = mean of   recall of the weight of content words          (features.recall)
                        recall of neighbouring words                   (features.bigrams)
                        alignment, from 0.35 to 0.90 made 0 to 1       (features.alignment)
                        alignment of the weakest third, 0.20 to 0.85   (features.weakest)
              but at least as much as was said word by word: the smaller of the two recalls

Without (French, other languages, no model installed):

    support = 0.6 recall of content words + 0.4 recall of neighbouring words

Then, for either, what speaks against it counts:

    score = support - 0.15 for each novel name (3 at most)
            at most 0.35, less 0.15 for each further one, with a number that the evidence does not hold
            at most 0.55 where the best evidence negates and the claim does not, or the other way round

cut to 0 … 1. At the threshold t: supported from t + 0.10 on, unsupported below t - 0.10, uncertain between. The weights
were set by hand on the development parts of BEGIN and HaluEval-QA; docs/performance.md has what they come to on the rest.
"""

from __future__ import annotations

from guardrails.domain.checks import Outcome
from guardrails.engines.groundedness.features import Features

THRESHOLD = 0.5
BAND = 0.10

ALIGNED_FROM, ALIGNED_TO = 0.35, 0.90
WEAKEST_FROM, WEAKEST_TO = 0.20, 0.85
LEXICAL_RECALL, LEXICAL_BIGRAMS = 0.6, 0.4
NOVEL_NAME, MOST_NAMES = 0.15, 3
WITH_NOVEL_NUMBER, FURTHER_NUMBER = 0.35, 0.15
CONTRADICTED = 0.55

BADNESS = {Outcome.SUPPORTED: 0, Outcome.UNCERTAIN: 1, Outcome.UNSUPPORTED: 2}


def score(features: Features) -> float:
    """From 0 (nothing supports the claim) to 1."""
    score = _support(features) - NOVEL_NAME * min(features.novel_names, MOST_NAMES)
    if features.novel_numbers:
        score = min(score, WITH_NOVEL_NUMBER - FURTHER_NUMBER * (features.novel_numbers - 1))
    if features.contradicts:
        score = min(score, CONTRADICTED)
    return round(_between(score, 0, 1), 4)


def outcome(of: float, *, threshold: float) -> Outcome:
    """The verdict on a score."""
    if of >= min(threshold + BAND, 1):
        return Outcome.SUPPORTED
    return Outcome.UNSUPPORTED if of < threshold - BAND else Outcome.UNCERTAIN


def _support(features: Features) -> float:
    if features.alignment is None or features.weakest is None:
        return LEXICAL_RECALL * features.recall + LEXICAL_BIGRAMS * features.bigrams
    aligned = _between(features.alignment, ALIGNED_FROM, ALIGNED_TO)
    weakest = _between(features.weakest, WEAKEST_FROM, WEAKEST_TO)
    mean = (features.recall + features.bigrams + aligned + weakest) / 4
    return max(mean, min(features.recall, features.bigrams))


def _between(value: float, low: float, high: float) -> float:
    """Where a value lies from low (0) to high (1), cut to that."""
    return max(0.0, min(1.0, (value - low) / (high - low)))
