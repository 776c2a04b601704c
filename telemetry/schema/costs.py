"""What calls cost: who owns each call, and hourly sums. Money is integer nano-USD; unpriced is a state, never 0."""

from __future__ import annotations

import sqlalchemy as sa

from telemetry.schema.base import Big, Day, Id8, Id16, Name, Word, metadata

call_witnesses = sa.Table(
    "call_witnesses",
    metadata,
    sa.Column("trace_id", Id16, primary_key=True),
    sa.Column("span_id", Id8, primary_key=True),
    sa.Column("day", Day, nullable=False),
    sa.Column("parent_span_id", Id8),
    sa.Column(
        "call", sa.LargeBinary(24), nullable=False
    ),  # the call it speaks of: trace and span id of its first witness
    sa.Column("response", Id16),  # hash of provider and response id
    sa.Column("rank", sa.Integer, nullable=False),  # how good a witness it is; the best one owns
    sa.Column("owns", sa.Boolean, nullable=False),  # whether its tokens and cost are in the sums
    sa.Column("received_ns", Big, nullable=False),
    sa.Index("ix_call_witnesses_call", "call"),
    sa.Index("ix_call_witnesses_response", "response"),
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
