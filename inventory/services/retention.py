"""Deciding how long what is kept."""

from __future__ import annotations

from django.utils.translation import gettext as _

from audit.domain import Change, Target
from audit.services import record, unchanged, verb
from inventory.models import RetentionRule
from inventory.models.retention import MOST_DAYS
from inventory.queries.retention import retention
from kernel.actor import Actor, Permission
from kernel.contracts.ingest import RetentionClass
from kernel.contracts.retention import PERISHABLE, Kept, Retention
from kernel.errors import Conflict, Invalid

KIND = "inventory.retention"


@verb("inventory.retention.set")
def set_retention(
    actor: Actor,
    *,
    kept: Kept,
    retention_class: RetentionClass | None,
    days: int,
    version: int | None = None,
    reason: str,
) -> int:
    """Decide for how many days something of a class is kept; returns the rule's new version.

    `version` is that of the rule as it was seen (0 for a default). Raises Forbidden, Conflict (changed meanwhile),
    Invalid: no reason, days that cannot be, content kept longer than the spans that name it.
    """
    actor.require(Permission.RETENTION_MANAGE, unit=None)
    _refuse_what_cannot_be(kept, retention_class, days, reason)
    word = retention_class.value if retention_class else ""
    row = RetentionRule.objects.select_for_update().filter(kept=kept.value, retention_class=word).first()
    if version is not None and version != (row.version if row else 0):
        raise Conflict(
            _("Somebody else has changed this since you opened it. Load it again and repeat your change."),
            code="stale",
        )
    before = _days(retention(), kept, retention_class)
    if before == days:
        unchanged()
        return row.version if row else 0
    if row is None:
        row = RetentionRule(kept=kept.value, retention_class=word, days=days)
    else:
        row.days, row.version = days, row.version + 1
    row.save()
    record(
        actor,
        target=Target(type=KIND, id=f"{kept.value}:{word}"),
        changes=(Change("days", before, days),),
        reason=reason.strip(),
    )
    return row.version


def _refuse_what_cannot_be(
    kept: Kept, retention_class: RetentionClass | None, days: int, reason: str
) -> None:
    if not reason.strip():
        raise Invalid(
            _("Say why: this step is on record."), code="reason_missing", fields={"reason": [_("Say why.")]}
        )
    if (kept is Kept.SUMS) is not (retention_class is None) or retention_class is RetentionClass.HOLD:
        raise Invalid(_("Sums belong to no class, and a legal hold has no end."))
    if not 1 <= days <= MOST_DAYS:
        problem = _("Give a number of days from 1 to %(most)s.") % {"most": MOST_DAYS}
        raise Invalid(problem, fields={"days": [problem]})
    _refuse_content_that_outlives_its_spans(kept, retention_class, days)


def _refuse_content_that_outlives_its_spans(
    kept: Kept, retention_class: RetentionClass | None, days: int
) -> None:
    """A message is found through the spans that name it: kept without them, nobody could find or erase it."""
    if retention_class not in PERISHABLE or kept is Kept.SUMS:
        return
    now = retention()
    content = days if kept is Kept.CONTENT else now.content[retention_class]
    spans = days if kept is Kept.SPANS else now.spans[retention_class]
    if content > spans:
        problem = _(
            "Content cannot be kept longer than the traces that name it: %(content)s days against %(spans)s. "
            "Change the other one first."
        ) % {"content": content, "spans": spans}
        raise Invalid(problem, fields={"days": [problem]})


def _days(found: Retention, kept: Kept, retention_class: RetentionClass | None) -> int:
    if retention_class is None:
        return found.sums
    return (found.content if kept is Kept.CONTENT else found.spans)[retention_class]
