"""Writing notices in the transaction of the change. Called inside verbs; what was rolled back is told to nobody."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from governance.adapters.bell import ring_after_commit
from governance.domain.notices import MOST_NAMED, NoticeKind
from governance.models import Approval, Notice, Violation
from kernel import clock


def tell(kind: NoticeKind, recipients: Iterable[uuid.UUID | None], about: dict[str, Any]) -> None:
    """Tell each of these people once; nobody is no recipient."""
    people = sorted({person for person in recipients if person is not None})
    if people:
        Notice.objects.bulk_create(
            Notice(kind=kind, recipient_id=person, about=about, written_at=clock.now(), next_at=clock.now())
            for person in people
        )
        ring_after_commit()


def tell_owners(kind: NoticeKind, rows: Sequence[Violation]) -> None:
    """Tell owners of violations: one notice for each owner and policy, however many there are. Shadow is told to nobody."""
    found: defaultdict[tuple[uuid.UUID, str], list[Violation]] = defaultdict(list)
    for row in rows:
        if row.owner_id is not None and not row.shadow:
            found[row.owner_id, row.policy_key].append(row)
    for (owner, _policy), several in found.items():
        tell(kind, [owner], _together(several))


def about_violation(row: Violation) -> dict[str, Any]:
    """What a notice says of one violation."""
    return {"id": str(row.pk), "ref": row.ref, "name": row.policy_name, "refs": [_named(row)]}


def about_approval(row: Approval) -> dict[str, Any]:
    """What a notice says of an approval."""
    subject = row.system or row.deployment
    return {"id": str(row.pk), "ref": row.ref, "name": subject.name if subject else ""}


def _together(rows: Sequence[Violation]) -> dict[str, Any]:
    if len(rows) == 1:
        return about_violation(rows[0])
    return {
        "policy": rows[0].policy_key,
        "name": rows[0].policy_name,
        "count": len(rows),
        "refs": [_named(row) for row in rows[:MOST_NAMED]],
    }


def _named(row: Violation) -> str:
    return f"{row.ref} {row.subject_label}".strip()
