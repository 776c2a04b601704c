"""The facts of each noun: what is declared of it, in the order in which a reader asks."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from inventory.domain.words import RiskClass
from inventory.models import labels
from inventory.tables import cells
from inventory.tables.where import KEY_STATE
from ui import formats, parts
from ui.parts import Fact
from ui.text import Text, Tone


def _number(value: int | None) -> str | None:
    return None if value is None else formats.number(value)


def _joined(values: tuple[str, ...]) -> str | None:
    return ", ".join(values) or None


def system(row: Any) -> list[Fact]:
    """What a system is for, whom it concerns, at which risk."""
    points = _joined(row.annex_iii_points)
    return [
        Fact(_("Purpose"), row.purpose),
        Fact(_("Business process"), row.business_process),
        Fact(
            _("Risk class"),
            cells.risk(row.risk_class),
            hint=_risk_hint(row.risk_class, points),
        ),
        Fact(_("Reason for the class"), row.risk_reason, unknown=_("not given")),
        Fact(_("Owner"), cells.name(row.owner), unknown=_("nobody named")),
        Fact(_("Deputy"), cells.name(row.deputy), unknown=_("nobody named")),
        Fact(_("Unit"), cells.link("unit", row.unit), unknown=_("whole organisation")),
        Fact(
            _("Persons affected"), cells.words(labels.PERSONS, row.persons_affected), unknown=_("none named")
        ),
        Fact(_("Persons affected per year"), _number(row.persons_estimate)),
        Fact(_("Interacts with persons"), cells.yes_no(row.interacts_with_persons)),
        Fact(_("Decision impact"), cells.said(labels.DECISION_IMPACT, row.decision_impact)),
        Fact(_("Sensitive data"), cells.categories(row.special_categories)),
        Fact(_("Where"), cells.places(row.places), unknown=_("nowhere yet")),
    ]


def _risk_hint(risk_class: str, points: str | None) -> Text:
    """Why a system is of high risk: a point of Annex III, else the product law of Annex I, which is to be checked."""
    if points:
        return _("Annex III %(points)s") % {"points": points}
    if risk_class != RiskClass.HIGH:
        return ""
    why = _(
        "No point of Annex III is named. Name it, or say in the reason which product law of Annex I applies."
    )
    return parts.badge(why, Tone.WARN, mark="▲")


def model(row: Any) -> list[Fact]:
    """Whose model it is."""
    provider = cells.link("vendor", row.provider) or row.provider_name
    return [
        Fact(_("Kind"), cells.said(labels.MODEL_KIND, row.kind)),
        Fact(_("Provider"), provider),
        Fact(_("Family"), row.family),
        Fact(_("Note"), row.note, unknown=_("none")),
    ]


def model_version(row: Any) -> list[Fact]:
    """What a release is, and under which names telemetry speaks of it."""
    return [
        Fact(_("Model"), cells.link("model", row.model)),
        Fact(_("Kind"), cells.said(labels.MODEL_KIND, row.kind)),
        Fact(_("Provider"), row.provider_name),
        Fact(
            _("Names in telemetry"),
            _joined(row.aliases),
            unknown=_("none named"),
            hint="gen_ai.response.model",
        ),
        Fact(_("Takes"), cells.words(labels.MODALITY, row.modalities_in)),
        Fact(_("Gives"), cells.words(labels.MODALITY, row.modalities_out)),
        Fact(_("Parameters"), _number(row.parameters)),
        Fact(_("Quantisation"), row.quantisation, unknown=_("none")),
        Fact(_("Licence"), row.licence),
        Fact(_("Digest"), parts.copyable(row.digest) if row.digest else None),
        Fact(_("Note"), row.note, unknown=_("none")),
    ]


def dataset(row: Any) -> list[Fact]:
    """What its versions in use hold together."""
    return [
        Fact(_("Purpose"), row.purpose),
        Fact(_("Unit"), cells.link("unit", row.unit), unknown=_("whole organisation")),
        Fact(_("Classification"), cells.classification(row.classification), unknown=_("no version yet")),
        Fact(_("Personal data"), cells.personal_data(row.personal_data)),
        Fact(_("Special categories"), cells.categories(row.special_categories)),
        Fact(_("May lie in"), _joined(row.residency)),
    ]


def dataset_version(row: Any) -> list[Fact]:
    """What one version holds, about whom, and where it may lie."""
    days = (
        None
        if row.retention_days is None
        else _("%(count)s days") % {"count": formats.number(row.retention_days)}
    )
    return [
        Fact(_("Dataset"), cells.link("dataset", row.dataset)),
        Fact(_("Classification"), cells.classification(row.classification)),
        Fact(_("Personal data"), cells.personal_data(row.personal_data)),
        Fact(_("Special categories"), cells.categories(row.special_categories)),
        Fact(_("Data subjects"), cells.words(labels.PERSONS, row.data_subjects), unknown=_("none named")),
        Fact(_("May lie in"), _joined(row.residency)),
        Fact(_("Kept for"), days),
        Fact(_("Source"), row.source),
        Fact(_("Licence"), row.licence),
        Fact(_("Note"), row.note, unknown=_("none")),
    ]


def deployment(row: Any) -> list[Fact]:
    """How a system runs in one environment."""
    return [
        Fact(_("System"), cells.link("system", row.system)),
        Fact(_("Risk class"), cells.risk(row.risk_class)),
        Fact(_("Environment"), cells.said(labels.ENVIRONMENT, row.environment)),
        Fact(_("Where"), cells.places(row.places), unknown=_("nowhere yet")),
        Fact(_("Name in telemetry"), parts.copyable(row.slug), hint="tutela.deployment"),
        Fact(_("Capture mode"), cells.said(labels.CAPTURE_MODE, row.capture_mode)),
        Fact(_("Retention"), cells.said(labels.RETENTION_CLASS, row.retention_class)),
        Fact(_("Expected instances"), _number(row.expected_count)),
        Fact(_("When it runs"), row.calendar),
        Fact(_("Unit"), cells.link("unit", row.unit), unknown=_("whole organisation")),
        Fact(_("Note"), row.note, unknown=_("none")),
    ]


def endpoint(row: Any) -> list[Fact]:
    """Where a model answers, run by whom, and what of it can be observed."""
    observable = (
        None if row.observable is None else cells.words(labels.OBSERVABLE, row.observable) or _("Nothing")
    )
    return [
        Fact(_("Kind"), cells.said(labels.ENDPOINT_KIND, row.kind)),
        Fact(_("Where"), cells.place(row.place)),
        Fact(_("Operator"), cells.link("vendor", row.operator)),
        Fact(_("Processes in"), _joined(row.processing_regions)),
        Fact(
            _("Host"),
            parts.copyable(row.host) if row.host else None,
            hint="server.address" if row.host else "",
        ),
        Fact(_("Models"), cells.said(labels.MODEL_DISCLOSURE, row.model_disclosure)),
        Fact(_("Can be observed"), observable),
        Fact(_("Unit"), cells.link("unit", row.unit), unknown=_("whole organisation")),
        Fact(_("Note"), row.note, unknown=_("none")),
    ]


def site(row: Any) -> list[Fact]:
    """What kind of place it is, whose, and how it is reached."""
    budget = row.offline_budget_hours
    return [
        Fact(_("Tier"), parts.tier(row.tier)),
        Fact(_("Country"), row.country),
        Fact(_("Region"), row.region),
        Fact(_("Part of"), cells.link("site", row.parent), unknown=_("nothing above")),
        Fact(_("Connectivity"), cells.said(labels.CONNECTIVITY, row.connectivity)),
        Fact(
            _("May be out of contact for"),
            None if budget is None else _("%(count)s hours") % {"count": formats.number(budget)},
        ),
        Fact(_("Operator"), cells.link("vendor", row.operator)),
        Fact(_("Unit"), cells.link("unit", row.unit), unknown=_("whole organisation")),
        Fact(_("Name in telemetry"), parts.copyable(row.slug), hint="tutela.site"),
        Fact(_("Deployments"), cells.door(row.deployment_count, "deployments", site=row.id)),
        Fact(_("Note"), row.note, unknown=_("none")),
    ]


def fleet(row: Any) -> list[Fact]:
    """Many alike devices at a site."""
    return [
        Fact(_("Kind"), cells.said(labels.FLEET_KIND, row.kind)),
        Fact(_("Site"), cells.link("site", row.site)),
        Fact(_("Tier"), parts.tier(row.tier)),
        Fact(_("Operating system"), row.os),
        Fact(_("Expected devices"), _number(row.expected_count)),
        Fact(_("Note"), row.note, unknown=_("none")),
    ]


def entity(row: Any) -> list[Fact]:
    """A company: one of our own, a vendor, an operator."""
    return [
        Fact(_("Belongs to us"), cells.yes_no(row.is_own)),
        Fact(_("Country"), row.country),
        Fact(_("Registration number"), row.registration),
        Fact(_("Website"), parts.outside_link(row.website) if row.website else None),
        Fact(_("Contact"), row.contact),
        Fact(_("Note"), row.note, unknown=_("none")),
    ]


def unit(row: Any) -> list[Fact]:
    """A part of the organisation, and the doors to what belongs to it."""
    of_this = {"unit": row.id}
    return [
        Fact(_("Part of"), cells.link("unit", row.parent), unknown=_("whole organisation")),
        Fact(_("Short name"), parts.copyable(row.slug)),
        Fact(_("Systems"), cells.opening(_("Its systems"), "systems", **of_this)),
        Fact(_("Deployments"), cells.opening(_("Its deployments"), "deployments", **of_this)),
        Fact(_("Datasets"), cells.opening(_("Its datasets"), "datasets", **of_this)),
        Fact(_("Sites"), cells.opening(_("Its sites"), "sites", **of_this)),
    ]


def key(row: Any) -> list[Fact]:
    """What a key may speak for, and until when."""
    return [
        Fact(
            _("Begins with"),
            parts.copyable(f"ttl_ep_{row.public_id}"),
            hint=_("The rest was shown once and is kept nowhere."),
        ),
        Fact(_("May speak for"), cells.speaks_for(row), hint=cells.said(labels.KEY_SCOPE, row.scope)),
        Fact(_("State"), cells.state(KEY_STATE, row.state)),
        Fact(_("Last used"), parts.when(row.last_used_at, word=_("never"))),
        Fact(_("Expires"), parts.when(row.expires_at, absolute=True, word=_("never"))),
        Fact(_("Revoked"), parts.when(row.revoked_at, absolute=True, word=_("no"))),
        Fact(_("Replaces"), cells.link("key", row.rotated_from), unknown=_("none")),
        Fact(_("Made"), parts.when(row.created_at, absolute=True)),
        Fact(_("Made by"), cells.name(row.created_by), unknown=_("the installation")),
        Fact(_("Most senders"), _number(row.max_senders)),
    ]


def rule(row: Any) -> list[Fact]:
    """Which senders a rule means, and what it says they are."""
    anything = _("any")
    return [
        Fact(_("Key"), cells.link("key", row.key), unknown=anything),
        Fact(_("Service namespace"), row.service_namespace, unknown=anything, hint="service.namespace"),
        Fact(_("Service name"), row.service_name, unknown=anything, hint="service.name"),
        Fact(_("Environment as sent"), row.environment, unknown=anything, hint="deployment.environment.name"),
        Fact(_("Place as sent"), row.place, unknown=anything, hint="tutela.site"),
        Fact(_("Claimed deployment"), row.claimed_deployment, unknown=anything, hint="tutela.deployment"),
        Fact(_("Is the deployment"), cells.link("deployment", row.deployment), unknown=_("not said")),
        Fact(_("Is the endpoint"), cells.link("endpoint", row.endpoint), unknown=_("not said")),
        Fact(_("Is at the site"), cells.link("site", row.site), unknown=_("not said")),
        Fact(_("From"), parts.when(row.valid_from, absolute=True, word=_("ever"))),
        Fact(_("Until"), parts.when(row.valid_until, absolute=True, word=_("open"))),
        Fact(_("Priority"), formats.number(row.priority)),
        Fact(_("Note"), row.note, unknown=_("none")),
    ]
