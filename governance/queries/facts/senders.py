"""The facts of senders: what they call themselves, and whether anybody knows what they are."""

from __future__ import annotations

import uuid

from governance.domain.breaches import Evidence, EvidenceKind
from governance.domain.facts import without_unknown
from governance.domain.policies import Subject, SubjectKind
from governance.queries.facts.heard import RECENT_NS, Heard
from inventory.queries.senders import units_of_keys
from kernel import clock
from kernel.contracts.ingest import ResolutionState
from telemetry.services.estate import Known


def senders(heard: Heard) -> list[Subject]:
    """The senders that spoke in the last seven days. One query: the units of their keys."""
    units = units_of_keys()
    return [
        _subject(known, heard, units.get(known.sender.identity.key_id))
        for known in heard.estate.known.values()
        if heard.now_ns - known.sender.last_seen_ns <= RECENT_NS
    ]


def _subject(known: Known, heard: Heard, unit: uuid.UUID | None) -> Subject:
    sender, identity = known.sender, known.sender.identity
    facts = {
        "service_name": identity.service_name,
        "service_namespace": identity.service_namespace,
        "environment": identity.environment,
        "place": identity.place,
        "state": known.state.value,
        "known": known.state is ResolutionState.RESOLVED,
        "claims_deployment": bool(identity.claimed_deployment),
        "spans": sender.span_count,
        "silent_hours": max(0, heard.now_ns - sender.last_seen_ns) // clock.NANOSECONDS_PER_HOUR,
        "models": list(heard.sender_models.get(sender.sender_id, ())),
    }
    name = "/".join(part for part in (identity.service_namespace, identity.service_name) if part)
    latest = known.latest
    return Subject(
        kind=SubjectKind.SENDER,
        id=sender.sender_id.hex(),
        label=name or sender.sender_id.hex(),
        unit_id=latest.unit_id if latest is not None and latest.unit_id is not None else unit,
        facts=without_unknown(facts),
        evidence=(Evidence(EvidenceKind.SENDER, sender.sender_id.hex()),),
        deployment_id=latest.deployment_id if latest is not None else None,
    )
