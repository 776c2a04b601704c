"""What people do with lists: views they keep for themselves, and files they take away."""

from __future__ import annotations

import uuid
from urllib.parse import urlsplit

from django.http import QueryDict
from django.utils.translation import gettext as _

from audit.domain import Change, Target
from audit.services import record, verb
from console.models import SavedView
from kernel.actor import Actor, ActorKind
from kernel.errors import Forbidden, Invalid, NotFound
from ui import saved

MOST_VIEWS = 100  # of one person on one list
LONGEST_QUERY = 4000
_VIEW = "console.saved_view"
_PERSONAL = frozenset({"name", "address"})


def find(actor: Actor, path: str) -> list[saved.SavedView]:
    """The actor's views of the list at this path, by name."""
    if actor.kind is not ActorKind.USER:
        return []
    rows = SavedView.objects.filter(user_id=actor.id, path=path).order_by("name")[:MOST_VIEWS]
    return [saved.SavedView(str(row.pk), row.name, _address(row)) for row in rows]


@verb("console.saved_view.save")
def save(actor: Actor, *, name: str, address: str) -> str:
    """Keep an address of this installation under a name; the same name on the same list is replaced.

    Returns the address. Raises Invalid for an empty name or an address that is not a path of ours.
    """
    if actor.kind is not ActorKind.USER:
        raise Forbidden(_("Only people keep views."), code="not_a_person")
    cleaned = " ".join(name.split())[:80]
    if not cleaned:
        raise Invalid(_("Give the view a name."), fields={"name": [_("Give the view a name.")]})
    path, query = _parts(address)
    row, _made = SavedView.objects.update_or_create(
        user_id=actor.id, path=path, name=cleaned, defaults={"query": query}
    )
    changes = (Change("name", None, cleaned), Change("address", None, _address(row)))
    record(actor, target=Target(type=_VIEW, id=str(row.pk)), changes=changes, personal=_PERSONAL)
    return _address(row)


@verb("console.saved_view.delete")
def delete(actor: Actor, view_id: uuid.UUID) -> None:
    """Forget a view. Raises NotFound for one that is not the actor's own."""
    row = SavedView.objects.filter(pk=view_id, user_id=actor.id).first()
    if row is None:
        raise NotFound(_("This view has already been deleted."))
    changes = (Change("name", row.name, None), Change("address", _address(row), None))
    record(actor, target=Target(type=_VIEW, id=str(row.pk)), changes=changes, personal=_PERSONAL)
    row.delete()


@verb("console.list.export")
def exported(actor: Actor, name: str, address: str) -> None:
    """Put on record that somebody took a list out of the house: which one, and with which filters."""
    changes = (Change("address", None, address[:LONGEST_QUERY]),)
    record(actor, target=Target(type="console.list", id=name), changes=changes, personal=_PERSONAL)


def _parts(address: str) -> tuple[str, str]:
    """Path and query without where the reader was in the list. Raises Invalid for what leads elsewhere."""
    split = urlsplit(address)
    query = QueryDict(split.query, mutable=True)
    for word in ("page", "after", "before", "export", "live"):
        query.pop(word, None)
    text = query.urlencode(safe=",:")
    # Parsers and browsers drop tabs and line ends: what is left must not lead elsewhere either.
    leads_away = any(text.startswith(("//", "/\\")) for text in (address, split.path))
    ours = split.path.startswith("/") and not leads_away and not split.netloc
    if not ours or len(split.path) > 200 or len(text) > LONGEST_QUERY:
        raise Invalid(_("This address cannot be kept as a view."))
    return split.path, text


def _address(row: SavedView) -> str:
    return f"{row.path}?{row.query}" if row.query else row.path
