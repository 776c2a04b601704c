"""The ledger of people in words: what each field of an account or of a role is called, and what its value means."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from audit import panels as ledger
from audit.domain import Change
from audit.panels import Said
from console.models import ROLE_LABELS, User
from inventory.models import Unit
from ui.text import Text

LABELS: dict[str, Text] = {
    "name": _("Name"),
    "email": _("E-mail address"),
    "is_active": _("Active"),
    "language": _("Language"),
    "theme": _("Theme"),
    "single_key_shortcuts": _("Single-key shortcuts"),
    "role": _("Role"),
    "unit": _("Unit"),
    "read_content": _("May read content"),
}

_VALUES: dict[str, Mapping[Any, Any]] = {
    "role": {role.value: word for role, word in ROLE_LABELS.items()},
    "theme": dict(User.Theme.choices),
    "language": dict(settings.LANGUAGES),
}


def register() -> None:
    """Called once, when the app is ready."""
    ledger.explain("console.person", said)


def said(changes: Sequence[Change]) -> list[Said]:
    """Changes of accounts and roles in words. One query for the names of units."""
    ids = [value for change in changes if change.path == "unit" for value in (change.before, change.after)]
    wanted = [value for value in ids if value]
    units = {str(unit.pk): unit.name for unit in Unit.objects.filter(pk__in=wanted)} if wanted else {}
    words: dict[str, Mapping[Any, Any]] = {**_VALUES, "unit": units}
    return [
        Said(
            path=str(LABELS.get(change.path, capfirst(change.path))),
            before=_value(change.before, words.get(change.path, {})),
            after=_value(change.after, words.get(change.path, {})),
        )
        for change in changes
    ]


def _value(value: Any, words: Mapping[Any, Any]) -> Any:
    return str(words[value]) if isinstance(value, str) and value in words else value
