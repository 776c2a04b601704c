"""Lists of where it runs: deployments, endpoints, sites, fleets; and of who may speak: keys and sender rules."""

from __future__ import annotations

from typing import Any

from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from inventory import filters
from inventory.models import labels
from inventory.tables import cells, columns
from kernel.actor import Actor
from ui import parts
from ui.filters import Filter
from ui.tables import Column

KEY_STATE = {"active": _("Active"), "expired": _("Expired"), "revoked": _("Revoked")}

DEPLOYMENT_COLUMNS: tuple[Column[Any], ...] = (
    columns.name(_("Deployment")),
    columns.refers("system", _("System"), "system", sort="system"),
    columns.words("environment", _("Environment"), labels.ENVIRONMENT, sort="environment"),
    columns.marked(
        "state",
        _("State"),
        lambda row: cells.state(labels.DEPLOYMENT_STATE, row.state),
        text=lambda row: cells.said(labels.DEPLOYMENT_STATE, row.state),
        sort="state",
    ),
    columns.marked(
        "risk_class",
        _("Risk"),
        lambda row: cells.risk(row.risk_class),
        text=lambda row: cells.said(labels.RISK_CLASS, row.risk_class),
    ),
    Column(
        "places",
        _("Where"),
        value=lambda row: cells.places_text(row.places),
        cell=lambda row: cells.places(row.places),
        unknown=_("nowhere yet"),
    ),
    columns.words("capture_mode", _("Capture mode"), labels.CAPTURE_MODE),
    columns.person("owner", _("Owner"), default=False),
    columns.unit(default=False),
    columns.number("expected_count", _("Expected instances"), default=False),
    columns.plain("slug", _("Name in telemetry"), default=False),
    columns.changed(),
)
ENDPOINT_COLUMNS: tuple[Column[Any], ...] = (
    columns.name(_("Endpoint")),
    columns.words("kind", _("Kind"), labels.ENDPOINT_KIND, sort="kind"),
    Column(
        "place",
        _("Where"),
        value=lambda row: cells.place_text(row.place),
        cell=lambda row: cells.place(row.place),
    ),
    Column(
        "models",
        _("Models"),
        value=lambda row: [ref.name for ref in row.models],
        cell=lambda row: cells.links("model_version", row.models) or _disclosed(row.model_disclosure),
    ),
    columns.refers("operator", _("Operator"), "vendor"),
    columns.plain("processing_regions", _("Processes in")),
    columns.words("model_disclosure", _("Disclosure"), labels.MODEL_DISCLOSURE, default=False),
    columns.plain("host", _("Host"), default=False),
    columns.unit(default=False),
    columns.changed(),
)
SITE_COLUMNS: tuple[Column[Any], ...] = (
    columns.name(_("Site")),
    columns.marked(
        "tier",
        _("Tier"),
        lambda row: parts.tier(row.tier),
        text=lambda row: cells.said(labels.TIER, row.tier),
        sort="tier",
    ),
    columns.plain("country", _("Country"), sort="country"),
    columns.words("connectivity", _("Connectivity"), labels.CONNECTIVITY),
    columns.counted("deployment_count", _("Deployments"), "deployments", "site"),
    columns.counted("fleet_count", _("Fleets"), "fleets", "site"),
    columns.refers("parent", _("Part of"), "site", unknown=_("nothing above")),
    columns.refers("operator", _("Operator"), "vendor"),
    columns.unit(default=False),
    columns.plain("region", _("Region"), default=False),
    columns.number("offline_budget_hours", _("May be silent for (hours)"), default=False),
    columns.changed(),
)
FLEET_COLUMNS: tuple[Column[Any], ...] = (
    columns.name(_("Fleet")),
    columns.words("kind", _("Kind"), labels.FLEET_KIND),
    columns.refers("site", _("Site"), "site", sort="site"),
    columns.marked(
        "tier",
        _("Tier"),
        lambda row: parts.tier(row.tier),
        text=lambda row: cells.said(labels.TIER, row.tier),
    ),
    columns.number("expected_count", _("Expected devices"), sort="count"),
    columns.plain("os", _("Operating system")),
    columns.unit(default=False),
    columns.changed(),
)
KEY_COLUMNS: tuple[Column[Any], ...] = (
    columns.name(_("Key")),
    Column(
        "public_id",
        _("Begins with"),
        value=lambda row: row.public_id,
        cell=lambda row: format_html("<code>ttl_ep_{}…</code>", row.public_id),
    ),
    Column(
        "scope",
        _("May speak for"),
        value=lambda row: row.scope_name or cells.said(labels.KEY_SCOPE, row.scope),
        cell=cells.speaks_for,
    ),
    columns.marked(
        "state",
        _("State"),
        lambda row: cells.state(KEY_STATE, row.state),
        text=lambda row: cells.said(KEY_STATE, row.state),
    ),
    Column(
        "last_used",
        _("Last used"),
        value=lambda row: row.last_used_at,
        cell=lambda row: parts.when(row.last_used_at, word=_("never")),
        sort="last_used",
    ),
    Column(
        "expires",
        _("Expires"),
        value=lambda row: row.expires_at,
        cell=lambda row: parts.when(row.expires_at, absolute=True, word=_("never")),
        sort="expires",
    ),
    columns.person("created_by", _("Made by"), default=False),
    columns.number("max_senders", _("Most senders"), default=False),
    Column(
        "created",
        _("Made"),
        value=lambda row: row.created_at,
        cell=lambda row: parts.when(row.created_at),
        sort="created",
        default=False,
    ),
)
RULE_COLUMNS: tuple[Column[Any], ...] = (
    Column("name", _("Senders"), value=cells.pattern, sort="name", fixed=True),
    columns.refers("key", _("Key"), "key", unknown=_("any")),
    columns.refers("deployment", _("Deployment"), "deployment", unknown=_("not said")),
    columns.refers("endpoint", _("Endpoint"), "endpoint", unknown=_("not said")),
    columns.refers("site", _("Site"), "site", unknown=_("not said")),
    Column(
        "since",
        _("From"),
        value=lambda row: row.valid_from,
        cell=lambda row: parts.when(row.valid_from, absolute=True, word=_("ever")),
    ),
    Column(
        "until",
        _("Until"),
        value=lambda row: row.valid_until,
        cell=lambda row: parts.when(row.valid_until, absolute=True, word=_("open")),
    ),
    columns.number("priority", _("Priority"), sort="priority", default=False),
    columns.plain("note", _("Note"), default=False, unknown=_("none")),
    Column(
        "created",
        _("Made"),
        value=lambda row: row.created_at,
        cell=lambda row: parts.when(row.created_at),
        sort="created",
        default=False,
    ),
)


