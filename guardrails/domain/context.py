"""What an answer in a trace can be held against: each generation with its question and its sources, in order.

The rule, from the strongest witness down (see docs/decisions/0012):

1. the documents that the generation names itself, else those of retrievers and rerankers that had ended when it began,
   within the nearest step that holds both: up through chains, and no further than the agent or workflow it belongs to;
2. what tools answered: as the generation was told, else the results of tool steps within the same bounds;
3. where there is neither, sources written out in the prompt itself (`Context: … Question: …`, `<documents>…`).

Documents and tool answers are taken together, for an agent answers from both. Pure: ids and opened messages in, values
out; the same trace gives the same generations whatever the order its spans are given in.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from guardrails.domain.grounding import Context
from guardrails.domain.prompts import taken_apart
from guardrails.domain.traces import TracedSpan, TraceOrder

MOST_CONTEXTS = 400
"""Of one generation; where a trace retrieved more, the latest are kept."""

NO_CONTEXT = "no_context"
NO_CLAIM = "no_claim"
CONTENT_NOT_KEPT = "content_not_kept"

_GENERATION = "llm"
_TOOL_ROLES = frozenset({"tool", "function"})
_NO_ANSWER_ROLES = _TOOL_ROLES | {"user", "system", "developer"}
_INSTRUCTIONS = frozenset({"system", "developer"})


@dataclass(frozen=True, slots=True)
class Said:
    """An opened message: its role, and its parts in the shape of OTel's gen_ai messages."""

    role: str
    parts: Sequence[Mapping[str, Any]]


class Source(StrEnum):
    """Where the first context of a generation came from."""

    OWN_DOCUMENTS = "own_documents"
    RETRIEVER = "retriever"
    TOOL = "tool"
    PROMPT = "prompt"


@dataclass(frozen=True, slots=True)
class Generation:
    """An answer of a model with what it can be held against.

    `reason`, unless None, says why no engine needs to be asked: content_not_kept (the answer or a source is an id
    only), no_claim (a turn that only calls tools, or says nothing), no_context. `answer_id` is the place of the answer,
    in the form of a context's id; None where it was put together from several parts.
    """

    span_id: bytes
    question: str | None
    answer: str
    answer_id: str | None
    contexts: tuple[Context, ...]
    source: Source | None
    reason: str | None
    input_digest: bytes


def contexts_of(spans: Iterable[TracedSpan], messages: Mapping[str, Said]) -> tuple[Generation, ...]:
    """Every generation of a trace that has an output, by start, with question, answer and ordered contexts.

    `spans` are those of the whole trace, of all its senders; `messages` the opened ones by hex id. An id that is not
    among them is one whose text was not kept. A context's id is `<hex id><JSON pointer>` into the message's parts, with
    `@<start>` behind it where the context begins further in; `place_of` takes it apart. Where no text stands at the
    pointer but an object (as tools answer), the context's text is `readable` of it.
    """
    order = TraceOrder(spans)
    asked = (span for span in order.spans if span.kind == _GENERATION and span.output)
    return tuple(_generation(span, order, messages) for span in asked)


def place_of(context_id: str) -> tuple[str, str, int]:
    """Message id in hex, JSON pointer into its parts, and where in the text at the pointer the context begins."""
    place, _, start = context_id.partition("@")
    message, _, pointer = place.partition("/")
    return message, f"/{pointer}", int(start or 0)


def input_digest(question: str | None, answer: str, contexts: Sequence[Context]) -> bytes:
    """32 bytes fixed by question, answer and the ordered texts of the contexts, whatever their ids."""
    digest = hashlib.sha256(b"-" if question is None else b"+")
    for text in (question or "", answer, *(context.text for context in contexts)):
        said = text.encode("utf-8", "surrogatepass")
        digest.update(len(said).to_bytes(8, "big"))
        digest.update(said)
    return digest.digest()


def readable(value: Any) -> str:
    """A value as text: a text as it is, anything else as a line `path: value` for each of its leaves."""
    if isinstance(value, str):
        return value
    return "\n".join(f"{path}: {leaf}" if path else leaf for path, leaf in _leaves(value))


def _leaves(value: Any) -> Iterator[tuple[str, str]]:
    """Paths and leaves in order, without recursion: a tool may answer as deep as it likes."""
    waiting: list[tuple[str, Any]] = [("", value)]
    while waiting:
        path, inner = waiting.pop()
        if isinstance(inner, Mapping):
            below = [(f"{path}.{key}" if path else str(key), item) for key, item in inner.items()]
            waiting.extend(reversed(below))
        elif isinstance(inner, list | tuple):
            waiting.extend((path, item) for item in reversed(inner))
        elif inner is not None:
            yield path, str(inner)


# ------------------------------------------------------------------------------------------------------ one generation


