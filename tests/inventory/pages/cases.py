"""Every noun of the register, once: where its sample stands, what a new one says, what an edit changes."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from inventory.forms.nouns import initial_of
from inventory.views import nouns
from inventory.views.keys import KEY
from inventory.views.pages import NounPages, row_of
from tests.inventory.estate import Estate

HOSTILE = "<script>alert(1)</script>\"'{{7*7}}"


@dataclass(frozen=True)
class Case:
    """A noun in the tests. `unit` says whether its sample belongs to the clinics, and is hidden from the shops."""

    pages: NounPages
    sample: Callable[[Estate], uuid.UUID]
    new: Callable[[Estate], Mapping[str, Any]]
    edit: Mapping[str, Any]
    edited_label: str
    unit: bool = True
    hostile: str = "name"

    def __str__(self) -> str:
        return self.pages.name

    def form_data(self, actor: Any, row_id: uuid.UUID) -> dict[str, Any]:
        """The edit form as a browser would send it back untouched."""
        row = row_of(self.pages.detail(actor, row_id))
        data = {**initial_of(row, self.pages.form), "version": row.version}
        return {name: value for name, value in data.items() if value is not None}


NAME = {"name": "Renamed"}

CASES = (
    Case(
        nouns.SYSTEM,
        lambda estate: estate.radiology,
        lambda _estate: {
            "name": "Weld inspection",
            "purpose": "Looks at seams",
            "decision_impact": "assistive",
        },
        {"purpose": "Drafts reports for radiologists"},
        "Purpose",
    ),
    Case(
        nouns.MODEL,
        lambda estate: estate.model,
        lambda _estate: {"name": "Seam eye", "kind": "vision"},
        {"family": "Weights family"},
        "Family",
        unit=False,
    ),
    Case(
        nouns.MODEL_VERSION,
        lambda estate: estate.model_version,
        lambda estate: {"model": estate.model, "label": "8"},
        {"licence": "Apache-2.0"},
        "Licence",
        unit=False,
        hostile="label",
    ),
    Case(
        nouns.DATASET,
        lambda estate: estate.records,
        lambda _estate: {"name": "Seam pictures"},
        {"purpose": "Care"},
        "Purpose",
    ),
    Case(
        nouns.DATASET_VERSION,
        lambda estate: estate.records_2026,
        lambda estate: {
            "dataset": estate.records,
            "label": "2027",
            "classification": "internal",
            "personal_data": "no",
        },
        {"source": "Hospital information system"},
        "Source",
        hostile="label",
    ),
    Case(
        nouns.DEPLOYMENT,
        lambda estate: estate.radiology_live,
        lambda estate: {
            "name": "Radiology pilot",
            "system": estate.radiology,
            "environment": "pilot",
            "capture_mode": "none",
            "retention_class": "standard",
        },
        {"calendar": "weekdays"},
        "When it runs",
    ),
    Case(
        nouns.ENDPOINT,
        lambda estate: estate.gateway,
        lambda estate: {
            "name": "Seam box",
            "kind": "model_server",
            "site": estate.clinic,
            "model_disclosure": "disclosed",
        },
        {"host": "gpu-1.clinic.example"},
        "Host",
    ),
    Case(
        nouns.SITE,
        lambda estate: estate.clinic,
        lambda _estate: {"name": "Brest yard", "tier": "industrial_edge", "connectivity": "online"},
        {"region": "eu-west-3"},
        "Region",
    ),
    Case(
        nouns.FLEET,
        lambda estate: estate.fleet,
        lambda estate: {"name": "Ward laptops", "site": estate.clinic, "kind": "laptop"},
        {"os": "Linux"},
        "Operating system",
    ),
    Case(
        nouns.ENTITY,
        lambda estate: estate.vendor,
        lambda _estate: {"name": "Seam Ltd", "country": "FR"},
        {"registration": "552 100 554"},
        "Registration number",
        unit=False,
    ),
    Case(
        nouns.UNIT,
        lambda estate: estate.clinics,
        lambda estate: {"name": "Yards", "parent": estate.group},
        NAME,
        "Name",
    ),
    Case(
        nouns.RULE,
        lambda estate: estate.rule,
        lambda estate: {"service_name": "seam-*", "deployment": estate.radiology_live, "priority": "0"},
        {"note": "Agreed with the clinic"},
        "Note",
        hostile="service_name",
    ),
    Case(
        nouns.COST_PROFILE,
        lambda estate: estate.profile,
        lambda estate: {
            "endpoint": estate.gateway,
            "basis": "rented",
            "currency": "EUR",
            "machines": "2",
            "slots": "8",
            "availability": "100",
            "rent_per_hour": "2.125",
            "pue": "1",
            "fixed_per_hour": "0",
        },
        {"fixed_per_hour": "0.25"},
        "Other fixed cost per hour",
        hostile="note",
    ),
    Case(
        nouns.SEAT_PRICE,
        lambda estate: estate.seats,
        lambda estate: {
            "name": "Team plan",
            "system": estate.radiology,
            "currency": "EUR",
            "price_per_month": "30",
            "seats": "12",
        },
        {"note": "Agreed with the vendor"},
        "Note",
    ),
    Case(
        nouns.OWN_PRICE,
        lambda estate: estate.own_price,
        lambda _estate: {"provider": "openai", "model": "gpt-4o*", "input_price": "1.25"},
        {"note": "Framework contract 7"},
        "Note",
        unit=False,
    ),
    Case(
        nouns.EXCHANGE_RATE,
        lambda estate: estate.exchange,
        lambda _estate: {"currency": "GBP", "day": "2026-02-01", "usd_per_unit": "1.27"},
        {"source": "European Central Bank"},
        "Source",
        unit=False,
        hostile="source",
    ),
)
KEY_CASE = Case(
    KEY,
    lambda estate: estate.clinic_key.id,
    lambda _estate: {},
    NAME,
    "Name",
)
ALL = (*CASES, KEY_CASE)
