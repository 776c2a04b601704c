"""What systems, models, datasets and legal entities are connected to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from inventory.models import labels
from inventory.tables import cells
from inventory.views.connected.shared import as_ref, holds
from inventory.views.parts import Opened, Section, ender, new_href, period, relate_href, section
from ui import parts


def system(opened: Opened) -> list[Section]:
    """Deployments, the endpoints and data behind them, and who answers for the system."""
    here = {"system": opened.row.id}
    end = ender(opened, "role")
    return [
        section(
            opened,
            _("Deployments"),
            [_("Deployment"), _("Environment"), _("State"), _("Where")],
            (_deployment(row) for row in opened.detail.deployments),
            empty=_("It runs nowhere yet."),
            add=_("Add a deployment"),
            add_href=new_href(opened, "deployment", **here),
        ),
        section(
            opened,
            _("Data it works on"),
            [_("Dataset version"), _("What it holds"), _("Deployment")],
            (_binding(row) for row in opened.detail.bindings if row.current),
            empty=_("No data is declared. Data is bound to a deployment."),
        ),
        section(
            opened,
            _("Endpoints behind it"),
            [_("Endpoint"), _("Kind"), _("Role"), _("Deployment")],
            (
                (
                    cells.link("endpoint", row.endpoint),
                    cells.said(labels.ENDPOINT_KIND, row.endpoint_kind),
                    cells.said(labels.USE_ROLE, row.role),
                    cells.link("deployment", row.deployment),
                )
                for row in opened.detail.uses
            ),
            empty=_("No endpoint is declared. Endpoints are connected to a deployment."),
        ),
        section(
            opened,
            _("Who answers for it"),
            [_("Legal entity"), _("Role"), _("Since")],
            (
                (cells.link("vendor", row.entity), cells.said(labels.ENTITY_ROLE, row.role), end(row))
                for row in opened.detail.roles
            ),
            empty=_("No provider, deployer or controller is named."),
            add=_("Name a legal entity"),
            add_href=relate_href(opened, "role", **here),
        ),
    ]


def model(opened: Opened) -> list[Section]:
    """Its versions, and the endpoints that serve them."""
    return [
        section(
            opened,
            _("Versions"),
            [_("Version"), _("State"), _("Names in telemetry")],
            (
                (
                    cells.link("model_version", as_ref(row)),
                    cells.state(labels.MODEL_STATE, row.state),
                    ", ".join(row.aliases) or None,
                )
                for row in opened.detail.versions
            ),
            empty=_("No version is on the register yet."),
            add=_("Add a version"),
            add_href=new_href(opened, "model_version", model=opened.row.id),
        ),
        _served_by(opened),
    ]


def model_version(opened: Opened) -> list[Section]:
    """Where it comes from, what came from it, what it was trained on, where it answers."""
    end = ender(opened, "training")
    descent_end = ender(opened, "descent")
    return [
        _served_by(opened),
        section(
            opened,
            _("Comes from"),
            [_("How"), _("Model version"), _("Since")],
            (
                (
                    cells.said(labels.DESCENT, row.descent),
                    cells.link("model_version", row.parent),
                    descent_end(row),
                )
                for row in opened.detail.origins
            ),
            empty=_("No origin is declared."),
            add=_("Say where it comes from"),
            add_href=relate_href(opened, "descent", child=opened.row.id),
        ),
        section(
            opened,
            _("What came from it"),
            [_("Model version"), _("How")],
            (
                (cells.link("model_version", row.child), cells.said(labels.DESCENT, row.descent))
                for row in opened.detail.descendants
            ),
            empty=_("Nothing on the register."),
        ),
        section(
            opened,
            _("Trained on"),
            [_("Dataset version"), _("Since")],
            (
                (cells.link("dataset_version", row.dataset_version), end(row))
                for row in opened.detail.trainings
            ),
            empty=_("No training data is declared."),
            add=_("Name training data"),
            add_href=relate_href(opened, "training", model_version=opened.row.id),
        ),
    ]


def dataset(opened: Opened) -> list[Section]:
    """Its versions, the deployments that work on them, the models trained on them."""
    return [
        section(
            opened,
            _("Versions"),
            [_("Version"), _("What it holds"), _("May lie in")],
            (
                (cells.link("dataset_version", as_ref(row)), holds(row), ", ".join(row.residency) or None)
                for row in opened.detail.versions
            ),
            empty=_("No version is on the register yet. What a dataset holds is said of its versions."),
            add=_("Add a version"),
            add_href=new_href(opened, "dataset_version", dataset=opened.row.id),
        ),
        section(
            opened,
            _("Who works on it"),
            [_("System"), _("Deployment"), _("Purpose"), _("Since")],
            (
                (
                    cells.link("system", row.system),
                    cells.link("deployment", row.deployment),
                    cells.said(labels.BINDING_PURPOSE, row.purpose),
                    period(row),
                )
                for row in opened.detail.bindings
            ),
            empty=_("No deployment works on it."),
        ),
        section(
            opened,
            _("Models trained on it"),
            [_("Model version"), _("Version of the data")],
            (
                (
                    cells.link("model_version", row.model_version),
                    cells.link("dataset_version", row.dataset_version),
                )
                for row in opened.detail.trainings
            ),
            empty=_("None is declared."),
        ),
    ]


def entity(opened: Opened) -> list[Section]:
    """What it answers for, what it makes, what it runs."""
    return [
        section(
            opened,
            _("Answers for"),
            [_("System"), _("Role"), _("Since")],
            (
                (cells.link("system", row.system), cells.said(labels.ENTITY_ROLE, row.role), period(row))
                for row in opened.detail.roles
            ),
            empty=_("No system names it."),
        ),
        section(
            opened,
            _("Models it provides"),
            [_("Model"), _("Kind")],
            (
                (cells.link("model", as_ref(row)), cells.said(labels.MODEL_KIND, row.kind))
                for row in opened.detail.models
            ),
            empty=_("None on the register."),
        ),
        section(
            opened,
            _("Endpoints it operates"),
            [_("Endpoint"), _("Kind"), _("Where")],
            (_endpoint(row) for row in opened.detail.endpoints),
            empty=_("None on the register."),
        ),
        section(
            opened,
            _("Sites it operates"),
            [_("Site"), _("Tier")],
            ((cells.link("site", as_ref(row)), parts.tier(row.tier)) for row in opened.detail.sites),
            empty=_("None on the register."),
        ),
    ]


def nothing(_opened: Opened) -> list[Section]:
    """For nouns whose facts say it all."""
    return []


def _deployment(row: Any) -> Sequence[Any]:
    return (
        cells.link("deployment", as_ref(row)),
        cells.said(labels.ENVIRONMENT, row.environment),
        cells.state(labels.DEPLOYMENT_STATE, row.state),
        cells.places(row.places),
    )


def _binding(row: Any) -> Sequence[Any]:
    return (
        cells.link("dataset_version", row.dataset_version),
        holds(row),
        cells.link("deployment", row.deployment),
    )


def _endpoint(row: Any) -> Sequence[Any]:
    return (
        cells.link("endpoint", as_ref(row)),
        cells.said(labels.ENDPOINT_KIND, row.kind),
        cells.place(row.place),
    )


def _served_by(opened: Opened) -> Section:
    return section(
        opened,
        _("Where it answers"),
        [_("Endpoint"), _("Model version"), _("Alias"), _("Since")],
        (
            (
                cells.link("endpoint", row.endpoint),
                cells.link("model_version", row.model_version),
                row.alias or parts.unknown(_("none named")),
                period(row),
            )
            for row in opened.detail.served_by
        ),
        empty=_("No endpoint serves it."),
    )
