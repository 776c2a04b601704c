"""What the pages of one noun need to know: its words, its list, its form, its page, its verbs."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from inventory.forms.nouns import NounForm
from inventory.queries.listing import Listing
from inventory.services.nouns import Noun
from inventory.views.parts import Opened, Section
from kernel.actor import Actor, Permission
from ui.filters import Filter
from ui.forms import Touched
from ui.parts import Fact
from ui.tables import Action, Column
from ui.text import Text

Register = Callable[..., uuid.UUID]
Change = Callable[..., int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verbs:
    """The services behind the forms. A noun without `register` is made by pages of its own (keys)."""

    register: Register | None
    edit: Change
    retire: Change


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What the noun is called on its pages."""

    one: Text
    many: Text
    question: Text  # what its list answers
    why: Text  # what an empty list teaches
    new: Text
    edit: Text
    retire: Text
    retired: Text  # what retiring means, said before


@dataclass(frozen=True, slots=True, kw_only=True)
class NounPages:
    """Everything that differs between the pages of one noun and those of the next.

    `name` and `plural` are the URL names: `inventory:system`, `inventory:systems`. `slot` is where other apps put what
    they have observed. `detail` raises NotFound; its answer is a row, or has one as `row`.
    """

    name: str
    plural: str
    icon: str
    words: Words
    noun: Noun[Any]
    listing: Listing[Any, Any] | None
    columns: Sequence[Column[Any]]
    filters: Callable[[Actor], Sequence[Filter]]
    form: type[NounForm]
    verbs: Verbs
    detail: Callable[[Actor, uuid.UUID], Any]
    facts: Callable[[Any], list[Fact]]
    sections: Callable[[Opened], list[Section]]
    touches: Callable[[Any], list[Touched]]
    state: Callable[[Any], str] = lambda _row: ""
    badges: Callable[[Any], Sequence[str]] = lambda _row: ()
    title: Callable[[Any], str] = lambda row: str(row.name)
    owner: Callable[[Any], str | None] | None = None
    tier: Callable[[Any], str] = lambda _row: ""
    summary: Callable[[Any], str] = lambda _row: ""
    actions: Callable[[Opened], Sequence[Action]] = lambda _opened: ()
    list_actions: Callable[[Actor], Sequence[Action]] | None = None
    sort: str = "name"
    slot: str = ""
    facts_width: str = ""  # beside a small panel of the slot, two-thirds
    read: Permission = Permission.REGISTER_READ
    list_template: str = "ui/list.html"
    page_size: int = 50

    @property
    def kind(self) -> str:
        """The noun's name in the ledger."""
        return self.noun.kind

    @property
    def permission(self) -> Permission:
        """The right that changes take."""
        return self.noun.permission

    def list_href(self) -> str:
        """The list's address."""
        return reverse(f"inventory:{self.plural}")

    def href(self, row: Any) -> str:
        """A thing's address."""
        return reverse(f"inventory:{self.name}", args=[row.id])

    def new_href(self) -> str:
        """Where a new one is made."""
        return reverse(f"inventory:{self.name}_new")


def row_of(detail: Any) -> Any:
    """The row of a detail; a detail may be the row itself."""
    return getattr(detail, "row", detail)
