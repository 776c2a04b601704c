"""What calls cost: who owns each call, and hourly sums. Money is integer nano-USD; unpriced is a state, never 0."""

from __future__ import annotations

import sqlalchemy as sa

from telemetry.schema.base import Big, Day, Id8, Id16, Name, Word, metadata

# Only what is not as it nearly always is: model calls that another witness of the same call speaks for, and agents that
# speak for calls nobody else reported. A model call that is not in here owns its tokens; an agent that is not, does not.
call_witnesses = sa.Table(
    "call_witnesses",
    metadata,
    sa.Column("trace_id", Id16, primary_key=True),
    sa.Column("span_id", Id8, primary_key=True),
    sa.Column("day", Day, primary_key=True),
    sa.Column("owns", sa.Boolean, nullable=False),  # whether its tokens and cost are in the sums
    sa.Column("owner_trace_id", Id16),  # who is counted instead; NULL where it owns, or where several are
    sa.Column("owner_span_id", Id8),
    sa.Column("received_ns", Big, nullable=False),  # when this was decided last
    sa.Index("ix_call_witnesses_owner_trace_id", "owner_trace_id", "owner_span_id"),
)

cost_hours = sa.Table(
    "cost_hours",
    metadata,
    sa.Column("hour", sa.Integer, primary_key=True),
    sa.Column("sender_id", Id16, primary_key=True),
    sa.Column("provider", Word, primary_key=True),  # "" is unknown in keys
    sa.Column("model", Name, primary_key=True),
    sa.Column("endpoint_address", Name, primary_key=True),
    sa.Column("environment", Word, primary_key=True),
    # priced, unpriced (no price known), unmetered (no tokens named), cached (a gateway's cache answered: 0)
    sa.Column("cost_status", Word, primary_key=True),
    sa.Column("cost_basis", Word, primary_key=True),  # list, own, hardware, ""
    sa.Column("calls", Big, nullable=False),  # all sums are signed: adjustments take away and add
    sa.Column("input_tokens", Big, nullable=False),
    sa.Column("output_tokens", Big, nullable=False),
    sa.Column("cache_read_tokens", Big, nullable=False),
    sa.Column("cache_write_tokens", Big, nullable=False),
    sa.Column("reasoning_tokens", Big, nullable=False),
    sa.Column("inference_units", Big, nullable=False),
    sa.Column("busy_ns", Big, nullable=False),
    sa.Column("cost_nano_usd", Big, nullable=False),
    sa.Column("reported_calls", Big, nullable=False),  # those that reported a cost of their own
    sa.Column("reported_nano_usd", Big, nullable=False),
    sa.Index("ix_cost_hours_sender_id_hour", "sender_id", "hour"),
)
