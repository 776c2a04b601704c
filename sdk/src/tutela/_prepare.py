"""The last touch before spans leave: who sends them, and no content where none may leave.

It works on the encoded request, never on the spans, which other exporters of the same process may hold too.
"""

from __future__ import annotations

import hashlib
import os
import re
import socket
import sys
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import KeyValue
from opentelemetry.proto.resource.v1.resource_pb2 import Resource
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from tutela._settings import Settings
from tutela._version import __version__

_UNNAMED = "unknown_service"  # what OpenTelemetry calls a service without a name
_MACHINE = frozenset({"host.name", "host.id"})
_MACHINE_ADDRESSES = frozenset({"host.ip", "host.mac"})

# Text that names things and says nothing of people. Everything else that is text stays behind when capture is none.
_NAMES = frozenset(
    {
        "ai.model.id",
        "ai.model.provider",
        "ai.operationId",
        "db.system",
        "db.system.name",
        "embedding.model_name",
        "error.type",
        "exception.type",
        "gen_ai.agent.id",
        "gen_ai.agent.name",
        "gen_ai.agent.version",
        "gen_ai.conversation.id",
        "gen_ai.data_source.id",
        "gen_ai.operation.name",
        "gen_ai.output.type",
        "gen_ai.provider.name",
        "gen_ai.request.model",
        "gen_ai.response.finish_reasons",
        "gen_ai.response.id",
        "gen_ai.response.model",
        "gen_ai.system",
        "gen_ai.token.type",
        "gen_ai.tool.call.id",
        "gen_ai.tool.name",
        "gen_ai.tool.type",
        "gen_ai.workflow.name",
        "http.request.method",
        "llm.model_name",
        "llm.provider",
        "llm.request.type",
        "llm.system",
        "openinference.span.kind",
        "reranker.model_name",
        "rpc.system",
        "server.address",
        "session.id",
        "tool.name",
        "traceloop.span.kind",
        "tutela.decision.id",
        "tutela.inference.unit",
        "tutela.kind",
        "tutela.review.outcome",
        "tutela.review.reviewer_role",
    }
)


@dataclass(frozen=True, slots=True)
class Identity:
    """Who sends: `given` was said to this SDK and always holds, `found` only fills what nobody said."""

    given: tuple[tuple[str, str], ...]
    found: tuple[tuple[str, str], ...]
    host: str
    capture: str


def identity_of(settings: Settings) -> Identity:
    """The identity that the settings and this machine give."""
    given = {
        "service.name": settings.service_name,
        "service.namespace": settings.service_namespace,
        "deployment.environment.name": settings.environment,
        "tutela.deployment": settings.deployment,
        "tutela.site": settings.site,
        "tutela.capture": settings.capture if settings.capture != "full" else "",
    }
    machine = socket.gethostname()
    found = {
        "service.name": f"{_UNNAMED}:{Path(sys.argv[0] or 'python').name}",
        "host.name": "" if settings.host == "off" else _host(machine, settings.host),
        "host.id": "" if settings.host == "off" else _host(machine, "hash"),  # by which machines are counted
        "telemetry.distro.name": "tutela",
        "telemetry.distro.version": __version__,
    }
    return Identity(_filled(given), _filled(found), settings.host, settings.capture)


def prepare(request: ExportTraceServiceRequest, identity: Identity) -> None:
    """Put the identity on every resource of the request and, where capture is none, take content off its spans."""
    for resource_spans in request.resource_spans:
        _identify(resource_spans.resource, identity)
        if identity.capture == "none":
            for scope_spans in resource_spans.scope_spans:
                for span in scope_spans.spans:
                    _silence(span)


def _identify(resource: Resource, identity: Identity) -> None:
    kept = {item.key: item for item in resource.attributes if not _hidden(item, identity.host)}
    _hash_machine(kept.values(), identity.host)
    said = {key for key, item in kept.items() if not item.value.string_value.startswith(_UNNAMED)}
    wanted = {"service.instance.id": _instance(os.getpid()), **dict(identity.found)}
    wanted = {key: value for key, value in wanted.items() if key not in said} | dict(identity.given)
    items = [item for key, item in kept.items() if key not in wanted]
    added = [_text(key, value) for key, value in wanted.items()]
    del resource.attributes[:]
    resource.attributes.extend(items + added)


def _hidden(item: KeyValue, host: str) -> bool:
    if host == "name":
        return False
    return item.key in _MACHINE_ADDRESSES or (host == "off" and item.key in _MACHINE)


def _hash_machine(items: Iterable[KeyValue], host: str) -> None:
    for item in items:
        if item.key in _MACHINE and host == "hash":
            item.value.string_value = _host(item.value.string_value, host)


def _host(name: str, mode: str) -> str:
    """The machine's name, or a stand-in that is the same each time and does not show the name.

    Whoever knows a list of names can still find the one behind a stand-in; it hides names from onlookers, no more.
    """
    if mode == "name" or _STAND_IN.fullmatch(name):
        return name
    return "host-" + hashlib.sha256(f"tutela.host:{name}".encode(errors="replace")).hexdigest()[:16]


_STAND_IN = re.compile(r"host-[0-9a-f]{16}")


@lru_cache(maxsize=1)
def _instance(_pid: int) -> str:
    """A random id of this process; a forked child has another pid and so gets its own."""
    return str(uuid.uuid4())


def _silence(span: Span) -> None:
    """Keep numbers, truth values and names; leave every other text behind, and say how many were left."""
    kept = [item for item in span.attributes if _may_leave(item)]
    span.dropped_attributes_count += len(span.attributes) - len(kept)
    del span.attributes[:]
    span.attributes.extend(kept)
    span.status.message = ""
    for part in (*span.events, *span.links):
        part_kept = [item for item in part.attributes if _may_leave(item)]
        part.dropped_attributes_count += len(part.attributes) - len(part_kept)
        del part.attributes[:]
        part.attributes.extend(part_kept)


def _may_leave(item: KeyValue) -> bool:
    if item.value.WhichOneof("value") in {"int_value", "double_value", "bool_value"}:
        return True
    return item.key in _NAMES


def _text(key: str, value: str) -> KeyValue:
    item = KeyValue(key=key)
    item.value.string_value = value
    return item


def _filled(values: dict[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple((key, value) for key, value in values.items() if value)
