"""The demo's own endpoint keys. The register keeps only their digests, so the demo keeps their texts, readable by itself."""

from __future__ import annotations

import json
import os
from datetime import timedelta
from pathlib import Path

from demo.estate.known import Known, absent
from demo.estate.reading import Row, rows, some
from inventory import models, services
from inventory.domain.words import KeyScope
from kernel.actor import Actor

FILE = "demo-keys.json"


def read_keys(home: Path) -> dict[str, str]:
    """The keys' texts by name; empty when the demo estate was never built here."""
    path = home / FILE
    if not path.exists():
        return {}
    found: dict[str, str] = json.loads(path.read_text("utf-8"))
    return found


def write_keys(home: Path, keys: dict[str, str]) -> None:
    """Keep the texts where only the owner of the installation reads them (mode 0600)."""
    path = home / FILE
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    aside = path.with_suffix(".new")
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(keys, file, indent=1, ensure_ascii=False)
    aside.replace(path)


def build(actor: Actor, known: Known, kept: dict[str, str]) -> dict[str, str]:
    """Make the keys that are missing; replace those whose text is lost. Returns every key's text."""
    keys = dict(kept)
    for row in rows("senders", "keys"):
        name = row["name"]
        if name not in known.keys:
            made = _make(actor, known, row)
        elif name not in keys:
            made = services.rotate_key(actor, known.keys[name], overlap=timedelta(0), reason="Texte perdu.")
        else:
            continue
        known.keys[name], keys[name] = made.id, made.token
    return keys


def _make(actor: Actor, known: Known, row: Row) -> services.NewKey:
    scope = KeyScope(row["scope"])
    ids = {"unit": known.units, "site": known.sites, "deployment": known.deployments}
    fields = some(row, "name", "max_senders") | {"scope": scope}
    if scope.value in ids:
        fields[scope.value] = ids[scope.value][row[scope.value]]
    return services.make_key(actor, **fields)


def build_rules(actor: Actor, known: Known) -> None:
    """Say what the senders are that do not say it themselves."""
    for row in rows("senders", "rules"):
        patterns = some(
            row, "service_namespace", "service_name", "environment", "place", "claimed_deployment"
        )
        if not absent(models.SenderRule, retired_at=None, **patterns):
            continue
        fields = patterns | some(row, "note")
        for name, ids in (
            ("key", known.keys),
            ("deployment", known.deployments),
            ("endpoint", known.endpoints),
            ("site", known.sites),
        ):
            if name in row:
                fields[name] = ids[row[name]]
        services.register_rule(actor, **fields)
