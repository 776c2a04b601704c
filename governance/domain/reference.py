"""The reference of facts as a page: what docs/policies.md holds between its marks."""

from __future__ import annotations

from collections.abc import Iterator

from governance.domain.facts import VOCABULARY, FactType, walk
from governance.domain.policies import SubjectKind

_TYPES = {
    FactType.TEXT: "text",
    FactType.NUMBER: "whole number",
    FactType.YES_NO: "yes or no",
    FactType.TEXTS: "list of texts",
    FactType.RECORD: "group",
    FactType.RECORDS: "list of groups",
}


def facts_page() -> str:
    """Every fact with its type, meaning (English, French) and words, as Markdown tables by subject."""
    return "\n".join(line for kind in VOCABULARY for line in _table(kind))


def _table(kind: SubjectKind) -> Iterator[str]:
    yield from (f"### {kind.value}", "", "| fact | type | meaning | sens | values |", "|---|---|---|---|---|")
    for path, fact in walk(VOCABULARY[kind], kind.value):
        words = ", ".join(f"`{word}`" for word in fact.allowed)
        means, french = fact.means.en, fact.means.in_language("fr")
        yield f"| `{path}` | {_TYPES[fact.type]} | {means} | {french} | {words} |"
    yield ""