def _generation(span: TracedSpan, order: TraceOrder, messages: Mapping[str, Said]) -> Generation:
    answer_id, answer = _answer(span, messages)
    question, written_out = _asked(span, messages)
    contexts, source, missing = _sources(span, order, messages)
    if not contexts and written_out:
        contexts, source = written_out, Source.PROMPT
    if not answer:
        reason = None if any(id_ in messages for id_ in span.output) else CONTENT_NOT_KEPT
        reason = reason or NO_CLAIM
    elif missing:
        reason = CONTENT_NOT_KEPT
    else:
        reason = None if contexts else NO_CONTEXT
    return Generation(
        span_id=span.span_id,
        question=question,
        answer=answer,
        answer_id=answer_id,
        contexts=contexts,
        source=source,
        reason=reason,
        input_digest=input_digest(question, answer, contexts),
    )


def _answer(span: TracedSpan, messages: Mapping[str, Said]) -> tuple[str | None, str]:
    """The last text that the model said to its user: neither a thought nor what it says before it calls a tool."""
    for id_ in reversed(span.output):
        said = messages.get(id_)
        if said is None or said.role in _NO_ANSWER_ROLES:
            continue
        if any(part.get("type") == "tool_call" for part in said.parts):
            return None, ""
        texts = list(_texts(said))
        if texts:
            place = f"{id_}{texts[0][0]}" if len(texts) == 1 else None
            return place, "\n\n".join(text for _, text in texts)
    return None, ""


def _asked(span: TracedSpan, messages: Mapping[str, Said]) -> tuple[str | None, tuple[Context, ...]]:
    """What the user asked last, and the sources written out beside it or in the instructions."""
    question: str | None = None
    found: list[Context] = []
    for id_ in reversed(span.input):
        said = messages.get(id_)
        if said is None or said.role not in _INSTRUCTIONS | {"user"}:
            continue
        if said.role == "user" and question is not None:
            continue
        for pointer, text in reversed(list(_texts(said))):
            prompt = taken_apart(text)
            found += [
                Context(f"{id_}{pointer}@{start}", text[start:end]) for start, end in reversed(prompt.sources)
            ]
            if said.role == "user" and prompt.question:
                question = f"{prompt.question}\n{question}" if question else prompt.question
    return question, tuple(reversed(found))[-MOST_CONTEXTS:]


def _texts(said: Said) -> Iterator[tuple[str, str]]:
    for position, part in enumerate(said.parts):
        text = part.get("content")
        if part.get("type") == "text" and isinstance(text, str) and text.strip():
            yield f"/{position}/content", text


# ------------------------------------------------------------------------------------------------------------- sources


def _sources(
    span: TracedSpan, order: TraceOrder, messages: Mapping[str, Said]
) -> tuple[tuple[Context, ...], Source | None, bool]:
    """Contexts, where the first came from, and whether the text of one of them was not kept."""
    found = _Gathered(messages)
    found.contents(span.documents)
    source = Source.OWN_DOCUMENTS
    if not span.documents:
        source = Source.RETRIEVER
        for retriever in order.retrievers_for(span):
            found.contents(retriever.documents)
    if not found.contexts:
        source = Source.TOOL
    found.answers(span.input)
    if not found.answered:
        for tool in order.tools_for(span):
            found.contents(tool.tool_result)
    contexts = tuple(found.contexts.values())[-MOST_CONTEXTS:]
    return contexts, source if contexts else None, found.missing


class _Gathered:
    """Contexts in order, each text once."""

    def __init__(self, messages: Mapping[str, Said]) -> None:
        self.contexts: dict[str, Context] = {}
        self.answered = False
        self.missing = False
        self._messages = messages

    def contents(self, ids: Iterable[str]) -> None:
        """Documents, or what a tool's step came to."""
        for id_ in ids:
            said = self._messages.get(id_)
            self.missing = self.missing or said is None
            for position, part in enumerate(said.parts if said is not None else ()):
                self._add(f"{id_}/{position}/content", part.get("content"))

    def answers(self, ids: Iterable[str]) -> None:
        """What tools answered, among the messages that the model was given."""
        for id_ in ids:
            said = self._messages.get(id_)
            for position, part in enumerate(said.parts if said is not None else ()):
                if part.get("type") == "tool_call_response":
                    self._add(f"{id_}/{position}/response", part.get("response"), answered=True)
                elif said is not None and said.role in _TOOL_ROLES:
                    self._add(f"{id_}/{position}/content", part.get("content"), answered=True)

    def _add(self, id_: str, value: Any, *, answered: bool = False) -> None:
        text = "" if value is None else readable(value)
        if text.strip():
            self.answered = self.answered or answered
            self.contexts.setdefault(text, Context(id_, text))
