"""What was forgotten, when, and how much room that made."""

from __future__ import annotations

import sqlalchemy as sa

from telemetry.schema.base import Big, Day, Id16, Word, metadata

retention_runs = sa.Table(
    "retention_runs",
    metadata,
    sa.Column("run_id", Id16, primary_key=True),
    sa.Column("kept", Word, primary_key=True),  # content, spans, sums
    sa.Column("retention_class", Word, primary_key=True),  # "" for sums, which have none
    sa.Column("before_day", Day, nullable=False),  # everything of earlier days was forgotten
    sa.Column("began_ns", Big, nullable=False, index=True),
    sa.Column("finished_ns", Big),  # NULL while it runs, and where it was interrupted
    sa.Column("rows", Big, nullable=False),
    sa.Column("bytes", Big),  # what the database gave back or may use again; NULL where it cannot tell
    sa.Column("held_rows", Big, nullable=False),  # moved to the legal hold instead
)
