"""Every route of every process, found where the processes themselves find them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver
from ninja.operation import PathView

ROOT = Path(__file__).resolve().parents[2]
API_PREFIX = "api/v1/"
_PARAMETER = re.compile(r"<(?:(\w+):)?(\w+)>|\{(?:(\w+):)?(\w+)\}")
_SAMPLES = {
    "uuid": "01900000-0000-7000-8000-000000000000",
    "int": "1",
    "str": "0" * 32,
    "slug": "a",
    "path": "a",
}
_A_PATH = re.compile(r"/(?:[a-z0-9]+/?)*")


def pages() -> Iterator[tuple[str, str, Any]]:
    """Name, pattern and view of every route of the web process that is not the API."""
    return (
        (name, pattern, view)
        for name, pattern, view in _walk(get_resolver())
        if not pattern.startswith(API_PREFIX)
    )


def operations() -> Iterator[tuple[str, str]]:
    """Method and pattern of every operation of the API, its own description included."""
    from console.api import api

    for _prefix, router in api._routers:
        for pattern, view in router.path_operations.items():
            assert isinstance(view, PathView)
            path = "/".join(part.strip("/") for part in (API_PREFIX, _prefix, pattern) if part.strip("/"))
            for operation in view.operations:
                for method in operation.methods:
                    yield method, path
    yield from (
        ("GET", pattern) for _, pattern, _ in _walk(get_resolver()) if pattern == f"{API_PREFIX}openapi.json"
    )


def ingest() -> set[str]:
    """The paths that the receiver compares with: those of its tables, and every literal of its source."""
    from telemetry.receiver import lookups
    from telemetry.receiver.http import SIGNALS

    return (
        set(SIGNALS)
        | set(lookups.PREFIXES)
        | _paths_in("telemetry/receiver/http.py", "telemetry/receiver/lookups.py")
    )


def check() -> set[str]:
    """The paths that the check process compares with."""
    from guardrails.adapters.checking.http import PATH

    return {PATH} | _paths_in("guardrails/adapters/checking/http.py")


def rpc() -> set[str]:
    """The services of the receiver's gRPC side."""
    from telemetry.receiver.rpc import SERVICES

    return set(SERVICES.values())


def probes() -> set[str]:
    """The paths that worker and beat answer."""
    return _paths_in("console/processes/probes.py")


def sample(pattern: str) -> str:
    """An address that the pattern matches, of a thing that does not exist."""
    return "/" + _PARAMETER.sub(
        lambda found: _SAMPLES[found[1] or found[3] or _kind(found[2] or found[4])], pattern
    )


def _kind(name: str) -> str:
    return "uuid" if name.endswith("_id") or name == "id" else "str"


def _walk(resolver: URLResolver, prefix: str = "", namespace: str = "") -> Iterator[tuple[str, str, Any]]:
    for entry in resolver.url_patterns:
        pattern = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            inner = f"{namespace}{entry.namespace}:" if entry.namespace else namespace
            yield from _walk(entry, pattern, inner)
        elif isinstance(entry, URLPattern):
            yield f"{namespace}{entry.name}", pattern, entry.callback


def _paths_in(*files: str) -> set[str]:
    found = set()
    for name in files:
        tree = ast.parse((ROOT / name).read_text("utf-8"))
        found |= {
            node.value
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and _A_PATH.fullmatch(node.value)
        }
    return found
