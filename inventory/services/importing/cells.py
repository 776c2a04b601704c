"""From the text of a cell to the value of a field. Raises ValueError with words for whoever wrote the cell."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import BooleanField, DateTimeField, Field, ForeignKey, IntegerField, JSONField, Model
from django.utils import timezone, translation
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _

from inventory.models import DatasetVersion, ModelVersion
from inventory.models.base import EachOf, Named
from inventory.services.nouns import BY_MODEL
from inventory.services.writing import sees
from kernel.actor import Actor

CLEAR = "-"
"""A cell that empties a field; an empty cell leaves it as it is."""

_YES = frozenset({"yes", "true", "1", "oui", "vrai", "x"})
_NO = frozenset({"no", "false", "0", "non", "faux"})
_PARENT = {ModelVersion: "model", DatasetVersion: "dataset"}


def value_of(field: Field[Any, Any], text: str, actor: Actor) -> Any:
    """The value of a cell that is not empty."""
    if text == CLEAR:
        return _emptied(field)
    if isinstance(field, ForeignKey):
        return pointed_to(field.related_model, text, actor)
    if isinstance(field, JSONField):
        return _listed(field, text)
    if field.choices:
        return _word(dict(field.flatchoices), text)
    plain = next((read for kind, read in _PLAIN if isinstance(field, kind)), None)
    return plain(text) if plain else text


def pointed_to(model: type[Model], text: str, actor: Actor) -> uuid.UUID:
    """The id of a thing named by its id, short name, name, e-mail address (people) or `name / version`."""
    found = list(_candidates(model, text)[:3])
    visible = [row for row in found if type(row) not in BY_MODEL or sees(BY_MODEL[type(row)], actor, row)]
    if len(visible) == 1:
        pk: uuid.UUID = visible[0].pk
        return pk
    if visible:
        raise ValueError(_("“%(text)s” names several things; use the short name.") % {"text": text[:80]})
    raise ValueError(_("There is nothing called “%(text)s”, or you may not see it.") % {"text": text[:80]})


def _candidates(model: type[Model], text: str) -> Any:
    rows = model._default_manager.all()
    try:
        return rows.filter(pk=uuid.UUID(text))
    except ValueError:
        pass
    if model is get_user_model():
        return rows.filter(email__iexact=text, is_active=True)
    if model in _PARENT:
        parent, _slash, label = (part.strip() for part in text.rpartition("/"))
        named = rows.filter(retired_at__isnull=True, label__iexact=label)
        by_slug = named.filter(**{f"{_PARENT[model]}__slug": parent})
        return by_slug if by_slug.exists() else named.filter(**{f"{_PARENT[model]}__name__iexact": parent})
    if issubclass(model, Named):
        by_slug = rows.filter(slug=text)
        return by_slug if by_slug.exists() else rows.filter(name__iexact=text, retired_at__isnull=True)
    return rows.none()


def _emptied(field: Field[Any, Any]) -> Any:
    if isinstance(field, JSONField) and not field.null:
        return []
    if field.null:
        return None
    if field.empty_strings_allowed and field.blank:
        return ""
    raise ValueError(_("This cannot be empty."))


def _flag(text: str) -> bool:
    if text.lower() in _YES | _NO:
        return text.lower() in _YES
    raise ValueError(_("Write yes or no."))


def _whole(text: str) -> int:
    plain = text.replace("\u00a0", "").replace("\u202f", "").replace(" ", "")
    if plain.lstrip("-").isdigit() and plain.isascii():
        return int(plain)
    raise ValueError(_("Write a whole number."))


def _moment(text: str) -> datetime:
    """A day means its beginning in the reader's time zone."""
    try:
        found = parse_datetime(text)
        if found is None and (day := parse_date(text)) is not None:
            found = datetime(day.year, day.month, day.day)  # noqa: DTZ001  # given its zone below
    except ValueError:
        found = None
    if found is None:
        raise ValueError(_("Write a date such as 2026-03-31."))
    if found.tzinfo is None:
        found = found.replace(tzinfo=timezone.get_current_timezone())
    return found.astimezone(UTC)


def _listed(field: JSONField[Any, Any], text: str) -> list[str]:
    parts = [part.strip() for part in text.strip("[]").replace(";", ",").split(",")]
    items = [part.strip("'\"") for part in parts if part.strip("'\"")]
    known = next((item.words for item in field.validators if isinstance(item, EachOf)), None)
    if known is None:
        return items
    labels = {word: word for word in known} | {word.replace("_", " "): word for word in known}
    unknown = [item for item in items if item.lower() not in labels]
    if unknown:
        raise ValueError(
            _("“%(text)s” is not one of: %(words)s.") % {"text": unknown[0][:40], "words": ", ".join(known)}
        )
    return [labels[item.lower()] for item in items]


def _word(choices: dict[Any, Any], text: str) -> str:
    for language in ("en", "fr"):
        with translation.override(language):
            for value, label in choices.items():
                if text.lower() in {str(value).lower(), str(label).lower()}:
                    return str(value)
    raise ValueError(
        _("“%(text)s” is not one of: %(words)s.") % {"text": text[:40], "words": ", ".join(map(str, choices))}
    )


_PLAIN: tuple[tuple[type[Field[Any, Any]], Callable[[str], Any]], ...] = (
    (BooleanField, _flag),
    (DateTimeField, _moment),
    (IntegerField, _whole),
)