def _disclosed(value: str) -> str | None:
    """Why no model is named: the operator does not say, or nobody has written it down."""
    if value == "not_disclosed":
        return parts.unknown(_("not disclosed"))
    return None


def deployment_filters(actor: Actor) -> list[Filter]:
    """What deployments are asked by."""
    return [
        filters.search(_("Name or system")),
        filters.word("state", _("State"), labels.DEPLOYMENT_STATE),
        filters.word("environment", _("Environment"), labels.ENVIRONMENT),
        filters.word("tier", _("Tier"), labels.TIER),
        filters.word("risk_class", _("Risk"), labels.RISK_CLASS),
        filters.word("capture_mode", _("Capture mode"), labels.CAPTURE_MODE),
        filters.word("retention_class", _("Retention"), labels.RETENTION_CLASS),
        filters.relation("system", _("System"), actor, "system"),
        filters.relation("site", _("Site"), actor, "site"),
        filters.relation("fleet", _("Fleet"), actor, "fleet"),
        filters.relation("endpoint", _("Endpoint"), actor, "endpoint"),
        filters.relation("unit", _("Unit"), actor, "unit"),
        filters.retired(),
    ]


def endpoint_filters(actor: Actor) -> list[Filter]:
    """What endpoints are asked by."""
    return [
        filters.search(_("Name or host")),
        filters.word("kind", _("Kind"), labels.ENDPOINT_KIND),
        filters.word("tier", _("Tier"), labels.TIER),
        filters.word("disclosure", _("Models"), labels.MODEL_DISCLOSURE),
        filters.relation("site", _("Site"), actor, "site"),
        filters.relation("fleet", _("Fleet"), actor, "fleet"),
        filters.relation("operator", _("Operator"), actor, "entity"),
        filters.relation("unit", _("Unit"), actor, "unit"),
        filters.retired(),
    ]


def site_filters(actor: Actor) -> list[Filter]:
    """What sites are asked by."""
    return [
        filters.search(_("Name or region")),
        filters.word("tier", _("Tier"), labels.TIER),
        filters.word("connectivity", _("Connectivity"), labels.CONNECTIVITY),
        filters.relation("parent", _("Part of"), actor, "site"),
        filters.relation("operator", _("Operator"), actor, "entity"),
        filters.relation("unit", _("Unit"), actor, "unit"),
        filters.retired(),
    ]


def fleet_filters(actor: Actor) -> list[Filter]:
    """What fleets are asked by."""
    return [
        filters.search(_("Name or operating system")),
        filters.word("kind", _("Kind"), labels.FLEET_KIND),
        filters.word("tier", _("Tier"), labels.TIER),
        filters.relation("site", _("Site"), actor, "site"),
        filters.relation("unit", _("Unit"), actor, "unit"),
        filters.retired(),
    ]


def key_filters(actor: Actor) -> list[Filter]:
    """What endpoint keys are asked by."""
    return [
        filters.search(_("Name or beginning")),
        filters.word("scope", _("May speak for"), labels.KEY_SCOPE),
        filters.relation("deployment", _("Deployment"), actor, "deployment"),
        filters.relation("site", _("Site"), actor, "site"),
        filters.relation("unit", _("Unit"), actor, "unit"),
        filters.retired(),
    ]


def rule_filters(actor: Actor) -> list[Filter]:
    """What sender rules are asked by."""
    return [
        filters.search(_("Service, place or note")),
        filters.relation("deployment", _("Deployment"), actor, "deployment"),
        filters.relation("endpoint", _("Endpoint"), actor, "endpoint"),
        filters.relation("site", _("Site"), actor, "site"),
        filters.relation("unit", _("Unit"), actor, "unit"),
        filters.retired(),
    ]
