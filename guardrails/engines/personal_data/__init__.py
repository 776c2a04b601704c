"""Personal data: Presidio with French and English models, our own recognisers, and check digits.

Importing this package is cheap; Presidio, spaCy and the models come with the first scan or with `load`.
"""

from __future__ import annotations

from guardrails.engines.personal_data.engine import PersonalDataEngine
from guardrails.engines.personal_data.models import ModelUnusable

__all__ = ["ModelUnusable", "PersonalDataEngine"]
