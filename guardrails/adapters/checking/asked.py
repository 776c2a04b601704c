"""What an endpoint asks: read strictly, every mistake named by its field, no text ever quoted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from guardrails.domain import Check, Context

MAX_BODY_BYTES = 1024 * 1024
MAX_CONTEXTS = 400
MAX_ID_CHARACTERS = 200
FIELDS = frozenset({"query", "text", "response", "contexts", "checks", "deployment"})


class Unusable(ValueError):
    """A request that cannot be answered: which fields, and why."""

    def __init__(self, detail: str, fields: Mapping[str, str] | None = None) -> None:
        super().__init__(detail)
        self.fields = dict(fields or {})


@dataclass(frozen=True, slots=True)
class Asked:
    """A request. `texts` are those to look through, by the field they came in."""

    query: str | None
    response: str | None
    texts: tuple[tuple[str, str], ...]
    contexts: tuple[Context, ...]
    checks: tuple[Check, ...]
    deployment: str


def read(body: bytes) -> Asked:
    """The request in a body. Raises Unusable."""
    try:
        given = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise Unusable("The body is no JSON.") from None
    if not isinstance(given, dict):
        raise Unusable("The body must be a JSON object.")
    wrong = dict.fromkeys(sorted(set(given) - FIELDS)[:5], "There is no such field.")
    query, text, response = (_text(given, name, wrong) for name in ("query", "text", "response"))
    deployment = _text(given, "deployment", wrong)
    contexts = _contexts(given.get("contexts"), wrong)
    checks = _checks(given.get("checks"), response=response, wrong=wrong)
    if text is None and response is None and not wrong:
        wrong["text"] = "Give a text, a response, or both."
    if Check.GROUNDEDNESS in checks and response is None and not wrong:
        wrong["response"] = "Groundedness is asked of a response."
    if wrong:
        raise Unusable("Some fields cannot be accepted.", wrong)
    texts = tuple((name, said) for name, said in (("text", text), ("response", response)) if said is not None)
    return Asked(query, response, texts, contexts, checks, deployment or "")


def _text(given: dict[str, Any], name: str, wrong: dict[str, str]) -> str | None:
    value = given.get(name)
    if value is None or isinstance(value, str):
        return value
    wrong[name] = "This must be text."
    return None


def _contexts(value: Any, wrong: dict[str, str]) -> tuple[Context, ...]:
    if value is None:
        return ()
    if not isinstance(value, list) or len(value) > MAX_CONTEXTS:
        wrong["contexts"] = f"This must be a list of at most {MAX_CONTEXTS} objects with id and text."
        return ()
    found: list[Context] = []
    for place, item in enumerate(value):
        name = item.get("id", str(place)) if isinstance(item, dict) else None
        said = item.get("text") if isinstance(item, dict) else None
        if not isinstance(name, str) or len(name) > MAX_ID_CHARACTERS or not isinstance(said, str):
            wrong[f"contexts.{place}"] = (
                f"This must be an object with text, and an id of at most {MAX_ID_CHARACTERS} characters."
            )
            return ()
        found.append(Context(name, said))
    return tuple(found)


def _checks(value: Any, *, response: str | None, wrong: dict[str, str]) -> tuple[Check, ...]:
    """Those asked for; without any, all that the request has something for."""
    if value is None:
        return tuple(check for check in Check if check is not Check.GROUNDEDNESS or response is not None)
    known = [check.value for check in Check]
    if (
        not isinstance(value, list)
        or not value
        or not all(one in known for one in value if isinstance(one, str))
    ):
        wrong["checks"] = f"This must be a list of some of {', '.join(known)}."
        return ()
    if not all(isinstance(one, str) for one in value):
        wrong["checks"] = f"This must be a list of some of {', '.join(known)}."
        return ()
    return tuple(check for check in Check if check.value in value)
