"""What senders are: looked up as they are asked about, and kept until the register changes."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Max, Sum, Value
from django.utils.translation import get_language, gettext

from inventory import models
from inventory.domain import senders as domain
from inventory.domain.senders import Basis
from inventory.models.base import Kept
from inventory.queries.sender_register import load_register
from kernel import clock
from kernel.contracts.ingest import Resolution, SenderIdentity

Stamp = tuple[object, ...]
_WATCHED: tuple[type[Kept], ...] = (
    models.Unit,
    models.Site,
    models.Fleet,
    models.System,
    models.Endpoint,
    models.Deployment,
    models.Placement,
    models.DeploymentUse,
    models.EndpointKey,
    models.SenderRule,
    models.SenderDismissal,
)
_MOST_REMEMBERED = 50_000
"""Answers kept per state of the register; beyond it they are simply computed again."""
_AT_ONCE = 300
"""So many senders are looked up together; each query names all of them."""


def last_changed() -> Stamp:
    """A stamp that is another one after every change of what senders can be. One query.

    Versions only grow, so their sums name the state of each table even if clocks stand still; the moments tell apart
    two registers that happen to have the same sums.
    """
    parts = [
        model._default_manager.order_by()
        .annotate(_table=Value(number))
        .values("_table")
        .annotate(_versions=Sum("version"), _moment=Max("updated_at"))
        .values_list("_table", "_versions", "_moment")
        for number, model in enumerate(_WATCHED)
    ]
    return tuple(sorted(parts[0].union(*parts[1:], all=True)))


def sender_resolver(
    *, about: Iterable[SenderIdentity] = (), at: datetime | None = None
) -> Callable[[SenderIdentity], tuple[Resolution, ...]]:
    """A function that says what senders are, over all time or (`at`) at one moment; oldest first.

    Senders named in `about` are looked up together; any other one when it is asked about. Of the register only that is
    read which speaks about them. What was answered is kept until the register changes: asking again costs one query
    for all senders together.
    """
    loaded = _current()
    phrases = _phrases()
    language = get_language() or ""
    answers = loaded.answers_to(about, language, phrases)

    def resolve(identity: SenderIdentity) -> tuple[Resolution, ...]:
        answer = answers.get(identity)
        if answer is None:
            answers.update(loaded.answers_to([identity], language, phrases))
            answer = answers[identity]
        return answer if at is None else tuple(one for one in answer if holds_at(one, clock.to_ns(at)))

    return resolve


def holds_at(resolution: Resolution, moment_ns: int) -> bool:
    """Whether a resolution speaks of this moment."""
    begun = resolution.valid_from_ns is None or resolution.valid_from_ns <= moment_ns
    return begun and (resolution.valid_until_ns is None or moment_ns < resolution.valid_until_ns)


def units_of_keys() -> dict[bytes, uuid.UUID | None]:
    """The unit that each key speaks for, by key id; None is the whole organisation. Who may see unknown senders."""
    rows = models.EndpointKey.objects.select_related("site", "deployment__system")
    return {row.pk.bytes: _unit_of_key(row) for row in rows}


@dataclass(slots=True)
class _Loaded:
    """One state of the register, with the answers given from it."""

    stamp: Stamp
    answers: dict[tuple[str, SenderIdentity], tuple[Resolution, ...]] = field(default_factory=dict)

    def answers_to(
        self, identities: Iterable[SenderIdentity], language: str, phrases: Mapping[Basis, str]
    ) -> dict[SenderIdentity, tuple[Resolution, ...]]:
        found: dict[SenderIdentity, tuple[Resolution, ...]] = {}
        unanswered: list[SenderIdentity] = []
        for identity in dict.fromkeys(identities):
            known = self.answers.get((language, identity))
            if known is None:
                unanswered.append(identity)
            else:
                found[identity] = known
        for start in range(0, len(unanswered), _AT_ONCE):
            found |= self._answer(unanswered[start : start + _AT_ONCE], language, phrases)
        return found

    def _answer(
        self, identities: list[SenderIdentity], language: str, phrases: Mapping[Basis, str]
    ) -> dict[SenderIdentity, tuple[Resolution, ...]]:
        register = load_register(identities)
        found = {one: domain.resolve(one, register, phrases=phrases) for one in identities}
        if len(self.answers) < _MOST_REMEMBERED:
            self.answers.update({(language, one): answer for one, answer in found.items()})
        return found


_lock = threading.Lock()
_kept: list[_Loaded] = []


def _current() -> _Loaded:
    stamp = last_changed()
    with _lock:
        if _kept and _kept[0].stamp == stamp:
            return _kept[0]
    loaded = _Loaded(stamp)
    with _lock:
        _kept[:] = [loaded]
    return loaded


def _phrases() -> dict[Basis, str]:
    return {
        Basis.RULE: gettext("rule: %(what)s"),
        Basis.CLAIM: gettext("claimed by the sender: %(what)s"),
        Basis.PLACE: gettext("place named by the sender: %(what)s"),
        Basis.KEY: gettext("the key speaks for it alone"),
    }


def _unit_of_key(row: models.EndpointKey) -> uuid.UUID | None:
    if row.deployment is not None:
        return row.deployment.system.unit_id
    return row.site.unit_id if row.site is not None else row.unit_id
