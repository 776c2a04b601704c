"""In which language a text is, as far as it matters: English and French have models, others have rules alone."""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lingua import LanguageDetector

NO_MODEL = "xx"
"""Presidio's name, here, for a language without a model."""

_LETTERS = re.compile(r"[^\W\d_]+")
_SHORT = 60
"""Letters below which seven languages cannot be told apart well; English and French still can."""
_LOOKED_AT = 400


@functools.cache
def _detectors() -> tuple[LanguageDetector, LanguageDetector]:
    from lingua import Language, LanguageDetectorBuilder

    ours = (Language.ENGLISH, Language.FRENCH)
    others = (Language.GERMAN, Language.SPANISH, Language.ITALIAN, Language.PORTUGUESE, Language.DUTCH)
    return (
        LanguageDetectorBuilder.from_languages(*ours, *others).with_low_accuracy_mode().build(),
        LanguageDetectorBuilder.from_languages(*ours).with_low_accuracy_mode().build(),
    )


def load() -> None:
    """Read the language models, which the package carries."""
    for detector in _detectors():
        detector.detect_language_of("Bonjour, how are you?")


def language_of(text: str) -> str | None:
    """ISO 639-1, None where there is nothing to tell it by."""
    letters = " ".join(_LETTERS.findall(text[:_LOOKED_AT]))
    if not letters:
        return None
    wide, narrow = _detectors()
    found = wide.detect_language_of(letters)
    code = found.iso_code_639_1.name.lower() if found else None
    if len(letters) < _SHORT and code not in {"en", "fr"}:
        found = narrow.detect_language_of(letters)
        return found.iso_code_639_1.name.lower() if found else code
    return code
