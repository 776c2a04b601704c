"""`mapping.toml`, compiled into look-ups: what to do with an attribute is one dictionary access away."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any, NamedTuple

from telemetry.domain import ObservationPoint, SpanKind
from telemetry.normalise import documents, events, flat, messages, parsers
from telemetry.normalise.parsers import Reader
from telemetry.normalise.providers import Providers
from telemetry.normalise.usage import CacheModes

REMEMBERED_KEYS = 50_000
"""Attribute names that are remembered; when a sender makes up more, all but the mapping's own are forgotten."""
REMEMBERED_KEY_CHARACTERS = 200


@dataclass(frozen=True, slots=True)
class Rule:
    """One source of one field."""

    field: str
    rank: int
    read: Reader
    path: tuple[str, ...] | None
    beside: tuple[str, ...]
    kinds: frozenset[SpanKind] | None


ByKind = Mapping[SpanKind, tuple[Rule, ...]]
"""Rules that hold for some kinds only, by kind."""


class Sources(NamedTuple):
    """What one place says: rules that always hold, and rules that wait for the span's kind."""

    always: tuple[Rule, ...]
    by_kind: ByKind | None


@dataclass(frozen=True, slots=True)
class EventRule:
    """A source that is an event or log record: one attribute of it, its time, or the whole of it."""

    rule: Rule
    attribute: str | None
    time: bool


class KeyEntry(NamedTuple):
    """What an attribute's name means."""

    always: tuple[Rule, ...]
    by_kind: ByKind | None
    slot: tuple[str, int, str] | None
    marks: int


class Dialect(NamedTuple):
    """How a dialect is known."""

    name: str
    keys: frozenset[str]
    prefixes: tuple[str, ...]
    scopes: tuple[str, ...]


class Table:
    """The compiled mapping. Read-only but for its memory of attribute names."""

    def __init__(self, data: dict[str, Any]) -> None:
        self.version: int = data["version"]
        self.dialects = [_dialect(entry) for entry in data["dialects"]]
        self.gateway_mark = 1 << len(self.dialects)
        self.ai_marks = self.gateway_mark - 1
        self.providers = Providers(data["providers"])
        self.cache_modes = CacheModes(data["cache_modes"])
        self.kind_by_field = {field: SpanKind(kind) for field, kind in data["kind_by_field"].items()}
        self.aggregate_kinds = frozenset(map(SpanKind, data["aggregate"]["kinds"]))
        self.aggregate_operations = frozenset(data["aggregate"]["operations"])
        self.event_prefixes = tuple(data["genai_events"]["prefixes"])
        observation = data["observation"]
        self.observation = {
            int(kind): ObservationPoint(point) for kind, point in observation["kinds"].items()
        }
        self._gateway_prefixes = tuple(observation["gateway_prefixes"])
        self._gateway_scopes = tuple(observation["gateway_scopes"])
        self.events: dict[str, tuple[EventRule, ...]] = {}
        self.resource: dict[str, tuple[tuple[str, Rule], ...]] = {}
        lists: dict[str, tuple[Rule, ...]] = {}
        attributes: dict[str, tuple[Rule, ...]] = {}
        self._readers = _readers(data, self.providers)
        for field, entry in data["fields"].items():
            self._add_field(field, entry, lists=lists, attributes=attributes)
        self.lists = {stem: _sources(rules) for stem, rules in lists.items()}
        self._attributes = {key: _sources(rules) for key, rules in attributes.items()}
        self._scopes: dict[str, int] = {}
        self._known: dict[str, KeyEntry] = {}
        self._forget()

    @property
    def known(self) -> Mapping[str, KeyEntry]:
        """The names that are remembered: look here first, and ask `entry` for the others."""
        return self._known

    def entry(self, key: str) -> KeyEntry:
        """What the attribute of this name means; the answer for a new name is remembered."""
        found = self._known.get(key)
        return self._classified(key) if found is None else found

    def scope_marks(self, scope: str) -> int:
        """The marks of an instrumentation scope's name."""
        found = self._scopes.get(scope)
        if found is None:
            found = self._marks_of_scope(scope)
            if len(self._scopes) < REMEMBERED_KEYS and len(scope) <= REMEMBERED_KEY_CHARACTERS:
                self._scopes[scope] = found
        return found

    def dialect(self, marks: int) -> str:
        """The name of the first dialect among the marks."""
        return next((entry.name for bit, entry in enumerate(self.dialects) if marks >> bit & 1), "none")

    def mapped_attributes(self) -> list[str]:
        """Every attribute name that some field reads, for tests and documentation."""
        return sorted(self._attributes)

    def _add_field(
        self,
        field: str,
        entry: dict[str, Any],
        *,
        lists: dict[str, tuple[Rule, ...]],
        attributes: dict[str, tuple[Rule, ...]],
    ) -> None:
        default = entry.get("parser", "text")
        for rank, source in enumerate(entry["sources"]):
            told = {"attribute": source} if isinstance(source, str) else source
            rule = self._rule(field, rank, told, default)
            if "list" in told:
                _append(lists, told["list"], rule)
            elif "resource" in told:
                _append(self.resource, field, (told["resource"], rule))
            elif "event" in told or "events" in told:
                self._add_event(told, rule)
            else:
                _append(attributes, told["attribute"], rule)

    def _rule(self, field: str, rank: int, told: dict[str, Any], default: str) -> Rule:
        return Rule(
            field=field,
            rank=rank,
            read=_constant(told, field) if "constant" in told else self._readers[told.get("parser", default)],
            path=tuple(told["path"].split(".")) if "path" in told else None,
            beside=tuple(told.get("beside", ())),
            kinds=frozenset(map(SpanKind, told["kinds"])) if "kinds" in told else None,
        )

    def _add_event(self, told: dict[str, Any], rule: Rule) -> None:
        one = EventRule(rule, told.get("attribute"), bool(told.get("time")))
        for name in told.get("events", [told.get("event")]):
            _append(self.events, name, one)

    def _classified(self, key: str) -> KeyEntry:
        split = flat.split_key(key)
        slot = split if split is not None and split[0] in self.lists else None
        found = KeyEntry(*self._attributes.get(key, _NO_SOURCES), slot, self._marks_of_key(key))
        if len(key) <= REMEMBERED_KEY_CHARACTERS:
            if len(self._known) >= REMEMBERED_KEYS:
                self._forget()
            self._known[key] = found
        return found

    def _forget(self) -> None:
        self._known = {
            key: KeyEntry(*sources, None, self._marks_of_key(key))
            for key, sources in self._attributes.items()
        }

    def _marks_of_key(self, key: str) -> int:
        marks = self.gateway_mark if key.startswith(self._gateway_prefixes) else 0
        for bit, entry in enumerate(self.dialects):
            if key in entry.keys or key.startswith(entry.prefixes):
                marks |= 1 << bit
        return marks

    def _marks_of_scope(self, scope: str) -> int:
        marks = self.gateway_mark if scope.startswith(self._gateway_scopes) else 0
        for bit, entry in enumerate(self.dialects):
            if entry.scopes and scope.startswith(entry.scopes):
                marks |= 1 << bit
        return marks


