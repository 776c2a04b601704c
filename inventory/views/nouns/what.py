"""What there is: the pages of systems, models, datasets and the organisation."""

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
from inventory.tables import cells, what
from inventory.views import connected, facts, touches
from inventory.views.pages import NounPages, Verbs, Words
from inventory.views.parts import Opened
from kernel.actor import Actor, Permission
from ui.tables import Action


def _owner(row: Any) -> str | None:
    return cells.name(row.owner)


def _register_actions(actor: Actor) -> Sequence[Action]:
    found = []
    if actor.may_somewhere(Permission.REGISTER_EDIT):
        found.append(Action(_("A system without a deployment"), reverse("inventory:system_new")))
    if actor.may_somewhere(Permission.ESTATE_EDIT):
        found.append(Action(_("Register a system"), reverse("inventory:simple"), "plus", primary=True))
    return found


def _classify(opened: Opened) -> Sequence[Action]:
    return [Action(_("Classify"), reverse("inventory:system_classify", args=[opened.row.id]), "scale")]


SYSTEM = NounPages(
    name="system",
    plural="systems",
    icon="boxes",
    words=Words(
        one=_("AI system"),
        many=_("Systems"),
        question=_("Which AI do we use, for what, at which risk, in which state, and who owns it?"),
        why=_(
            "A system is a use of AI for a purpose, with an owner. The law looks at systems, not at models."
        ),
        new=_("Add a system"),
        edit=_("Edit"),
        retire=_("Retire"),
        retired=_("The system leaves service for good. Its page, its past and its evidence stay."),
    ),
    noun=nouns.SYSTEM,
    listing=listings.SYSTEMS,
    columns=what.SYSTEM_COLUMNS,
    filters=what.system_filters,
    form=forms.SystemForm,
    verbs=Verbs(register=services.register_system, edit=services.edit_system, retire=services.retire_system),
    detail=queries.system_detail,
    facts=facts.system,
    sections=connected.system,
    touches=touches.system,
    state=lambda row: cells.state(labels.SYSTEM_STATE, row.state),
    badges=lambda row: [
        cells.risk(row.risk_class),
        *([cells.unapproved(row)] if row.runs_unapproved else []),
    ],
    owner=_owner,
    actions=_classify,
    list_actions=_register_actions,
    slot="inventory.system",
    facts_width="two-thirds",
    list_template="inventory/systems.html",
)
MODEL = NounPages(
    name="model",
    plural="models",
    icon="brain",
    words=Words(
        one=_("Model"),
        many=_("Models"),
        question=_("Which models do we know, from whom, in which versions?"),
        why=_(
            "A model is what answers: a language model, a classifier, a forecast. Its versions are approved or blocked."
        ),
        new=_("Add a model"),
        edit=_("Edit"),
        retire=_("Retire"),
        retired=_("The model leaves the register’s choices. Its page and its past stay."),
    ),
    noun=nouns.MODEL,
    listing=listings.MODELS,
    columns=what.MODEL_COLUMNS,
    filters=what.model_filters,
    form=forms.ModelForm,
    verbs=Verbs(register=services.register_model, edit=services.edit_model, retire=services.retire_model),
    detail=queries.model_detail,
    facts=facts.model,
    sections=connected.model,
    touches=touches.model,
    slot="inventory.model",
)
MODEL_VERSION = NounPages(
    name="model_version",
    plural="model_versions",
    icon="git-branch",
    words=Words(
        one=_("Model version"),
        many=_("Model versions"),
        question=_("Which releases are approved, restricted or blocked, and where do they come from?"),
        why=_("A version is one release of a model, with the names under which telemetry speaks of it."),
        new=_("Add a model version"),
        edit=_("Edit"),
        retire=_("Retire"),
        retired=_("The version leaves the register’s choices. Its page and its past stay."),
    ),
    noun=nouns.MODEL_VERSION,
    listing=listings.MODEL_VERSIONS,
    columns=what.MODEL_VERSION_COLUMNS,
    filters=what.model_version_filters,
    form=forms.ModelVersionForm,
    verbs=Verbs(
        register=services.register_model_version,
        edit=services.edit_model_version,
        retire=services.retire_model_version,
    ),
    detail=queries.model_version_detail,
    facts=facts.model_version,
    sections=connected.model_version,
    touches=touches.model_version,
    state=lambda row: cells.state(labels.MODEL_STATE, row.state),
    slot="inventory.model_version",
)
DATASET = NounPages(
    name="dataset",
    plural="datasets",
    icon="database",
    words=Words(
        one=_("Dataset"),
        many=_("Datasets"),
        question=_("On which data do our systems work, about whom, and where may it lie?"),
        why=_(
            "A dataset is what systems read, are trained on or write. What it holds is said of its versions."
        ),
        new=_("Add a dataset"),
        edit=_("Edit"),
        retire=_("Retire"),
        retired=_("The dataset leaves the register’s choices. Its page and its past stay."),
    ),
    noun=nouns.DATASET,
    listing=listings.DATASETS,
    columns=what.DATASET_COLUMNS,
    filters=what.dataset_filters,
    form=forms.DatasetForm,
    verbs=Verbs(
        register=services.register_dataset, edit=services.edit_dataset, retire=services.retire_dataset
    ),
    detail=queries.dataset_detail,
    facts=facts.dataset,
    sections=connected.dataset,
    touches=touches.dataset,
    slot="inventory.dataset",
)
DATASET_VERSION = NounPages(
    name="dataset_version",
    plural="dataset_versions",
    icon="table-2",
    words=Words(
        one=_("Dataset version"),
        many=_("Dataset versions"),
        question=_("What do the versions of our data hold, and about whom?"),
        why=_(
            "A version is one state of a dataset: its classification, the persons in it, where it may lie."
        ),
        new=_("Add a dataset version"),
        edit=_("Edit"),
        retire=_("Retire"),
        retired=_("The version leaves the register’s choices. Its page and its past stay."),
    ),
    noun=nouns.DATASET_VERSION,
    listing=listings.DATASET_VERSIONS,
    columns=what.DATASET_VERSION_COLUMNS,
    filters=what.dataset_version_filters,
    form=forms.DatasetVersionForm,
    verbs=Verbs(
        register=services.register_dataset_version,
        edit=services.edit_dataset_version,
        retire=services.retire_dataset_version,
    ),
    detail=queries.dataset_version_detail,
    facts=facts.dataset_version,
    sections=connected.nothing,
    touches=touches.nothing,
    badges=lambda row: [cells.classification(row.classification) or ""],
)
ENTITY = NounPages(
    name="vendor",
    plural="vendors",
    icon="building-2",
    words=Words(
        one=_("Legal entity"),
        many=_("Vendors and legal entities"),
        question=_("Who makes, runs or answers for what we use?"),
        why=_("Our own companies, vendors and operators: whoever has a duty for a system, a model, a site."),
        new=_("Add a legal entity"),
        edit=_("Edit"),
        retire=_("Retire"),
        retired=_("The entity leaves the register’s choices. Its page and its past stay."),
    ),
    noun=nouns.ENTITY,
    listing=listings.ENTITIES,
    columns=what.ENTITY_COLUMNS,
    filters=what.entity_filters,
    form=forms.EntityForm,
    verbs=Verbs(register=services.register_entity, edit=services.edit_entity, retire=services.retire_entity),
    detail=queries.entity_detail,
    facts=facts.entity,
    sections=connected.entity,
    touches=touches.entity,
)
UNIT = NounPages(
    name="unit",
    plural="units",
    icon="users",
    words=Words(
        one=_("Unit"),
        many=_("Units"),
        question=_("How is the organisation divided? Roles are given per unit and hold for all units below."),
        why=_(
            "Units are departments, branches, subsidiaries. Without any, everything belongs to the whole organisation."
        ),
        new=_("Add a unit"),
        edit=_("Edit"),
        retire=_("Close"),
        retired=_("The unit is closed once nothing belongs to it any more."),
    ),
    noun=nouns.UNIT,
    listing=None,
    columns=what.UNIT_COLUMNS,
    filters=what.unit_filters,
    form=forms.UnitForm,
    verbs=Verbs(register=services.register_unit, edit=services.edit_unit, retire=services.retire_unit),
    detail=queries.unit_detail,
    facts=facts.unit,
    sections=connected.nothing,
    touches=touches.nothing,
    sort="",
)
