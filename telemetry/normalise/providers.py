"""Who answered: the many names of a provider → one, with the host and the model's name as witnesses."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

from telemetry.normalise.parsers import text

AMBIGUOUS: Final = "?"
"""Begins a reading that a host may overrule."""


class Providers:
    """The provider tables of the mapping."""

    def __init__(self, data: dict[str, Any]) -> None:
        self._aliases: dict[str, str] = data["aliases"]
        self._ambiguous: dict[str, str] = data["ambiguous"]
        self._frameworks = frozenset(data["frameworks"]["names"])
        self._hosts: dict[str, str] = data["hosts"]
        self._prefixes: dict[str, str] = data["model_prefixes"]
        self._remembered = lru_cache(maxsize=1024)(self._meaning)  # the same few names, again and again

    def read(self, value: Any) -> str | None:
        """The provider that a name means, None for a framework, with `?` before it where a host may know better."""
        said = text(value)
        return None if said is None else self._remembered(said)

    def _meaning(self, said: str) -> str | None:
        said = said.lower()
        if said in self._frameworks:
            return None
        return self._known(said) or self._known(self._first_word(said)) or said

    def decide(self, said: str | None, *, host: str | None, model: str | None) -> str | None:
        """The provider by name; where the name leaves it open by host; else by the model's name."""
        if said is not None and not said.startswith(AMBIGUOUS):
            return said
        found = self._by_host(host) or self._by_model(model)
        return found or (said.removeprefix(AMBIGUOUS) if said is not None else None)

    def _known(self, said: str) -> str | None:
        if said in self._ambiguous:
            return AMBIGUOUS + self._ambiguous[said]
        return self._aliases.get(said)

    def _first_word(self, said: str) -> str:
        """Vercel's `openai.chat`, `amazon-bedrock.converse`, `google.generative-ai.chat` → the known name within."""
        without_last = said.rsplit(".", 1)[0]
        return without_last if self._known(without_last) else said.split(".", 1)[0]

    def _by_host(self, host: str | None) -> str | None:
        if host is None:
            return None
        labels = host.lower().split(".")[-6:]
        endings = (".".join(labels[start:]) for start in range(len(labels)))
        return next((self._hosts[ending] for ending in endings if ending in self._hosts), None)

    def _by_model(self, model: str | None) -> str | None:
        if model is None:
            return None
        return next((name for prefix, name in self._prefixes.items() if model.startswith(prefix)), None)
