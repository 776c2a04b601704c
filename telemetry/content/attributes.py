"""The attributes that stay: `allowlist.toml`, carried out."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from importlib import resources
from typing import Any

import orjson

from telemetry.content import plainness
from telemetry.domain import Attributes, NormalisedSpan

Form = Callable[..., Any]

FORMS: dict[str, Form] = {
    "number": plainness.plain_number,
    "word": plainness.plain_word,
    "words": plainness.plain_words,
    "address": plainness.plain_address,
    "url": plainness.plain_link,
}

FINISH_REASONS = "gen_ai.response.finish_reasons"


def _load() -> dict[str, dict[str, Form]]:
    text = resources.files("telemetry.content").joinpath("allowlist.toml").read_text(encoding="utf-8")
    table = tomllib.loads(text)
    return {part: {key: FORMS[form] for key, form in table[part].items()} for part in ("span", "resource")}


_ALLOWED = _load()


def allowed(attributes: Attributes, *, full: bool) -> dict[str, Any]:
    """The span attributes of the allow-list, in their plain form."""
    return _through(_ALLOWED["span"], attributes, full=full)


def allowed_resource(resource: Attributes) -> dict[str, Any]:
    """The resource attributes of the allow-list: what helps to place a sender, and nothing that speaks of a person."""
    return _through(_ALLOWED["resource"], resource, full=False)


def attributes_column(span: NormalisedSpan, *, full: bool) -> str:
    """The `attributes` column: allowed span attributes, all finish reasons, allowed resource attributes, as JSON text."""
    kept = allowed(span.span.attributes, full=full)
    reasons = plainness.plain_words(span.finish_reasons, full=full)
    if reasons:
        kept[FINISH_REASONS] = reasons
    resource = allowed_resource(span.span.resource)
    if resource:
        kept["resource"] = resource
    return orjson.dumps(kept, option=orjson.OPT_SORT_KEYS).decode()


def _through(forms: dict[str, Form], attributes: Attributes, *, full: bool) -> dict[str, Any]:
    kept = {}
    for key in forms.keys() & attributes:  # in no order, for the column is sorted
        plain = forms[key](attributes[key], full=full)
        if plain is not None:
            kept[key] = plain
    return kept
