"""Lists of what there is: systems, models, datasets, the organisation."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from inventory import filters
from inventory.models import labels
from inventory.tables import cells, columns
from kernel.actor import Actor
from ui.filters import Filter
from ui.tables import Column

SYSTEM_COLUMNS: tuple[Column[Any], ...] = (
    columns.name(_("System")),
    Column(
        "owner",
        _("Owner"),
        value=lambda row: cells.name(row.owner),
        cell=lambda row: cells.owned(row.owner, row.unit),
        sort="owner",
    ),
    columns.unit(sort="unit", default=False),
    columns.marked(
        "risk_class",
        _("Risk"),
        lambda row: cells.risk(row.risk_class),
        text=lambda row: cells.said(labels.RISK_CLASS, row.risk_class),
        sort="risk_class",
    ),
    columns.marked(
        "state",
        _("State"),
        cells.system_state,
        text=cells.system_state_text,
        sort="state",
    ),
    Column(
        "special_categories",
        _("Sensitive data"),
        value=lambda row: (
            None
            if row.special_categories is None
            else cells.words(labels.SPECIAL_CATEGORY, row.special_categories) or _("none declared")
        ),
        cell=lambda row: cells.categories(row.special_categories),
        unknown=_("no data named"),
    ),
    Column(
        "places",
        _("Where"),
        value=lambda row: cells.places_text(row.places),
        cell=lambda row: cells.places(row.places),
        unknown=_("nowhere yet"),
    ),
    columns.counted("deployment_count", _("Deployments"), "deployments", "system", default=False),
    Column(
        "tiers",
        _("Tiers"),
        value=lambda row: cells.words(labels.TIER, row.tiers) or None,
        default=False,
        unknown=_("nowhere yet"),
    ),
    columns.plain("business_process", _("Business process"), default=False),
    columns.several("persons_affected", _("Persons affected"), labels.PERSONS),
    columns.words("decision_impact", _("Decision impact"), labels.DECISION_IMPACT, default=False),
    columns.person("deputy", _("Deputy"), default=False),
    columns.changed(),
)
MODEL_COLUMNS: tuple[Column[Any], ...] = (
    columns.name(_("Model")),
    columns.words("kind", _("Kind"), labels.MODEL_KIND, sort="kind"),
    columns.plain("provider_name", _("Provider"), sort="provider"),
    columns.plain("family", _("Family")),
    columns.counted("version_count", _("Versions"), "model_versions", "model"),
    columns.changed(),
)
MODEL_VERSION_COLUMNS: tuple[Column[Any], ...] = (
    columns.name(_("Model version")),
    columns.refers("model", _("Model"), "model", default=False),
    columns.marked(
        "state",
        _("State"),
        lambda row: cells.state(labels.MODEL_STATE, row.state),
        text=lambda row: cells.said(labels.MODEL_STATE, row.state),
        sort="state",
    ),
    columns.words("kind", _("Kind"), labels.MODEL_KIND),
    columns.plain("provider_name", _("Provider")),
    columns.plain("licence", _("Licence")),
    columns.number("parameters", _("Parameters"), default=False),
    columns.plain("aliases", _("Names in telemetry"), default=False, unknown=_("none named")),
    columns.changed(),
)
DATASET_COLUMNS: tuple[Column[Any], ...] = (
    columns.name(_("Dataset")),
    columns.unit(),
    columns.marked(
        "classification",
        _("Classification"),
        lambda row: cells.classification(row.classification),
        text=lambda row: row.classification and cells.said(labels.CLASSIFICATION, row.classification),
    ),
    columns.marked(
        "personal_data",
        _("Personal data"),
        lambda row: cells.personal_data(row.personal_data),
        text=lambda row: cells.said(labels.PERSONAL_DATA, row.personal_data),
    ),
    Column(
        "special_categories",
        _("Special categories"),
        value=lambda row: cells.words(labels.SPECIAL_CATEGORY, row.special_categories),
        cell=lambda row: cells.categories(row.special_categories),
    ),
    columns.plain("residency", _("May lie in")),
    columns.counted("version_count", _("Versions"), "dataset_versions", "dataset"),
    columns.changed(),
)
DATASET_VERSION_COLUMNS: tuple[Column[Any], ...] = (
    columns.name(_("Dataset version")),
    columns.refers("dataset", _("Dataset"), "dataset", default=False),
    columns.marked(
        "classification",
        _("Classification"),
        lambda row: cells.classification(row.classification),
        text=lambda row: cells.said(labels.CLASSIFICATION, row.classification),
    ),
    columns.marked(
        "personal_data",
        _("Personal data"),
        lambda row: cells.personal_data(row.personal_data),
        text=lambda row: cells.said(labels.PERSONAL_DATA, row.personal_data),
    ),
    Column(
        "special_categories",
        _("Special categories"),
        value=lambda row: cells.words(labels.SPECIAL_CATEGORY, row.special_categories),
        cell=lambda row: cells.categories(row.special_categories),
    ),
    columns.several("data_subjects", _("Data subjects"), labels.PERSONS, default=True),
    columns.plain("residency", _("May lie in")),
    columns.plain("source", _("Source"), default=False),
    columns.changed(),
)
ENTITY_COLUMNS: tuple[Column[Any], ...] = (
    columns.name(_("Legal entity")),
    Column(
        "is_own",
        _("Belongs to us"),
        value=lambda row: row.is_own,
        cell=lambda row: cells.yes_no(row.is_own),
    ),
    columns.plain("country", _("Country"), sort="country"),
    columns.plain("registration", _("Registration number")),
    columns.plain("contact", _("Contact"), default=False),
    columns.changed(),
)
UNIT_COLUMNS: tuple[Column[Any], ...] = (
    columns.name(_("Unit")),
    columns.refers("parent", _("Part of"), "unit", unknown=_("whole organisation")),
)


def system_filters(actor: Actor) -> list[Filter]:
    """What systems are asked by; together the filters read as a sentence."""
    return [
        filters.search(_("Name or purpose")),
        filters.word("state", _("State"), labels.SYSTEM_STATE),
        filters.word("risk_class", _("Risk"), labels.RISK_CLASS),
        filters.word("special_category", _("Sensitive data"), labels.SPECIAL_CATEGORY),
        filters.word("tier", _("Tier"), labels.TIER),
        filters.word("persons", _("Persons affected"), labels.PERSONS),
        filters.word("decision_impact", _("Decision impact"), labels.DECISION_IMPACT),
        filters.yes_no("interacts", _("Interacts with persons")),
        filters.yes_no("has_owner", _("Has an owner")),
        filters.yes_no("running", _("Runs, approved or not")),
        filters.relation("owner", _("Owner"), actor, "person"),
        filters.relation("unit", _("Unit"), actor, "unit"),
        filters.retired(),
    ]


def model_filters(actor: Actor) -> list[Filter]:
    """What models are asked by."""
    return [
        filters.search(_("Name, family or provider")),
        filters.word("kind", _("Kind"), labels.MODEL_KIND),
        filters.word("state", _("Has a version that is"), labels.MODEL_STATE),
        filters.relation("provider", _("Provider"), actor, "entity"),
        filters.retired(),
    ]


def model_version_filters(actor: Actor) -> list[Filter]:
    """What model versions are asked by."""
    return [
        filters.search(_("Name, version or licence")),
        filters.word("state", _("State"), labels.MODEL_STATE),
        filters.word("kind", _("Kind"), labels.MODEL_KIND),
        filters.relation("model", _("Model"), actor, "model"),
        filters.retired(),
    ]


def dataset_filters(actor: Actor) -> list[Filter]:
    """What datasets are asked by."""
    return [
        filters.search(_("Name or purpose")),
        filters.word("classification", _("Classification"), labels.CLASSIFICATION),
        filters.word("personal_data", _("Personal data"), labels.PERSONAL_DATA),
        filters.word("special_category", _("Special categories"), labels.SPECIAL_CATEGORY),
        filters.relation("unit", _("Unit"), actor, "unit"),
        filters.retired(),
    ]


def dataset_version_filters(actor: Actor) -> list[Filter]:
    """What dataset versions are asked by."""
    return [
        filters.search(_("Name or version")),
        filters.word("classification", _("Classification"), labels.CLASSIFICATION),
        filters.word("personal_data", _("Personal data"), labels.PERSONAL_DATA),
        filters.word("special_category", _("Special categories"), labels.SPECIAL_CATEGORY),
        filters.relation("dataset", _("Dataset"), actor, "dataset"),
        filters.retired(),
    ]


def entity_filters(_actor: Actor) -> list[Filter]:
    """What legal entities are asked by."""
    return [
        filters.search(_("Name or registration number")),
        filters.yes_no("own", _("Belongs to us")),
        filters.retired(),
    ]


def unit_filters(_actor: Actor) -> list[Filter]:
    """What units are asked by."""
    return [filters.search(_("Name")), filters.retired()]
