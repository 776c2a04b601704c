"""Systems and their deployments, brought to the state that they are in."""

from __future__ import annotations

from datetime import datetime, timedelta

from demo.estate.known import Known, absent, ensure
from demo.estate.reading import Row, rows, some
from inventory import models, services
from inventory.domain.words import (
    Basis,
    BindingPurpose,
    DeploymentState,
    EntityRole,
    RiskClass,
    SystemState,
    UseRole,
)
from kernel import clock
from kernel.actor import Actor

_WAY = {
    "proposed": (),
    "in_assessment": (SystemState.IN_ASSESSMENT,),
    "approved": (SystemState.IN_ASSESSMENT, SystemState.APPROVED),
    "live": (SystemState.IN_ASSESSMENT, SystemState.APPROVED, SystemState.LIVE),
    "retired": (SystemState.IN_ASSESSMENT, SystemState.APPROVED, SystemState.LIVE),
}
"""How a system comes to a state. Retirement is last of all: nothing new may point to what is retired."""


def build(actor: Actor, known: Known) -> None:
    """What AI is used for, and where it runs."""
    for row in rows("systems", "systems"):
        _system(actor, known, row)
        for deployment in row.get("deployments", ()):
            _deployment(actor, known, row, deployment)


def retire(actor: Actor, known: Known) -> None:
    """Take out of use what is out of use, once everything that points to it stands."""
    for row in rows("systems", "systems"):
        if row["state"] != "retired":
            continue
        for deployment in row["deployments"]:
            found = known.deployments[deployment["slug"]]
            if not absent(models.Deployment, pk=found, retired_at=None):
                services.retire_deployment(actor, found, version=None, reason=row["retired_because"])
        found = known.systems[row["slug"]]
        if not absent(models.System, pk=found, retired_at=None):
            services.retire_system(actor, found, version=None, reason=row["retired_because"])


def _system(actor: Actor, known: Known, row: Row) -> None:
    fields = some(
        row,
        "name",
        "slug",
        "purpose",
        "business_process",
        "persons_affected",
        "persons_estimate",
        "interacts_with_persons",
        "decision_impact",
    )
    fields["unit"] = known.units[row["unit"]]
    fields |= {name: known.people[row[name]] for name in ("owner", "deputy") if name in row}
    if not ensure(known.systems, row["slug"], lambda: services.register_system(actor, **fields)):
        return
    system = known.systems[row["slug"]]
    for role in row["roles"]:
        services.assign_role(
            actor, system=system, entity=known.entities[role["entity"]], role=EntityRole(role["role"])
        )
    if "risk_class" in row:
        services.classify_system(
            actor,
            system,
            risk_class=RiskClass(row["risk_class"]),
            annex_iii_points=row.get("annex_iii_points", ()),
            reason=row["risk_reason"],
            version=None,
        )
    for state in _WAY[row["state"]]:
        services.move_system(actor, system, to=state, version=None)


def _deployment(actor: Actor, known: Known, system: Row, row: Row) -> None:
    fields = some(
        row,
        "name",
        "slug",
        "environment",
        "capture_mode",
        "retention_class",
        "expected_count",
        "calendar",
        "note",
    )
    fields["system"] = known.systems[system["slug"]]
    if not ensure(known.deployments, row["slug"], lambda: services.register_deployment(actor, **fields)):
        return
    deployment = known.deployments[row["slug"]]
    for place in row["placed"]:
        services.place_deployment(
            actor,
            deployment=deployment,
            site=known.sites[place["site"]] if "site" in place else None,
            fleet=known.fleets[place["fleet"]] if "fleet" in place else None,
            valid_from=_since(place),
        )
    for use in row["uses"]:
        services.use_endpoint(
            actor,
            deployment=deployment,
            endpoint=known.endpoints[use["endpoint"]],
            role=UseRole(use["role"]),
            valid_from=_since(use),
        )
    for bound in row.get("bound", ()):
        services.bind_dataset(
            actor,
            deployment=deployment,
            dataset_version=known.dataset_versions[bound["version"]],
            purpose=BindingPurpose(bound["purpose"]),
            basis=Basis(bound.get("basis", "declared")),
            valid_from=_since(bound),
        )
    _start(actor, known, row)


def _start(actor: Actor, known: Known, row: Row) -> None:
    deployment = known.deployments[row["slug"]]
    if row["state"] != "planned":
        services.move_deployment(actor, deployment, to=DeploymentState.LIVE, version=None)
    if row["state"] == "paused":
        services.move_deployment(
            actor, deployment, to=DeploymentState.PAUSED, version=None, reason="Pas de mise en ligne prévue."
        )


def _since(row: Row) -> datetime | None:
    """When a relation began; None where nobody wrote it down."""
    if "days_ago" not in row:
        return None
    today = clock.now().replace(hour=0, minute=0, second=0, microsecond=0)
    return today - timedelta(days=row["days_ago"])
