"""`lexalign-v1`: holds the claims of an answer against windows of its contexts. Offline, deterministic, explainable."""

from __future__ import annotations

import re
import threading
from collections.abc import Sequence
from dataclasses import dataclass

from guardrails.domain.checks import Outcome
from guardrails.domain.grounding import Context, Evidence, Grounding, SentenceVerdict
from guardrails.engines.groundedness import embedding, formula
from guardrails.engines.groundedness.claims import Sentence, claims
from guardrails.engines.groundedness.embedding import Embedding, Pieces
from guardrails.engines.groundedness.evidence import Index, Window
from guardrails.engines.groundedness.features import content, measure
from guardrails.engines.groundedness.language import language_of
from guardrails.engines.groundedness.words import Word, words

NAME = "lexalign-v1"
CALIBRATED = frozenset({"en"})
"""Languages whose thresholds were measured. Any other is judged in shadow."""

WINDOWS_PER_CLAIM = 3
MOST_CLAIMS = 60
MOST_ANSWER = 40_000  # characters
MOST_EMBEDDED = 24
"""Windows of one answer that get word vectors: each claim's best first. It bounds a check to about two seconds."""

NO_CONTEXT, NO_CLAIM, LANGUAGES_DIFFER, TRUNCATED = "no_context", "no_claim", "languages_differ", "truncated"

_SURROGATES = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True)
class _Claim:
    """A claim with what is needed to judge it."""

    place: Sentence
    text: str
    words: tuple[Word, ...]  # places are those of `text`
    evidence: tuple[Window, ...]


class LexAlign:
    """The engine. Loads its model when an English answer first needs it; `warm` loads it now."""

    def __init__(self, *, lexical_only: bool = False) -> None:
        self._embeds = not lexical_only and embedding.installed()
        self._embedding: Embedding | None = None
        self._loading = threading.Lock()
        self.version = f"{NAME}+{'minilm-int8' if self._embeds else 'lexical'}"

    def warm(self) -> None:
        """Load what is loaded once. Raises ModelAltered."""
        if self._embeds:
            self._model()

    def judge(
        self,
        *,
        question: str | None,
        answer: str,
        contexts: Sequence[Context],
        threshold: float = formula.THRESHOLD,
    ) -> Grounding:
        """The verdict. `reason` is `truncated` where a limit of this module cut answer or contexts.

        Raises ModelAltered where the installed model is another one; never for a text.
        """
        sources = [Context(one.id, _clean(one.text)) for one in contexts if one.text.strip()]
        said = _clean(answer)[:MOST_ANSWER]
        language = language_of(said) or language_of(" ".join(one.text for one in sources[:20])[:4_000])
        if not sources:
            return _not_evaluable(NO_CONTEXT, language)
        found = claims(said)
        if not found:
            return _not_evaluable(NO_CLAIM, language)
        if language and all(language_of(one.text) not in {None, language} for one in sources):
            return _not_evaluable(LANGUAGES_DIFFER, language)
        index = Index(sources)
        asked = words(_clean(question or "")[:MOST_ANSWER])
        prepared = [self._prepared(said, place, index, asked) for place in found[:MOST_CLAIMS]]
        pieces = self._embedded(prepared) if language == "en" and self._embeds else {}
        stems = frozenset(word.stem for word in asked)
        verdicts = tuple(_verdict(claim, index, stems, pieces, threshold) for claim in prepared)
        cut = index.truncated or len(found) > MOST_CLAIMS or len(answer) > MOST_ANSWER
        return Grounding(
            outcome=max((one.outcome for one in verdicts), key=formula.BADNESS.__getitem__),
            reason=TRUNCATED if cut else None,
            score=min(one.score for one in verdicts),
            language=language,
            shadow=language not in CALIBRATED,
            sentences=verdicts,
        )

    def _prepared(self, said: str, place: Sentence, index: Index, asked: Sequence[Word]) -> _Claim:
        text = said[place.start : place.end]
        spoken = tuple(words(text))
        wanted = {word.stem for word in content(spoken)} | {word.stem for word in asked if word.carries}
        wanted |= {word.stem for word in spoken if word.folded.isdigit()}
        return _Claim(place, text, spoken, tuple(index.best(sorted(wanted), WINDOWS_PER_CLAIM)))

    def _embedded(self, prepared: Sequence[_Claim]) -> dict[str, Pieces]:
        """Word vectors of the claims and of their best windows, by text, each text once."""
        ranked = [
            claim.evidence[rank].text
            for rank in range(WINDOWS_PER_CLAIM)
            for claim in prepared
            if rank < len(claim.evidence)
        ]
        texts = list(
            dict.fromkeys([*list(dict.fromkeys(ranked))[:MOST_EMBEDDED], *(one.text for one in prepared)])
        )
        return dict(zip(texts, self._model().pieces(texts), strict=True))

    def _model(self) -> Embedding:
        with self._loading:
            if self._embedding is None:
                self._embedding = Embedding()
            return self._embedding


def _clean(text: str) -> str:
    """The same text, character by character, without what no tokenizer takes."""
    return _SURROGATES.sub("\ufffd", text)


def _not_evaluable(reason: str, language: str | None) -> Grounding:
    return Grounding(Outcome.NOT_EVALUABLE, reason, None, language, language not in CALIBRATED)


def _verdict(
    claim: _Claim, index: Index, asked: frozenset[str], pieces: dict[str, Pieces], threshold: float
) -> SentenceVerdict:
    vectors = [pieces[window.text] for window in claim.evidence if window.text in pieces]
    features = measure(
        claim.words,
        claim.text,
        evidence=claim.evidence,
        index=index,
        asked=asked,
        embedded=(pieces[claim.text], vectors) if vectors else None,
    )
    score = formula.score(features)
    return SentenceVerdict(
        start=claim.place.start,
        end=claim.place.end,
        outcome=formula.outcome(score, threshold=threshold),
        score=score,
        evidence=_best_evidence(claim, index),
    )


def _best_evidence(claim: _Claim, index: Index) -> Evidence | None:
    """The sentence of the evidence that holds most of the claim's weight, and how much of it."""
    weights = {word.stem: index.weight(word.stem) for word in claim.words if word.carries}
    total = sum(weights.values())
    best: Evidence | None = None
    for window in claim.evidence if total else ():
        for sentence in window.sentences:
            stems = {word.stem for word in window.words if sentence.start <= word.start < sentence.end}
            share = round(sum(weights[stem] for stem in stems & weights.keys()) / total, 4)
            if share > (best.score if best is not None else 0):
                best = Evidence(window.context_id, sentence.start, sentence.end, share)
    return best
