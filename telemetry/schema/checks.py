"""What was checked: work that waits, scans that were done, what they found, and how much of it all was covered.

A message is scanned once per sender, day, check, engine version and profile digest, however many spans name it. A
verdict on groundedness belongs to one span of a trace and to the very question, answer and contexts it was made for.
One scan of a message and check, and one verdict of a span and check, is kept at a time: a newer one takes its place,
and the hourly sums move with it, so that they are always the sums of the rows.
No table here holds what was said: types, offsets (characters of the text), scores, versions.
"""

from __future__ import annotations

import sqlalchemy as sa

from telemetry.schema.base import Big, Day, Digest, Id8, Id16, Json, Name, Word, metadata

WORK_OPEN = "state IN ('pending', 'leased', 'retry')"
WORK_DEAD = "state = 'dead'"
"""Which rows the two indexes of work hold. A query is spelt the same, so that the engine sees that they hold all of it."""

check_work = sa.Table(
    "check_work",
    metadata,
    sa.Column("kind", Word, primary_key=True),  # "message": its scans; "trace": groundedness, once settled
    sa.Column("day", Day, primary_key=True),  # of the message; for a trace, of the generations to be judged
    sa.Column("sender_id", Id16, primary_key=True),  # of the message, or of the generations
    sa.Column("subject", Digest, primary_key=True),  # message id (32 bytes) or trace id (16)
    sa.Column("state", Word, nullable=False),  # pending, leased, retry, done, dead
    sa.Column("priority", sa.Integer, nullable=False),  # smaller goes first: see telemetry.store.queueing
    sa.Column(
        "due_ns", Big, nullable=False
    ),  # when it may be taken: now, settled, retry at, or end of the lease
    sa.Column("attempts", sa.Integer, nullable=False),  # counted when leased
    sa.Column("lease", Id16),  # whose it is while leased
    sa.Column("reason", Name),  # why it failed last, without content
    sa.Column("queued_ns", Big, nullable=False),
    sa.Column("finished_ns", Big),
    sa.Index(
        "ix_check_work_open",
        "kind",
        "priority",
        "due_ns",
        sqlite_where=sa.text(WORK_OPEN),
        postgresql_where=sa.text(WORK_OPEN),
    ),
    sa.Index(
        "ix_check_work_dead",
        "finished_ns",
        sqlite_where=sa.text(WORK_DEAD),
        postgresql_where=sa.text(WORK_DEAD),
    ),
    sqlite_with_rowid=False,  # the key is all of the row that matters: one tree to write instead of two
)

scans = sa.Table(
    "scans",
    metadata,
    sa.Column("day", Day, primary_key=True),
    sa.Column("sender_id", Id16, primary_key=True),
    sa.Column("message_id", Digest, primary_key=True),
    sa.Column("check", Word, primary_key=True),  # personal_data, secrets
    sa.Column("engine_version", Word, primary_key=True),
    sa.Column("profile_digest", Id16, primary_key=True),
    sa.Column("hour", sa.Integer, nullable=False),  # where check_hours counts it
    sa.Column("direction", Word, nullable=False),  # input or output: by the message's role
    sa.Column("outcome", Word, nullable=False),  # clean, found, sampled_out, not_evaluable, failed
    sa.Column("reason", Word),  # why it was not evaluable or failed
    sa.Column("language", Word),
    sa.Column("finding_count", sa.Integer, nullable=False),
    sa.Column("scanned_ns", Big, nullable=False, index=True),
)

findings = sa.Table(
    "findings",
    metadata,
    sa.Column("day", Day, primary_key=True),
    sa.Column("sender_id", Id16, primary_key=True),
    sa.Column("message_id", Digest, primary_key=True),
    sa.Column("check", Word, primary_key=True),
    sa.Column("engine_version", Word, primary_key=True),
    sa.Column("profile_digest", Id16, primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True),  # ordinal within the scan
    sa.Column("type", Word, nullable=False),  # PERSON, EMAIL_ADDRESS, FR_NIR, AWS_ACCESS_KEY…
    sa.Column("pointer", Name, nullable=False),  # JSON pointer into the message's parts: /0/content
    sa.Column("start", sa.Integer, nullable=False),  # characters of the text at the pointer, half open
    sa.Column("end", sa.Integer, nullable=False),
    sa.Column("score", sa.Float, nullable=False),
    sa.Column("found_ns", Big, nullable=False, index=True),
    sa.Index("ix_findings_type_found_ns", "type", "found_ns"),
    sa.Index("ix_findings_sender_id_found_ns", "sender_id", "found_ns"),
)

verdicts = sa.Table(
    "verdicts",
    metadata,
    sa.Column("day", Day, primary_key=True),  # of the span
    sa.Column("trace_id", Id16, primary_key=True),
    sa.Column("span_id", Id8, primary_key=True),
    sa.Column("check", Word, primary_key=True),  # groundedness
    sa.Column("engine_version", Word, primary_key=True),
    sa.Column("profile_digest", Id16, primary_key=True),
    sa.Column("input_digest", Digest, primary_key=True),  # of question, answer and ordered contexts
    sa.Column("sender_id", Id16, nullable=False),
    sa.Column("hour", sa.Integer, nullable=False),  # of the span's start
    # supported, unsupported, uncertain, not_evaluable, sampled_out, failed
    sa.Column("outcome", Word, nullable=False),
    sa.Column("reason", Word),  # no_context, content_not_kept, no_claim…
    sa.Column("score", sa.Float),  # 0 to 1, of the weakest claim
    sa.Column("shadow", sa.Boolean, nullable=False),  # counted and shown, but nothing is held against it
    sa.Column("language", Word),
    # [{"start","end","outcome","score","evidence":{"message"|"document"…,"start","end"}}]: offsets only
    sa.Column("sentences", Json, nullable=False),
    sa.Column("checked_ns", Big, nullable=False, index=True),
    sa.Index("ix_verdicts_trace_id", "trace_id"),
    sa.Index("ix_verdicts_sender_id_checked_ns", "sender_id", "checked_ns"),
)

check_hours = sa.Table(
    "check_hours",
    metadata,
    # Of the message's receipt, kept within the message's own day; of the span's start for groundedness.
    sa.Column("hour", sa.Integer, primary_key=True),
    sa.Column("sender_id", Id16, primary_key=True),
    sa.Column("check", Word, primary_key=True),
    sa.Column("outcome", Word, primary_key=True),  # those of scans and verdicts
    sa.Column("shadow", sa.Boolean, primary_key=True),
    sa.Column(
        "subjects", Big, nullable=False
    ),  # messages, or spans for groundedness; signed when one is checked anew
    sa.Index("ix_check_hours_sender_id_hour", "sender_id", "hour"),
)

finding_hours = sa.Table(
    "finding_hours",
    metadata,
    sa.Column("hour", sa.Integer, primary_key=True),
    sa.Column("sender_id", Id16, primary_key=True),
    sa.Column("check", Word, primary_key=True),
    sa.Column("type", Word, primary_key=True),
    sa.Column("direction", Word, primary_key=True),  # input or output: by the message's role
    sa.Column("findings", Big, nullable=False),
    sa.Column("messages", Big, nullable=False),
    sa.Index("ix_finding_hours_sender_id_hour", "sender_id", "hour"),
)