_NO_SOURCES = Sources((), None)


def load() -> Table:
    """The table of `mapping.toml`."""
    text = resources.files("telemetry.normalise").joinpath("mapping.toml").read_text(encoding="utf-8")
    return Table(tomllib.loads(text))


def _dialect(entry: dict[str, Any]) -> Dialect:
    return Dialect(
        entry["name"], frozenset(entry.get("keys", ())), tuple(entry["prefixes"]), tuple(entry["scopes"])
    )


def _readers(data: dict[str, Any], providers: Providers) -> dict[str, Reader]:
    """The readers by the names that the mapping uses."""
    modules = (parsers, messages, flat, documents, events)
    found: dict[str, Reader] = {
        name: reader for module in modules for name, reader in vars(module).items() if callable(reader)
    }
    found["spoken_text"] = messages.output_messages
    found["provider"] = providers.read
    found["kind"] = _kind_reader(data["kinds"])
    found["vercel_kind"] = _kind_reader(data["vercel_kinds"], first_word=True)
    found["mcp_kind"] = _kind_reader(data["mcp_kinds"])
    found["vercel_operation"] = _vercel_operation
    return found


def _kind_reader(words: dict[str, str], *, first_word: bool = False) -> Reader:
    kinds = {word.lower(): SpanKind(kind) for word, kind in words.items()}

    def read(value: Any) -> SpanKind | None:
        said = parsers.text(value)
        if said is None:
            return None
        return kinds.get((said.split(None, 1)[0] if first_word else said).lower())

    return read


def _vercel_operation(value: Any) -> str | None:
    """`ai.generateText.doGenerate my-function` → `ai.generateText.doGenerate`; other programs' `operation.name` is not ours."""
    said = parsers.text(value)
    return said.split(None, 1)[0] if said is not None and said.startswith("ai.") else None


def _constant(told: dict[str, Any], field: str) -> Reader:
    value = SpanKind(told["constant"]) if field == "kind" else told["constant"]
    return lambda found: None if found is None else value


def by_kind(rules: Iterable[Rule]) -> ByKind | None:
    """The rules among these that hold for some kinds only."""
    found: dict[SpanKind, tuple[Rule, ...]] = {}
    for rule in rules:
        for kind in rule.kinds or ():
            _append(found, kind, rule)
    return found or None


def _sources(rules: tuple[Rule, ...]) -> Sources:
    return Sources(tuple(rule for rule in rules if rule.kinds is None), by_kind(rules))


def _append(table: dict[Any, tuple[Any, ...]], key: Any, value: Any) -> None:
    table[key] = (*table.get(key, ()), value)
