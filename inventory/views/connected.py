"""What each noun is connected to, as sections of its page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from inventory.models import labels
from inventory.queries import Ref
from inventory.tables import cells
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
            [_("Dataset version"), _("What it holds"), _("Deployment"), _("Since")],
            (_binding(row, period(row)) for row in opened.detail.bindings),
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


def deployment(opened: Opened) -> list[Section]:
    """Places, endpoints, models and data; who may send, and which senders are meant."""
    here = {"deployment": opened.row.id}
    place_end, use_end, binding_end = (ender(opened, name) for name in ("placement", "use", "binding"))
    return [
        section(
            opened,
            _("Placed at"),
            [_("Place"), _("Tier"), _("Since")],
            (
                (cells.place(row.place), parts.tier(row.place.tier), place_end(row))
                for row in opened.detail.placements
            ),
            empty=_("Nobody has said where it runs."),
            add=_("Add a place"),
            add_href=relate_href(opened, "placement", **here),
        ),
        section(
            opened,
            _("Uses"),
            [_("Endpoint"), _("Role"), _("Since")],
            (
                (cells.link("endpoint", row.endpoint), cells.said(labels.USE_ROLE, row.role), use_end(row))
                for row in opened.detail.uses
            ),
            empty=_("No endpoint is connected, so no model is declared either."),
            add=_("Connect an endpoint"),
            add_href=relate_href(opened, "use", **here),
        ),
        section(
            opened,
            _("Models behind its endpoints"),
            [_("Model version"), _("Alias"), _("Endpoint")],
            (
                (
                    cells.link("model_version", row.model_version),
                    row.alias or "–",
                    cells.link("endpoint", row.endpoint),
                )
                for row in opened.detail.serves
            ),
            empty=_("None is declared."),
        ),
        section(
            opened,
            _("Data it works on"),
            [_("Dataset version"), _("What it holds"), _("Purpose"), _("Since")],
            (
                (
                    cells.link("dataset_version", row.dataset_version),
                    _holds(row),
                    cells.said(labels.BINDING_PURPOSE, row.purpose),
                    binding_end(row),
                )
                for row in opened.detail.bindings
            ),
            empty=_("No data is declared."),
            add=_("Bind data"),
            add_href=relate_href(opened, "binding", **here),
        ),
        _rules(opened, **here),
        section(
            opened,
            _("Endpoint keys"),
            [_("Key"), _("Begins with"), _("Last used")],
            (
                (
                    cells.link("key", _as_ref(row)),
                    f"ttl_ep_{row.public_id}…",
                    parts.when(row.last_used_at, word=_("never")),
                )
                for row in opened.detail.keys
            ),
            empty=_(
                "No key is bound to this deployment alone; one of its site, its unit or of everything may speak for it."
            ),
        ),
    ]


def endpoint(opened: Opened) -> list[Section]:
    """The models it serves, where it passes calls on, and who uses it."""
    serves_end, route_end = ender(opened, "serves"), ender(opened, "route")
    return [
        section(
            opened,
            _("Serves"),
            [_("Model version"), _("Alias"), _("Since")],
            (
                (cells.link("model_version", row.model_version), row.alias or "–", serves_end(row))
                for row in opened.detail.serves
            ),
            empty=_("No model is declared."),
            add=_("Add a model"),
            add_href=relate_href(opened, "serves", endpoint=opened.row.id),
        ),
        section(
            opened,
            _("Used by"),
            [_("Deployment"), _("Role"), _("Since")],
            (
                (cells.link("deployment", row.deployment), cells.said(labels.USE_ROLE, row.role), period(row))
                for row in opened.detail.used_by
            ),
            empty=_("No deployment uses it."),
        ),
        section(
            opened,
            _("Routes to"),
            [_("Upstream"), _("Alias"), _("Priority"), _("Since")],
            (
                (cells.link("endpoint", row.upstream), row.alias or _("all"), row.priority, route_end(row))
                for row in opened.detail.routes
            ),
            empty=_("It passes no calls on."),
            add=_("Add a route"),
            add_href=relate_href(opened, "route", gateway=opened.row.id),
        ),
        section(
            opened,
            _("Routed from"),
            [_("Gateway"), _("Alias"), _("Since")],
            (
                (cells.link("endpoint", row.gateway), row.alias or _("all"), period(row))
                for row in opened.detail.routed_from
            ),
            empty=_("No gateway passes calls on to it."),
        ),
        _rules(opened, endpoint=opened.row.id),
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
                    cells.link("model_version", _as_ref(row)),
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
                (cells.link("dataset_version", _as_ref(row)), _holds(row), ", ".join(row.residency) or None)
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


def site(opened: Opened) -> list[Section]:
    """What lies in it, what is placed there, what answers there."""
    here = {"site": opened.row.id}
    return [
        _placements(opened),
        _endpoints(opened, **here),
        section(
            opened,
            _("Fleets"),
            [_("Fleet"), _("Kind"), _("Expected devices")],
            (
                (
                    cells.link("fleet", _as_ref(row)),
                    cells.said(labels.FLEET_KIND, row.kind),
                    row.expected_count,
                )
                for row in opened.detail.fleets
            ),
            empty=_("No fleet of devices."),
            add=_("Add a fleet"),
            add_href=new_href(opened, "fleet", **here),
        ),
        section(
            opened,
            _("Sites within"),
            [_("Site"), _("Tier")],
            ((cells.link("site", _as_ref(row)), parts.tier(row.tier)) for row in opened.detail.children),
            empty=_("None."),
            add=_("Add a site within"),
            add_href=new_href(opened, "site", parent=opened.row.id),
        ),
    ]


def fleet(opened: Opened) -> list[Section]:
    """What is placed on the devices, and what answers on them."""
    return [_placements(opened), _endpoints(opened, fleet=opened.row.id)]


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
                (cells.link("model", _as_ref(row)), cells.said(labels.MODEL_KIND, row.kind))
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
            ((cells.link("site", _as_ref(row)), parts.tier(row.tier)) for row in opened.detail.sites),
            empty=_("None on the register."),
        ),
    ]


def nothing(_opened: Opened) -> list[Section]:
    """For nouns whose facts say it all."""
    return []


def _deployment(row: Any) -> Sequence[Any]:
    return (
        cells.link("deployment", _as_ref(row)),
        cells.said(labels.ENVIRONMENT, row.environment),
        cells.state(labels.DEPLOYMENT_STATE, row.state),
        cells.places(row.places),
    )


def _binding(row: Any, since: str) -> Sequence[Any]:
    return (
        cells.link("dataset_version", row.dataset_version),
        _holds(row),
        cells.link("deployment", row.deployment),
        since,
    )


def _holds(row: Any) -> str:
    if row.special_categories:
        return cells.categories(row.special_categories)
    return cells.classification(row.classification) or ""


def _endpoint(row: Any) -> Sequence[Any]:
    return (
        cells.link("endpoint", _as_ref(row)),
        cells.said(labels.ENDPOINT_KIND, row.kind),
        cells.place(row.place),
    )


def _placements(opened: Opened) -> Section:
    return section(
        opened,
        _("Deployments placed here"),
        [_("Deployment"), _("Place"), _("Since")],
        (
            (cells.link("deployment", row.deployment), cells.place(row.place), period(row))
            for row in opened.detail.placements
        ),
        empty=_("Nothing is placed here."),
    )


def _endpoints(opened: Opened, **here: Any) -> Section:
    return section(
        opened,
        _("Endpoints here"),
        [_("Endpoint"), _("Kind"), _("Models")],
        (
            (
                cells.link("endpoint", _as_ref(row)),
                cells.said(labels.ENDPOINT_KIND, row.kind),
                cells.links("model_version", row.models),
            )
            for row in opened.detail.endpoints
        ),
        empty=_("No model answers here."),
        add=_("Add an endpoint"),
        add_href=new_href(opened, "endpoint", **here),
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
                row.alias or "–",
                period(row),
            )
            for row in opened.detail.served_by
        ),
        empty=_("No endpoint serves it."),
    )


def _rules(opened: Opened, **here: Any) -> Section:
    return section(
        opened,
        _("Senders that are this"),
        [_("Senders"), _("Key"), _("Since")],
        (
            (cells.link("sender_rule", _rule_ref(row)), cells.link("key", row.key) or _("any"), period(row))
            for row in opened.detail.rules
        ),
        empty=_("No rule says which telemetry belongs to it."),
        add=_("Add a sender rule"),
        add_href=new_href(opened, "sender_rule", **here),
    )


def _as_ref(row: Any) -> Ref:
    return Ref(row.id, row.name)


def _rule_ref(row: Any) -> Ref:
    return Ref(row.id, cells.pattern(row))
