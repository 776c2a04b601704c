"""Where the live traffic goes: the local ingest and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Target:
    """`http` is a base URL, `grpc` a host and port. `keys` are the demo's endpoint keys by name; the repr hides them."""

    http: str
    grpc: str
    keys: Mapping[str, str] = field(repr=False)

    def bearer(self, key: str) -> str:
        """The Authorization header's value for a key by name. Raises KeyError for one that the estate lacks."""
        return f"Bearer {self.keys[key]}"
