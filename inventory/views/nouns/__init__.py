"""The nouns of the register and their pages, each described once."""

from __future__ import annotations

from inventory.views.nouns.what import DATASET, DATASET_VERSION, ENTITY, MODEL, MODEL_VERSION, SYSTEM, UNIT
from inventory.views.nouns.where import DEPLOYMENT, ENDPOINT, FLEET, RULE, SITE

ALL = (
    SYSTEM, MODEL, MODEL_VERSION, DATASET, DATASET_VERSION, DEPLOYMENT, ENDPOINT, SITE, FLEET, ENTITY, UNIT, RULE,
)  # fmt: skip
"""The nouns with the regular five pages. Endpoint keys have pages of their own, for the token that is shown once."""

__all__ = [
    "ALL",
    "DATASET",
    "DATASET_VERSION",
    "DEPLOYMENT",
    "ENDPOINT",
    "ENTITY",
    "FLEET",
    "MODEL",
    "MODEL_VERSION",
    "RULE",
    "SITE",
    "SYSTEM",
    "UNIT",
]
