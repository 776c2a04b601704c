"""Documents: what a retriever found, from OTel's, OpenInference's, LangChain's and the vector stores' words."""

from __future__ import annotations

import math
from typing import Any

from telemetry.domain import DecodedEvent, Document
from telemetry.normalise.parsers import as_text, parsed_json, text

MAX_DOCUMENTS = 10_000

_CONTENT = ("content", "text", "page_content", "pageContent", "body", "snippet")
_SCORE = ("score", "similarity", "relevance_score", "distance")


def documents(value: Any) -> list[Document] | None:
    """The documents of a list, a JSON text of one, or an object that holds one under `documents` or `results`."""
    if isinstance(value, str):
        value = parsed_json(value)
    if isinstance(value, dict):
        value = value.get("documents", value.get("results"))
    if not isinstance(value, list):
        return None
    found = [document(item) for item in value[:MAX_DOCUMENTS]]
    return [one for one in found if one is not None] or None


def document(value: Any) -> Document | None:
    """One document; a bare text is one too. None where nothing of a document is there."""
    if isinstance(value, str):
        value = parsed_json(value) if value[:1] == "{" else {"content": value}
    if not isinstance(value, dict):
        return None
    value = _opened(value)
    metadata = _metadata(value.get("metadata"))
    found = Document(
        id=text(value.get("id")) or text(value.get("document_id")),
        score=_score(value),
        content=_content(value),
        uri=text(value.get("url")) or text(value.get("uri")) or text((metadata or {}).get("source")),
        metadata=metadata,
    )
    return None if found == Document() else found


def event_documents(events: list[DecodedEvent]) -> list[Document] | None:
    """`db.query.result` and `db.search.result` events of vector stores: one document each."""
    found = [
        document(
            {
                key.rsplit(".", 1)[-1].replace("document", "content"): value
                for key, value in event.attributes.items()
            }
        )
        for event in events[:MAX_DOCUMENTS]
    ]
    return [one for one in found if one is not None] or None


def _opened(value: dict[str, Any]) -> dict[str, Any]:
    inner = value.get("document")
    if isinstance(inner, dict):
        return {**inner, **{key: field for key, field in value.items() if key != "document"}}
    if isinstance(inner, str):
        return {**value, "content": inner}
    kwargs = value.get("kwargs")
    return kwargs if "lc" in value and isinstance(kwargs, dict) else value


def _content(value: dict[str, Any]) -> str | None:
    said = next((value[key] for key in _CONTENT if value.get(key)), None)
    return said if said is None or isinstance(said, str) else as_text(said)


def _score(value: dict[str, Any]) -> float | None:
    found = next((value[key] for key in _SCORE if value.get(key) is not None), None)
    if isinstance(found, bool) or not isinstance(found, int | float | str):
        return None
    try:
        score = float(found)
    except (ValueError, OverflowError):
        return None
    return score if math.isfinite(score) else None


def _metadata(value: Any) -> dict[str, Any] | None:
    if isinstance(value, str):
        value = parsed_json(value)
    return value if isinstance(value, dict) and value else None
