"""What the telemetry pages ask of the register: names for ids, and the first lines of a new sender."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from inventory import queries as inventory
from kernel.actor import Actor, Permission
from telemetry.queries.ingest import UNKNOWN_KEY
from telemetry.queries.senders import SenderRow
from ui.filters import Choice

MOST_KEYS = 500

Lookup = Callable[[Sequence[str]], Sequence[Choice]]


@dataclass(frozen=True, slots=True)
class KeyName:
    """An endpoint key by name."""

    id: uuid.UUID
    name: str
    public_id: str


def deployment_lookup(actor: Actor) -> Lookup:
    """Names of deployments that stand in an address; those that the actor may not see are no values."""
    return _lookup(actor, "deployment")


def site_lookup(actor: Actor) -> Lookup:
    """Names of sites that stand in an address."""
    return _lookup(actor, "site")


def _lookup(actor: Actor, kind: str) -> Lookup:
    def look_up(values: Sequence[str]) -> list[Choice]:
        wanted = [id_ for id_ in map(_uuid, values) if id_ is not None]
        if not wanted:
            return []
        return [Choice(str(ref.id), ref.name) for ref in inventory.choices(actor, kind, only=wanted)]

    return look_up


def deployment_choices(actor: Actor) -> list[tuple[str, str]]:
    """The deployments that a sender may be promoted to: value and name, with the system and environment."""
    entries = inventory.deployments_index(actor).values()
    return [
        (str(entry.id), f"{entry.name} · {entry.system.name} · {entry.environment}")
        for entry in entries
        if entry.state != "retired"
    ]


def keys_of(actor: Actor) -> dict[bytes, KeyName]:
    """The endpoint keys that the actor may see, by their id in the record, revoked ones included."""
    rows = inventory.list_keys(actor, limit=MOST_KEYS, filters={"retired": ["any"]})
    return {row.id.bytes: KeyName(row.id, row.name, row.public_id) for row in rows}


def visible_keys(actor: Actor) -> list[bytes] | None:
    """The keys whose accounts the actor may see: None is all of them, unknown ones included."""
    units = actor.units(Permission.TELEMETRY_READ)
    if units is None:
        return None
    return [
        key_id for key_id, unit in inventory.units_of_keys().items() if unit is not None and unit in units
    ]


def key_word(keys: dict[bytes, KeyName], key_id: bytes) -> str:
    """A key by name; requests without a known key are said so."""
    if key_id == UNKNOWN_KEY:
        return _("no known key")
    found = keys.get(key_id)
    return found.name if found else _("a key that you may not see")


def first_span_snippet() -> str:
    """Three lines that send a first span from any OpenTelemetry SDK to this installation."""
    address = f"http://{settings.TUTELA.host}:{settings.TUTELA.otlp_http_port}"
    return (
        f"export OTEL_EXPORTER_OTLP_ENDPOINT={address}\n"
        'export OTEL_EXPORTER_OTLP_HEADERS="authorization=Bearer%20ttl_ep_…"\n'
        "export OTEL_SERVICE_NAME=my-assistant"
    )


def check_snippet() -> str:
    """The command that says in words whether a span arrives, under which sender, and what that is."""
    address = f"http://{settings.TUTELA.host}:{settings.TUTELA.otlp_http_port}"
    return f"export TUTELA_ENDPOINT={address}\nexport TUTELA_KEY=ttl_ep_…\ntutela check"


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


def simple_form_href(sender: SenderRow, *, model: str = "") -> str:
    """The one simple form, which makes deployment, endpoint, placement and the rule for this very sender.

    What telemetry says is filled in; `model` is one that the sender named.
    """
    identity = sender.identity
    said = {
        "sender_key": str(uuid.UUID(bytes=identity.key_id)),
        "sender_namespace": identity.service_namespace,
        "sender_name": identity.service_name,
        "sender_environment": identity.environment,
        "sender_place": identity.place,
        "sender_claim": identity.claimed_deployment,
        "system_name": identity.service_name,
        "model_name": model,
        "model_alias": model,
    }
    return f"{reverse('inventory:simple')}?{urlencode({name: text for name, text in said.items() if text})}"
