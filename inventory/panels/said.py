"""The ledger of the register in words: what each verb is called, what each field is called, and whom an id means."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db.models import DateTimeField, Field, ForeignKey, JSONField, Model
from django.urls import reverse
from django.utils.functional import keep_lazy_text
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from audit import panels as ledger
from audit.domain import Change
from audit.panels import Kind, Said
from inventory.models import DatasetVersion, ModelVersion, labels
from inventory.queries.columns import dataset_version_ref, version_name
from inventory.services import nouns
from ui import formats, history
from ui.text import Text

WORDS: dict[str, Text] = {
    "inventory.system.register": _("put it on the register"),
    "inventory.system.edit": _("changed it"),
    "inventory.system.classify": _("classified it"),
    "inventory.system.move": _("changed its state"),
    "inventory.system.retire": _("retired it"),
    "inventory.system_role.assign": _("gave a role"),
    "inventory.system_role.end": _("ended a role"),
    "inventory.system_role.register": _("gave a role"),
    "inventory.model.register": _("put it on the register"),
    "inventory.model.edit": _("changed it"),
    "inventory.model.retire": _("retired it"),
    "inventory.model_version.register": _("put it on the register"),
    "inventory.model_version.edit": _("changed it"),
    "inventory.model_version.move": _("changed its state"),
    "inventory.model_version.retire": _("retired it"),
    "inventory.model_relation.relate": _("said where it comes from"),
    "inventory.model_relation.withdraw": _("took back where it comes from"),
    "inventory.model_training.add": _("said what it was trained on"),
    "inventory.model_training.end": _("ended a training"),
    "inventory.dataset.register": _("put it on the register"),
    "inventory.dataset.edit": _("changed it"),
    "inventory.dataset.retire": _("retired it"),
    "inventory.dataset_version.register": _("put it on the register"),
    "inventory.dataset_version.edit": _("changed it"),
    "inventory.dataset_version.retire": _("retired it"),
    "inventory.deployment.register": _("put it on the register"),
    "inventory.deployment.edit": _("changed it"),
    "inventory.deployment.move": _("changed its state"),
    "inventory.deployment.retire": _("retired it"),
    "inventory.placement.begin": _("placed it"),
    "inventory.placement.end": _("ended a placement"),
    "inventory.deployment_use.begin": _("connected an endpoint"),
    "inventory.deployment_use.end": _("disconnected an endpoint"),
    "inventory.binding.begin": _("bound data"),
    "inventory.binding.end": _("ended a data binding"),
    "inventory.endpoint.register": _("put it on the register"),
    "inventory.endpoint.edit": _("changed it"),
    "inventory.endpoint.retire": _("retired it"),
    "inventory.endpoint_serves.begin": _("added a model"),
    "inventory.endpoint_serves.end": _("ended a model"),
    "inventory.endpoint_route.begin": _("added a route"),
    "inventory.endpoint_route.end": _("ended a route"),
    "inventory.site.register": _("put it on the register"),
    "inventory.site.edit": _("changed it"),
    "inventory.site.retire": _("closed it"),
    "inventory.fleet.register": _("put it on the register"),
    "inventory.fleet.edit": _("changed it"),
    "inventory.fleet.retire": _("retired it"),
    "inventory.entity.register": _("put it on the register"),
    "inventory.entity.edit": _("changed it"),
    "inventory.entity.retire": _("retired it"),
    "inventory.unit.register": _("put it on the register"),
    "inventory.unit.edit": _("changed it"),
    "inventory.unit.retire": _("closed it"),
    "inventory.endpoint_key.make": _("made the key"),
    "inventory.endpoint_key.edit": _("changed it"),
    "inventory.endpoint_key.rotate": _("replaced the key"),
    "inventory.endpoint_key.revoke": _("revoked the key"),
    "inventory.sender_rule.register": _("made the rule"),
    "inventory.sender_rule.edit": _("changed it"),
    "inventory.sender_rule.retire": _("took the rule back"),
    "inventory.sender.promote": _("said what a sender is"),
    "inventory.sender.merge": _("said that several senders are this"),
    "inventory.sender.dismiss": _("dismissed a sender"),
    "inventory.sender.undismiss": _("called a sender back"),
    "inventory.retention.set": _("decided how long it is kept"),
    "inventory.cost_profile.register": _("said what its hour costs"),
    "inventory.cost_profile.edit": _("changed it"),
    "inventory.cost_profile.retire": _("took it back"),
    "inventory.price_book.import": _("took list prices in"),
    "inventory.own_price.register": _("said what is paid"),
    "inventory.own_price.edit": _("changed it"),
    "inventory.own_price.end": _("ended the price"),
    "inventory.own_price.retire": _("took it back"),
    "inventory.seat_price.register": _("said what its seats cost"),
    "inventory.seat_price.edit": _("changed it"),
    "inventory.seat_price.retire": _("took it back"),
    "inventory.exchange_rate.register": _("said at which rate"),
    "inventory.exchange_rate.edit": _("changed it"),
    "inventory.exchange_rate.retire": _("took it back"),
    "inventory.cost_settings.choose": _("chose currency and month"),
    **{f"{noun.kind}.import": _("brought it in from a file") for noun in nouns.ALL},
    "inventory.import.keep": _("sent a file to try"),
    "inventory.import.apply": _("brought a file in"),
    "inventory.import.drop": _("dropped a file"),
    "inventory.simple.register": _("registered it by the one simple form"),
}

_PAGES: dict[str, str] = {
    f"inventory.{name}": f"inventory:{route}"
    for name, route in (
        ("system", "system"), ("model", "model"), ("model_version", "model_version"), ("dataset", "dataset"),
        ("dataset_version", "dataset_version"), ("deployment", "deployment"), ("endpoint", "endpoint"), ("site", "site"),
        ("fleet", "fleet"), ("entity", "vendor"), ("unit", "unit"), ("sender_rule", "sender_rule"), ("endpoint_key", "key"),
    )
}  # fmt: skip
"""The kinds that have a page of their own, by their names in the ledger."""

capfirst_lazy = keep_lazy_text(capfirst)

_LISTED: dict[str, Mapping[Any, Text]] = {
    "persons_affected": labels.PERSONS,
    "data_subjects": labels.PERSONS,
    "special_categories": labels.SPECIAL_CATEGORY,
    "observable": labels.OBSERVABLE,
    "modalities_in": labels.MODALITY,
    "modalities_out": labels.MODALITY,
}
"""Columns that hold lists of words."""

_NAMES: dict[type[Model], tuple[tuple[str, ...], Callable[[Any], str]]] = {
    ModelVersion: (("model",), version_name),
    DatasetVersion: (("dataset",), lambda row: dataset_version_ref(row).name),
}
"""Things whose full name needs a join."""


def register() -> None:
    """Called once, when the app is ready."""
    history.describe(WORDS)
    ledger.name_kind("inventory.import", Kind(_("File to import")))
    ledger.name_kind("inventory.retention", Kind(_("Retention rule")))
    for noun in nouns.ALL:
        ledger.explain(noun.kind, partial(said, noun.model))
        route = _PAGES.get(noun.kind)
        label = capfirst_lazy(noun.model._meta.verbose_name or noun.kind)
        ledger.name_kind(noun.kind, Kind(label, partial(_href, route) if route else None))


def _href(route: str, row_id: str) -> str:
    return reverse(route, args=[row_id]) if _is_id(row_id) else ""


def said(model: type[Model], changes: Sequence[Change]) -> list[Said]:
    """Changes of a noun's rows in words. One query for each kind of thing that an id points to."""
    fields = {change.path: _field(model, change.path) for change in changes}
    names = _names_of(changes, fields)
    return [
        Said(
            path=_label(change.path, fields[change.path]),
            before=_value(change.before, change.path, fields[change.path], names),
            after=_value(change.after, change.path, fields[change.path], names),
        )
        for change in changes
    ]


