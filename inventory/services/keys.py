"""Verbs on endpoint keys. The token's text leaves this module once, and is kept nowhere."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth import get_user_model
from django.utils.translation import gettext as _

from audit.services import verb
from inventory.domain.words import KeyScope
from inventory.models import EndpointKey
from inventory.services.nouns import KEY
from inventory.services.writing import change, insert, locked, retire
from kernel import clock, tokens
from kernel.actor import Actor, ActorKind
from kernel.errors import Conflict, Invalid

ROTATION_OVERLAP = timedelta(hours=24)
"""How long a replaced key still works, unless said otherwise: time for every endpoint to get the new one."""
LONGEST_OVERLAP = timedelta(days=30)
MOST_SENDERS = 20_000


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key just made. `token` is its text, shown once; the repr hides it."""

    id: uuid.UUID
    public_id: str
    token: str = field(repr=False)


@verb("inventory.endpoint_key.make")
def make_key(
    actor: Actor,
    *,
    name: str,
    scope: KeyScope = KeyScope.EVERYTHING,
    unit: uuid.UUID | None = None,
    site: uuid.UUID | None = None,
    deployment: uuid.UUID | None = None,
    expires_at: datetime | None = None,
    max_senders: int = 1000,
    reason: str = "",
) -> NewKey:
    """Make a key that may speak for everything, a unit and those below it, a site, or one deployment.

    The actor needs the right to manage keys where the scope lies. Raises Invalid for an expiry in the past.
    """
    _check(expires_at=expires_at, max_senders=max_senders)
    fields = {
        "name": name,
        "scope": scope.value,
        "unit": unit,
        "site": site,
        "deployment": deployment,
        "expires_at": expires_at,
        "max_senders": max_senders,
    }
    return _mint(actor, fields, reason=reason)


@verb("inventory.endpoint_key.edit")
def edit_key(
    actor: Actor,
    key_id: uuid.UUID,
    *,
    version: int | None,
    name: str,
    expires_at: datetime | None,
    max_senders: int,
    reason: str = "",
) -> int:
    """Rename a key, move its end or its bound of senders; returns the new version. Its scope stays as it was made."""
    _check(expires_at=expires_at, max_senders=max_senders)
    fields = {"name": name, "expires_at": expires_at, "max_senders": max_senders}
    return change(KEY, actor, key_id, fields, version=version, reason=reason).version


@verb("inventory.endpoint_key.rotate")
def rotate_key(
    actor: Actor,
    key_id: uuid.UUID,
    *,
    overlap: timedelta = ROTATION_OVERLAP,
    version: int | None = None,
    reason: str = "",
) -> NewKey:
    """Replace a key by a new one of the same scope. The old one works until the overlap is over."""
    if not timedelta(0) <= overlap <= LONGEST_OVERLAP:
        problem = _("The old key may work on for at most %(days)s days.") % {"days": LONGEST_OVERLAP.days}
        raise Invalid(problem, fields={"overlap": [problem]})
    old = locked(KEY, actor, key_id, version=version)
    if EndpointKey.objects.filter(rotated_from=old).exists():
        raise Conflict(_("This key has been replaced already."), code="rotated")
    until = clock.now() + overlap
    ends = min(until, old.expires_at) if old.expires_at else until
    change(KEY, actor, key_id, {"expires_at": ends}, version=None, reason=reason)
    fields = {
        "name": old.name,
        "scope": old.scope,
        "unit": old.unit_id,
        "site": old.site_id,
        "deployment": old.deployment_id,
        "max_senders": old.max_senders,
        "rotated_from": old.pk,
    }
    return _mint(actor, fields, reason=reason)


@verb("inventory.endpoint_key.revoke")
def revoke_key(actor: Actor, key_id: uuid.UUID, *, version: int | None = None, reason: str) -> int:
    """Shut a key for good, within a second everywhere. What it sent before stays explained."""
    return retire(KEY, actor, key_id, version=version, reason=reason).version


def _mint(actor: Actor, fields: Mapping[str, object], *, reason: str) -> NewKey:
    token = tokens.mint(tokens.TokenKind.ENDPOINT)
    pepper = settings.TUTELA_SECRETS.key_pepper
    made = {
        "public_id": token.public_id,
        "secret_digest": tokens.digest(token.secret, pepper=pepper),
        "created_by": _account(actor),
    }
    row = insert(KEY, actor, {**fields, **made}, reason=reason)
    return NewKey(id=row.pk, public_id=row.public_id, token=token.text())


def _account(actor: Actor) -> uuid.UUID | None:
    """The account behind the actor; None for the installation itself."""
    if actor.kind is not ActorKind.USER:
        return None
    return get_user_model()._default_manager.filter(pk=actor.id).values_list("pk", flat=True).first()


def _check(*, expires_at: datetime | None, max_senders: int) -> None:
    if expires_at is not None and expires_at <= clock.now():
        problem = _("This moment has passed.")
        raise Invalid(problem, fields={"expires_at": [problem]})
    if not 1 <= max_senders <= MOST_SENDERS:
        problem = _("Between 1 and %(most)s.") % {"most": MOST_SENDERS}
        raise Invalid(problem, fields={"max_senders": [problem]})
