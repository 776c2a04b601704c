"""Verbs on senders: the dated rules that say what they are, and dismissals. The record itself is never rewritten."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypedDict, Unpack

from django.utils.translation import gettext as _

from audit.domain import Target
from audit.services import record, verb
from inventory.models import EndpointKey, SenderDismissal
from inventory.services.nouns import DEPLOYMENT, DISMISSAL, SENDER_RULE
from inventory.services.writing import change, insert, locked, retire
from kernel.actor import Actor
from kernel.contracts.ingest import SenderIdentity
from kernel.errors import Invalid, NotFound

MOST_AT_ONCE = 200


class SenderRuleFields(TypedDict, total=False):
    key: uuid.UUID | None
    service_namespace: str
    service_name: str
    environment: str
    place: str
    claimed_deployment: str
    deployment: uuid.UUID | None
    endpoint: uuid.UUID | None
    site: uuid.UUID | None
    priority: int
    valid_from: datetime | None
    valid_until: datetime | None
    note: str


@verb("inventory.sender_rule.register")
def register_rule(actor: Actor, *, reason: str = "", **fields: Unpack[SenderRuleFields]) -> uuid.UUID:
    """Say what senders of a pattern are. Without dates the rule explains their whole past and future.

    It takes the right over what the rule points to and over the senders that it takes: those of the key's unit, or of
    the whole organisation where no key is named.
    """
    return insert(SENDER_RULE, actor, fields, reason=reason).pk


@verb("inventory.sender_rule.edit")
def edit_rule(
    actor: Actor,
    rule_id: uuid.UUID,
    *,
    version: int | None,
    reason: str = "",
    **fields: Unpack[SenderRuleFields],
) -> int:
    """Change a rule; returns the new version. What its senders were is read anew, also for the past."""
    return change(SENDER_RULE, actor, rule_id, fields, version=version, reason=reason).version


@verb("inventory.sender_rule.retire")
def retire_rule(actor: Actor, rule_id: uuid.UUID, *, version: int | None, reason: str) -> int:
    """Take a rule back as if it had never been. To end one from a moment on, edit `valid_until`."""
    return retire(SENDER_RULE, actor, rule_id, version=version, reason=reason).version


@verb("inventory.sender.promote")
def promote_sender(
    actor: Actor,
    *,
    identity: SenderIdentity,
    deployment: uuid.UUID,
    endpoint: uuid.UUID | None = None,
    site: uuid.UUID | None = None,
    valid_from: datetime | None = None,
    valid_until: datetime | None = None,
    note: str = "",
    reason: str = "",
) -> uuid.UUID:
    """Say that a discovered sender is this deployment; returns the rule, which fits this sender to the letter."""
    fields = {
        **exactly(identity),
        "deployment": deployment,
        "endpoint": endpoint,
        "site": site,
        "valid_from": valid_from,
        "valid_until": valid_until,
        "note": note,
    }
    return insert(SENDER_RULE, actor, fields, reason=reason).pk


@verb("inventory.sender.merge")
def merge_senders(
    actor: Actor, *, identities: Sequence[SenderIdentity], deployment: uuid.UUID, reason: str = ""
) -> tuple[uuid.UUID, ...]:
    """Say that several senders are one and the same deployment: one rule each, all or none."""
    if not 1 <= len(identities) <= MOST_AT_ONCE:
        problem = _("Choose between 1 and %(most)s senders.") % {"most": MOST_AT_ONCE}
        raise Invalid(problem, fields={"identities": [problem]})
    target = locked(DEPLOYMENT, actor, deployment, version=None)
    rules = tuple(
        insert(
            SENDER_RULE,
            actor,
            {**exactly(identity), "deployment": deployment},
            reason=reason,
            action="inventory.sender_rule.register",
        ).pk
        for identity in dict.fromkeys(identities)
    )
    record(
        actor,
        target=Target(
            type=DEPLOYMENT.kind, id=str(deployment), label=target.name, unit_id=target.system.unit_id
        ),
        reason=reason,
    )
    return rules


@verb("inventory.sender.dismiss")
def dismiss_sender(actor: Actor, *, identity: SenderIdentity, reason: str) -> uuid.UUID:
    """Say that a sender is no AI of ours, and why. It stays on record and can be called back."""
    if not reason.strip():
        problem = _("Say why this sender needs no registration.")
        raise Invalid(problem, code="reason_missing", fields={"reason": [problem]})
    fields = {**exactly(identity), "sender_id": identity.sender_id().hex(), "reason": reason}
    return insert(DISMISSAL, actor, fields, reason=reason).pk


@verb("inventory.sender.undismiss")
def undismiss_sender(actor: Actor, *, sender_id: bytes, reason: str = "") -> None:
    """Call a dismissed sender back to the discovered ones."""
    found = SenderDismissal.objects.filter(sender_id=sender_id.hex(), retired_at__isnull=True).first()
    if found is None:
        raise NotFound(_("This sender is not dismissed."))
    retire(DISMISSAL, actor, found.pk, version=None, reason=reason)


def exactly(identity: SenderIdentity) -> dict[str, Any]:
    """The patterns that fit one sender to the letter. Raises Invalid for a key that the register does not know.

    Wildcards in a hostile service name cannot widen the rule beyond the sender's own key.
    """
    key = EndpointKey.objects.filter(pk=uuid.UUID(bytes=identity.key_id)).first()
    if key is None:
        raise Invalid(
            _("The key of this sender is not on the register."), fields={"key": [_("There is no such key.")]}
        )
    return {
        "key": key.pk,
        "service_namespace": identity.service_namespace,
        "service_name": identity.service_name,
        "environment": identity.environment,
        "place": identity.place,
        "claimed_deployment": identity.claimed_deployment,
    }
