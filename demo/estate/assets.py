"""Datasets, models and endpoints, and how they hang together."""

from __future__ import annotations

from demo.estate.known import Known, absent, ensure, model_version_name
from demo.estate.reading import Row, rows, some
from inventory import models, services
from inventory.domain.words import Descent, ModelState
from kernel.actor import Actor


def build(actor: Actor, known: Known) -> None:
    """On whose data, with which models, and where these answer."""
    for row in rows("datasets", "datasets"):
        _dataset(actor, known, row)
    for row in rows("weights", "models"):
        _model(actor, known, row)
    for row in rows("endpoints", "endpoints"):
        _endpoint(actor, known, row)
    for row in rows("endpoints", "endpoints"):
        _routes(actor, known, row)


def _dataset(actor: Actor, known: Known, row: Row) -> None:
    fields = some(row, "name", "slug", "purpose") | {"unit": known.units[row["unit"]]}
    ensure(known.datasets, row["slug"], lambda: services.register_dataset(actor, **fields))
    for version in row["versions"]:
        _dataset_version(actor, known, row["slug"], version)


def _dataset_version(actor: Actor, known: Known, dataset: str, row: Row) -> None:
    fields = row | {"dataset": known.datasets[dataset]}
    name = f"{dataset} {row['label']}"
    ensure(known.dataset_versions, name, lambda: services.register_dataset_version(actor, **fields))


def _model(actor: Actor, known: Known, row: Row) -> None:
    fields = some(row, "name", "slug", "provider_name", "family", "kind", "note")
    if "provider" in row:
        fields["provider"] = known.entities[row["provider"]]
    ensure(known.models, row["slug"], lambda: services.register_model(actor, **fields))
    for version in row["versions"]:
        _model_version(actor, known, row["slug"], version)


def _model_version(actor: Actor, known: Known, model: str, row: Row) -> None:
    name = model_version_name(model, row["label"], row.get("quantisation", ""))
    fields = some(
        row, "label", "modalities_in", "modalities_out", "parameters", "licence", "quantisation", "aliases"
    )
    fields["model"] = known.models[model]
    made = ensure(known.model_versions, name, lambda: services.register_model_version(actor, **fields))
    if not made:
        return
    version = known.model_versions[name]
    for origin in row.get("from", ()):
        parent = known.model_versions[origin["parent"]]
        services.relate_model_versions(
            actor, child=version, parent=parent, descent=Descent(origin["descent"])
        )
    for dataset in row.get("trained_on", ()):
        services.add_training(actor, model_version=version, dataset_version=known.dataset_versions[dataset])
    for state in _WAY[row["state"]]:
        services.move_model_version(actor, version, to=state, version=None, reason=_REASONS.get(state, ""))


_WAY = {
    "candidate": (),
    "approved": (ModelState.APPROVED,),
    "deprecated": (ModelState.APPROVED, ModelState.DEPRECATED),
}
_REASONS = {ModelState.DEPRECATED: "Une version plus récente la remplace."}


def _endpoint(actor: Actor, known: Known, row: Row) -> None:
    fields = some(
        row, "name", "slug", "kind", "processing_regions", "host", "observable", "model_disclosure", "note"
    )
    for name, ids in (
        ("site", known.sites),
        ("fleet", known.fleets),
        ("operator", known.entities),
        ("unit", known.units),
    ):
        if name in row:
            fields[name] = ids[row[name]]
    ensure(known.endpoints, row["slug"], lambda: services.register_endpoint(actor, **fields))
    endpoint = known.endpoints[row["slug"]]
    for served in row.get("serves", ()):
        version, alias = known.model_versions[served["version"]], served.get("alias", "")
        if absent(models.EndpointServes, endpoint=endpoint, model_version=version, alias=alias):
            services.serve_model(actor, endpoint=endpoint, model_version=version, alias=alias)


def _routes(actor: Actor, known: Known, row: Row) -> None:
    gateway = known.endpoints[row["slug"]]
    for route in row.get("routes", ()):
        upstream, alias = known.endpoints[route["upstream"]], route["alias"]
        if absent(models.EndpointRoute, gateway=gateway, upstream=upstream, alias=alias):
            services.route_endpoint(
                actor, gateway=gateway, upstream=upstream, alias=alias, priority=route["priority"]
            )