def _field(model: type[Model], path: str) -> Field[Any, Any] | None:
    try:
        field = model._meta.get_field(path)
    except FieldDoesNotExist:
        return None
    return field if isinstance(field, Field) else None


def _label(path: str, field: Field[Any, Any] | None) -> str:
    return capfirst(str(field.verbose_name)) if field is not None else path


def _value(
    value: Any, path: str, field: Field[Any, Any] | None, names: Mapping[tuple[type[Model], str], str]
) -> Any:
    if value is None or field is None or isinstance(value, bool):
        return value
    if isinstance(field, ForeignKey):
        return names.get((field.related_model, str(value)), value)
    if field.choices:
        return str(dict(field.flatchoices).get(value, value))
    if isinstance(field, JSONField) and isinstance(value, list):
        words = _LISTED.get(path, {})
        return [str(words.get(item, item)) for item in value]
    if isinstance(field, DateTimeField) and isinstance(value, str):
        return formats.moment(datetime.fromisoformat(value))
    return formats.number(value) if isinstance(value, int) else value


def _names_of(
    changes: Iterable[Change], fields: Mapping[str, Field[Any, Any] | None]
) -> dict[tuple[type[Model], str], str]:
    wanted: defaultdict[type[Model], set[str]] = defaultdict(set)
    for change in changes:
        field = fields[change.path]
        if isinstance(field, ForeignKey):
            wanted[field.related_model] |= {
                str(value) for value in (change.before, change.after) if _is_id(value)
            }
    return {
        (model, str(row.pk)): _NAMES.get(model, ((), str))[1](row)
        for model, found in wanted.items()
        if found
        for row in model._default_manager.filter(pk__in=found).select_related(
            *_NAMES.get(model, ((), str))[0]
        )
    }


def _is_id(value: Any) -> bool:
    try:
        uuid.UUID(str(value))
    except ValueError:
        return False
    return True
