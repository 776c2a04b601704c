"""The engine of personal data: language, rules and names, merged, with offsets into the text as it was given."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

from guardrails.domain import Check, Finding, Scan
from guardrails.engines.personal_data import language, models
from guardrails.engines.personal_data.merging import merged
from guardrails.engines.personal_data.offline import close_the_door
from guardrails.engines.personal_data.reading import Chunk, chunks, readable
from kernel.config import DEFAULT_PHONE_REGIONS, PersonalDataTier

if TYPE_CHECKING:
    from guardrails.engines.personal_data.presidio import Analyzer

RULES_VERSION = 1
"""Raise it with every change of a rule, a gate, a word list or the merging: old findings are then made anew."""


class PersonalDataEngine:
    """Presidio with our recognisers. `standard` finds names by models in English and French, `regex` by rules alone."""

    check = Check.PERSONAL_DATA

    def __init__(
        self,
        tier: PersonalDataTier = PersonalDataTier.STANDARD,
        phone_regions: Sequence[str] = DEFAULT_PHONE_REGIONS,
    ) -> None:
        self.tier = tier
        self.phone_regions = tuple(phone_regions)
        self.version = _version(tier, self.phone_regions)

    def load(self) -> None:
        """Read the models and compile the rules. Raises ModelUnusable where a model is missing or changed."""
        _ = self._analyzer
        language.load()

    @functools.cached_property
    def _analyzer(self) -> Analyzer:
        close_the_door()
        from guardrails.engines.personal_data.catalogue import all_rules
        from guardrails.engines.personal_data.presidio import Analyzer

        with_models = models.known_models() if self.tier is PersonalDataTier.STANDARD else ()
        pipelines = {model.language: models.load(model) for model in with_models}
        return Analyzer(all_rules(self.phone_regions), pipelines, ["en", "fr", language.NO_MODEL])

    def scan(self, text: str, *, threshold: float) -> Scan:
        """Everything personal found with at least this score. Takes any text; time grows with its length alone."""
        read = readable(text)
        if not read.text.strip():
            return Scan(())
        told: list[str | None] = []
        found = [finding for chunk in chunks(read.text) for finding in self._of(read.text, chunk, told)]
        sure = (finding for finding in found if finding.score >= threshold)
        placed = [
            Finding(finding.type, *read.original(finding.start, finding.end), finding.score)
            for finding in merged(read.text, sure)
        ]
        return Scan(tuple(placed), next((one for one in told if one), None))

    def _of(self, text: str, chunk: Chunk, told: list[str | None]) -> Iterator[Finding]:
        said = text[chunk.start : chunk.end]
        spoken = language.language_of(said)
        told.append(spoken)
        known = spoken if spoken in {"en", "fr"} else language.NO_MODEL
        for finding in self._analyzer.findings(said, known):
            start = chunk.start + finding.start
            if chunk.own_start <= start < chunk.own_end:
                yield Finding(finding.type, start, chunk.start + finding.end, finding.score)


def _version(tier: PersonalDataTier, regions: Sequence[str]) -> str:
    try:
        presidio = version("presidio-analyzer")
    except PackageNotFoundError:
        presidio = "none"
    kept = models.manifest_digest() if tier is PersonalDataTier.STANDARD else "none"
    return f"presidio {presidio}, rules {RULES_VERSION}, models {kept}, {'+'.join(regions)}"[:64]
