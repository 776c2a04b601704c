"""Which tables can be imported, in the order in which they need each other, and what their rows are known by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Field, ForeignKey
from django.utils import translation

from inventory.models.base import Named
from inventory.services import nouns
from inventory.services.nouns import Noun

_LANGUAGES = ("en", "fr")
_NEVER = frozenset({"id", "version", "created_at", "updated_at", "retired_at"})


@dataclass(frozen=True, slots=True)
class Table:
    """A noun as a table. `key` names the columns by which a row is found again; `slug` or `name` where it has those.

    `at_first` are columns that a new row may say although they have a verb of their own later.
    """

    noun: Noun[Any]
    key: tuple[str, ...] = ()
    at_first: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        """The sheet's name for machines: `deployment`."""
        return self.noun.kind.partition(".")[2]

    @property
    def named(self) -> bool:
        return issubclass(self.noun.model, Named)

    def fields(self) -> dict[str, Field[Any, Any]]:
        """The columns that may be filled, by name."""
        left_out = _NEVER | self.noun.unrecorded
        return {
            field.name: field
            for field in self.noun.model._meta.concrete_fields
            if isinstance(field, Field) and field.name not in left_out
        }

    def titles(self) -> dict[str, str]:
        """Every word by which a head may name a column, lower case: its exact name, its label in either language."""
        found: dict[str, str] = {}
        for name, field in self.fields().items():
            for language in _LANGUAGES:
                with translation.override(language):
                    found.setdefault(str(field.verbose_name).lower(), name)
        return {**found, **{name: name for name in self.fields()}}

    def passed_over(self) -> frozenset[str]:
        """Columns of an export that say nothing new: ids, and names beside the ids that they explain."""
        names = (f"{name}.name" for name, field in self.fields().items() if isinstance(field, ForeignKey))
        return frozenset({"id", "retired_at", *names})


TABLES = (
    Table(nouns.UNIT),
    Table(nouns.ENTITY),
    Table(nouns.SITE),
    Table(nouns.FLEET),
    Table(nouns.SYSTEM),
    Table(nouns.MODEL),
    Table(nouns.MODEL_VERSION, ("model", "label", "quantisation")),
    Table(nouns.DATASET),
    Table(nouns.DATASET_VERSION, ("dataset", "label")),
    Table(nouns.ENDPOINT),
    Table(nouns.ENDPOINT_SERVES, ("endpoint", "model_version", "alias")),
    Table(nouns.DEPLOYMENT, at_first=frozenset({"state"})),  # what runs already is registered as running
    Table(nouns.PLACEMENT, ("deployment", "site", "fleet")),
    Table(nouns.USE, ("deployment", "endpoint", "role")),
    Table(nouns.BINDING, ("deployment", "dataset_version", "purpose", "basis")),
)


def table_named(text: str) -> Table | None:
    """The table that a sheet's name means: its exact name, as exports write it, or its label in either language."""
    wanted = text.strip().lower().removeprefix("register.").removesuffix(".csv")
    for table in TABLES:
        meta = table.noun.model._meta
        words = {table.name}
        for language in _LANGUAGES:
            with translation.override(language):
                words |= {str(meta.verbose_name).lower(), str(meta.verbose_name_plural).lower()}
        if wanted in words:
            return table
    return None
