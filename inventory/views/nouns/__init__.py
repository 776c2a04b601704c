"""The nouns of the register and their pages, each described once."""

from __future__ import annotations

from inventory.views.nouns.costs import COST_PROFILE, EXCHANGE_RATE, OWN_PRICE, SEAT_PRICE
from inventory.views.nouns.what import DATASET, DATASET_VERSION, ENTITY, MODEL, MODEL_VERSION, SYSTEM, UNIT
from inventory.views.nouns.where import DEPLOYMENT, ENDPOINT, FLEET, RULE, SITE

ALL = (
    SYSTEM, MODEL, MODEL_VERSION, DATASET, DATASET_VERSION, DEPLOYMENT, ENDPOINT, SITE, FLEET, ENTITY, UNIT, RULE, COST_PROFILE,
    SEAT_PRICE, OWN_PRICE, EXCHANGE_RATE,
)  # fmt: skip
"""The nouns with the regular five pages. Endpoint keys have pages of their own, for the token that is shown once."""

__all__ = [
    "ALL",
    "COST_PROFILE",
    "DATASET",
    "DATASET_VERSION",
    "DEPLOYMENT",
    "ENDPOINT",
    "ENTITY",
    "EXCHANGE_RATE",
    "FLEET",
    "MODEL",
    "MODEL_VERSION",
    "OWN_PRICE",
    "RULE",
    "SEAT_PRICE",
    "SITE",
    "SYSTEM",
    "UNIT",
]
