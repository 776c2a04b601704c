"""The head of an object's page: its name, kind, state, owner, tier mark and actions. Law 9 of the console."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ui.parts import Crumb, Tab
from ui.tables import Action
from ui.text import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectHead:
    """What stands on top of an object's page.

    `state` and `badges` are safe HTML made by `parts.badge`; `owner` None is said as unknown; `identity` is the exact
    id, shown with a copy button.
    """

    name: str
    kind: Text
    icon: str = "box"
    state: str = ""
    badges: Sequence[str] = ()
    owner: str | None = None
    owned: bool = True  # False where owning makes no sense: no owner is shown
    owner_href: str = ""
    tier: str = ""
    identity: str = ""
    summary: Text = ""
    trail: Sequence[Crumb] = ()
    actions: Sequence[Action] = ()
    tabs: Sequence[Tab] = ()
