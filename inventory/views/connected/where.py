"""What deployments, endpoints, sites and fleets are connected to."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from inventory.models import labels
from inventory.queries import Ref
from inventory.tables import cells
from inventory.views.connected.shared import as_ref, holds
from inventory.views.parts import Opened, Section, ender, new_href, period, relate_href, section
from ui import parts


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
                    row.alias or parts.unknown(_("none named")),
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
                    holds(row),
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
                    cells.link("key", as_ref(row)),
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
                (
                    cells.link("model_version", row.model_version),
                    row.alias or parts.unknown(_("none named")),
                    serves_end(row),
                )
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
                    cells.link("fleet", as_ref(row)),
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
            ((cells.link("site", as_ref(row)), parts.tier(row.tier)) for row in opened.detail.children),
            empty=_("None."),
            add=_("Add a site within"),
            add_href=new_href(opened, "site", parent=opened.row.id),
        ),
    ]


def fleet(opened: Opened) -> list[Section]:
    """What is placed on the devices, and what answers on them."""
    return [_placements(opened), _endpoints(opened, fleet=opened.row.id)]


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
                cells.link("endpoint", as_ref(row)),
                cells.said(labels.ENDPOINT_KIND, row.kind),
                cells.links("model_version", row.models),
            )
            for row in opened.detail.endpoints
        ),
        empty=_("No model answers here."),
        add=_("Add an endpoint"),
        add_href=new_href(opened, "endpoint", **here),
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


def _rule_ref(row: Any) -> Ref:
    return Ref(row.id, cells.pattern(row))
