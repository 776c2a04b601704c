"""Where it runs, and which senders are meant: the pages of deployments, endpoints, sites, fleets and rules."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from inventory import queries, services
from inventory.forms import nouns as forms
from inventory.models import labels
from inventory.queries import listings
from inventory.services import nouns
from inventory.tables import cells, where
from inventory.views import connected, facts, touches
from inventory.views.pages import NounPages, Verbs, Words
from kernel.actor import Actor, Permission
from ui.tables import Action


def _owner(row: Any) -> str | None:
    return cells.name(row.owner)


def _site_actions(actor: Actor) -> Sequence[Action]:
    found = [Action(_("As a tree"), reverse("inventory:site_tree"), "list-tree")]
    if actor.may_somewhere(Permission.ESTATE_EDIT):
        found.append(Action(_("Fleets"), reverse("inventory:fleets"), "layers"))
        found.append(Action(_("Add a site"), reverse("inventory:site_new"), "plus", primary=True))
    return found


DEPLOYMENT = NounPages(
    name="deployment",
    plural="deployments",
    icon="package",
    words=Words(
        one=_("Deployment"),
        many=_("Deployments"),
        question=_("What runs, in which environment, where, on which data?"),
        why=_(
            "A deployment is a system in one environment. Telemetry is seen under the deployments that send it."
        ),
        new=_("Add a deployment"),
        edit=_("Edit"),
        retire=_("Retire"),
        retired=_(
            "The deployment leaves service for good. Its senders stay explained; its keys must be revoked before."
        ),
    ),
    noun=nouns.DEPLOYMENT,
    listing=listings.DEPLOYMENTS,
    columns=where.DEPLOYMENT_COLUMNS,
    filters=where.deployment_filters,
    form=forms.DeploymentForm,
    verbs=Verbs(
        register=services.register_deployment,
        edit=services.edit_deployment,
        retire=services.retire_deployment,
    ),
    detail=queries.deployment_detail,
    facts=facts.deployment,
    sections=connected.deployment,
    touches=touches.deployment,
    state=lambda row: cells.state(labels.DEPLOYMENT_STATE, row.state),
    badges=lambda row: [cells.risk(row.risk_class)],
    owner=_owner,
    tier=lambda row: row.places[0].tier if row.places else "",
    slot="inventory.deployment",
)
ENDPOINT = NounPages(
    name="endpoint",
    plural="endpoints",
    icon="plug",
    words=Words(
        one=_("Endpoint"),
        many=_("Endpoints"),
        question=_("Where does a model answer, whose is it, and which models does it serve?"),
        why=_(
            "A model server, a gateway, a provider’s API, a feature of bought software, or a library in a device."
        ),
        new=_("Add an endpoint"),
        edit=_("Edit"),
        retire=_("Retire"),
        retired=_("The endpoint leaves service once no deployment uses it and no gateway routes to it."),
    ),
    noun=nouns.ENDPOINT,
    listing=listings.ENDPOINTS,
    columns=where.ENDPOINT_COLUMNS,
    filters=where.endpoint_filters,
    form=forms.EndpointForm,
    verbs=Verbs(
        register=services.register_endpoint, edit=services.edit_endpoint, retire=services.retire_endpoint
    ),
    detail=queries.endpoint_detail,
    facts=facts.endpoint,
    sections=connected.endpoint,
    touches=touches.endpoint,
    tier=lambda row: row.place.tier if row.place else "",
    slot="inventory.endpoint",
)
SITE = NounPages(
    name="site",
    plural="sites",
    icon="map-pin",
    words=Words(
        one=_("Site"),
        many=_("Sites"),
        question=_("Where do models run and data lie, from the device in a hand to the cloud?"),
        why=_(
            "A site is a place: a clinic, a shop, a shipyard, a data centre, a cloud region, a provider’s API."
        ),
        new=_("Add a site"),
        edit=_("Edit"),
        retire=_("Close"),
        retired=_("The site is closed once nothing is placed there any more."),
    ),
    noun=nouns.SITE,
    listing=listings.SITES,
    columns=where.SITE_COLUMNS,
    filters=where.site_filters,
    form=forms.SiteForm,
    verbs=Verbs(register=services.register_site, edit=services.edit_site, retire=services.retire_site),
    detail=queries.site_detail,
    facts=facts.site,
    sections=connected.site,
    touches=touches.site,
    tier=lambda row: row.tier,
    list_actions=_site_actions,
    slot="inventory.site",
    facts_width="two-thirds",
)
FLEET = NounPages(
    name="fleet",
    plural="fleets",
    icon="layers",
    words=Words(
        one=_("Fleet"),
        many=_("Fleets"),
        question=_("Which devices do we count and not list one by one?"),
        why=_("A fleet is many alike devices at a site, such as 4,200 AI PCs: counted, not listed."),
        new=_("Add a fleet"),
        edit=_("Edit"),
        retire=_("Retire"),
        retired=_("The fleet is retired once nothing is placed on it any more."),
    ),
    noun=nouns.FLEET,
    listing=listings.FLEETS,
    columns=where.FLEET_COLUMNS,
    filters=where.fleet_filters,
    form=forms.FleetForm,
    verbs=Verbs(register=services.register_fleet, edit=services.edit_fleet, retire=services.retire_fleet),
    detail=queries.fleet_detail,
    facts=facts.fleet,
    sections=connected.fleet,
    touches=touches.fleet,
    tier=lambda row: row.tier,
)
RULE = NounPages(
    name="sender_rule",
    plural="sender_rules",
    icon="split",
    words=Words(
        one=_("Sender rule"),
        many=_("Sender rules"),
        question=_("Which telemetry belongs to which deployment, endpoint and site, since when?"),
        why=_(
            "A rule says what a sender is. It is read anew each time, so that a rule made today explains the past too."
        ),
        new=_("Add a sender rule"),
        edit=_("Edit"),
        retire=_("Take back"),
        retired=_(
            "The rule is taken back as if it had never been: its senders are unknown again, also for the past."
        ),
    ),
    noun=nouns.SENDER_RULE,
    listing=listings.RULES,
    columns=where.RULE_COLUMNS,
    filters=where.rule_filters,
    form=forms.RuleForm,
    verbs=Verbs(register=services.register_rule, edit=services.edit_rule, retire=services.retire_rule),
    detail=queries.rule_detail,
    facts=facts.rule,
    sections=connected.nothing,
    touches=touches.rule,
    title=cells.pattern,
    sort="-created",
)
