"""Our rules and our models as Presidio's parts: its registry holds them, its analyzer runs them.

Only this module knows Presidio, and importing it is what costs: the engine does so on its first scan.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from presidio_analyzer import (
    AnalyzerEngine,
    EntityRecognizer,
    LocalRecognizer,
    RecognizerRegistry,
    RecognizerResult,
)
from presidio_analyzer.context_aware_enhancers import ContextAwareEnhancer
from presidio_analyzer.nlp_engine import NlpArtifacts, NlpEngine
from presidio_analyzer.predefined_recognizers import SpacyRecognizer

from guardrails.domain import Finding
from guardrails.engines.personal_data.names import cleaned
from guardrails.engines.personal_data.rules import Need, Rule, offers

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc

RULES = "TutelaRules"
NAMED = ("PERSON", "LOCATION")
NAME_SCORE = 0.85
"""A model gives no probability; Presidio's own default."""


class RuleRecognizer(LocalRecognizer):
    """All our rules as one recogniser. A rule whose gate is shut is not run; context is each rule's own."""

    def __init__(self, rules: Sequence[Rule], language: str) -> None:
        self.rules = tuple(rules)
        kinds = sorted({rule.type for rule in rules})
        super().__init__(supported_entities=kinds, supported_language=language, name=RULES)

    def load(self) -> None:
        """Nothing to read."""

    def analyze(
        self,
        text: str,
        entities: list[str],
        nlp_artifacts: NlpArtifacts,  # noqa: ARG002
    ) -> list[RecognizerResult]:
        """What the rules find."""
        held = offers(text)
        asked = set(entities)
        return [
            self._result(found)
            for rule in self.rules
            if rule.needs & held == rule.needs and rule.type in asked
            for found in rule.findings(text)
        ]

    def _result(self, found: Finding) -> RecognizerResult:
        origin = {
            RecognizerResult.RECOGNIZER_NAME_KEY: RULES,
            RecognizerResult.RECOGNIZER_IDENTIFIER_KEY: self.id,
        }
        return RecognizerResult(found.type, found.start, found.end, found.score, recognition_metadata=origin)


class Names(NlpEngine):
    """spaCy pipelines that are loaded already and do nothing but mark names. Never loads, never downloads."""

    LABELS: ClassVar[dict[str, str]] = {
        "PERSON": "PERSON",
        "PER": "PERSON",
        "GPE": "LOCATION",
        "LOC": "LOCATION",
        "FAC": "LOCATION",
    }
    """Organisations, nationalities and dates are left out: they are no personal data by themselves."""

    def __init__(self, pipelines: Mapping[str, Language]) -> None:
        self.pipelines = pipelines

    def load(self) -> None:
        """They are loaded."""

    def is_loaded(self) -> bool:
        return True

    def process_text(self, text: str, language: str) -> NlpArtifacts:
        return self._artifacts(self.pipelines[language](text), language)

    def process_batch(
        self, texts: Iterable[str], language: str, batch_size: int = 32, n_process: int = 1, **_kwargs: Any
    ) -> Iterator[tuple[str, NlpArtifacts]]:
        for doc in self.pipelines[language].pipe(texts, batch_size=batch_size, n_process=n_process):
            yield doc.text, self._artifacts(doc, language)

    def _artifacts(self, doc: Doc, language: str) -> NlpArtifacts:
        marked = [span for span in doc.ents if span.label_ in self.LABELS]
        for span in marked:
            span.label_ = self.LABELS[span.label_]
        return artifacts(marked, language)

    def is_stopword(self, word: str, language: str) -> bool:
        return bool(self.pipelines[language].vocab[word].is_stop)

    def is_punct(self, word: str, language: str) -> bool:
        return bool(self.pipelines[language].vocab[word].is_punct)

    def get_supported_entities(self) -> list[str]:
        return list(NAMED)

    def get_supported_languages(self) -> list[str]:
        return list(self.pipelines)


def artifacts(entities: list[Any], language: str) -> NlpArtifacts:
    """What Presidio's recognisers read: the names that were marked. Our rules need no tokens and no lemmas."""
    return NlpArtifacts(
        entities=entities,
        tokens=None,  # type: ignore[arg-type]  # Presidio's own recognisers of names do not look at it
        tokens_indices=[],
        lemmas=[],
        nlp_engine=None,
        language=language,
        scores=[NAME_SCORE] * len(entities),
    )


class NoMoreContext(ContextAwareEnhancer):
    """Our rules have looked at their context already."""

    def __init__(self) -> None:
        super().__init__(0, 0, 0, 0)

    def enhance_using_context(
        self,
        text: str,  # noqa: ARG002
        raw_results: list[RecognizerResult],
        nlp_artifacts: NlpArtifacts,  # noqa: ARG002
        recognizers: list[EntityRecognizer],  # noqa: ARG002
        context: list[str] | None = None,  # noqa: ARG002
    ) -> list[RecognizerResult]:
        return raw_results


class Analyzer:
    """Presidio's analyzer over our rules in every language, and over names where there is a model."""

    def __init__(
        self, rules: Sequence[Rule], pipelines: Mapping[str, Language], languages: Sequence[str]
    ) -> None:
        self._kinds = sorted({rule.type for rule in rules} | set(NAMED if pipelines else ()))
        self._names = Names(pipelines)
        recognizers: list[LocalRecognizer] = [RuleRecognizer(rules, language) for language in languages]
        recognizers += [
            SpacyRecognizer(supported_language=language, supported_entities=list(NAMED))
            for language in pipelines
        ]
        registry = RecognizerRegistry(recognizers=recognizers, supported_languages=list(languages))
        self._engine = AnalyzerEngine(
            registry=registry,
            nlp_engine=self._names,
            supported_languages=list(languages),
            context_aware_enhancer=NoMoreContext(),
        )

    def findings(self, text: str, language: str) -> list[Finding]:
        """Everything found, as it was found: unsorted, overlapping."""
        named = language in self._names.pipelines and Need.CAPITAL in offers(text)
        results = self._engine.analyze(
            text,
            language,
            entities=self._kinds,
            nlp_artifacts=self._names.process_text(text, language) if named else artifacts([], language),
        )
        return [finding for result in results for finding in _findings(text, result)]


def _findings(text: str, result: RecognizerResult) -> Iterable[Finding]:
    found = Finding(result.entity_type, result.start, result.end, float(result.score))
    by_rule = result.recognition_metadata[RecognizerResult.RECOGNIZER_NAME_KEY] == RULES
    return (found,) if by_rule else cleaned(text, found)
