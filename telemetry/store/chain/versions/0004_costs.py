"""What calls cost: on each span, who owns each call, sums by the hour."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

NAMED = sa.text("response_id IS NOT NULL")


def upgrade() -> None:
    op.create_table(
        "call_witnesses",
        sa.Column("trace_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("span_id", sa.LargeBinary(length=8), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("owns", sa.Boolean(), nullable=False),
        sa.Column("owner_trace_id", sa.LargeBinary(length=16), nullable=True),
        sa.Column("owner_span_id", sa.LargeBinary(length=8), nullable=True),
        sa.Column("received_ns", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("trace_id", "span_id", "day", name=op.f("pk_call_witnesses")),
    )
    op.create_index(
        "ix_call_witnesses_owner_trace_id",
        "call_witnesses",
        ["owner_trace_id", "owner_span_id"],
        unique=False,
    )
    op.create_table(
        "cost_hours",
        sa.Column("hour", sa.Integer(), nullable=False),
        sa.Column("sender_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("provider", sa.String(length=64), nullable=False),
        sa.Column("model", sa.String(length=256), nullable=False),
        sa.Column("endpoint_address", sa.String(length=256), nullable=False),
        sa.Column("environment", sa.String(length=64), nullable=False),
        sa.Column("cost_status", sa.String(length=64), nullable=False),
        sa.Column("cost_basis", sa.String(length=64), nullable=False),
        sa.Column("calls", sa.BigInteger(), nullable=False),
        sa.Column("input_tokens", sa.BigInteger(), nullable=False),
        sa.Column("output_tokens", sa.BigInteger(), nullable=False),
        sa.Column("cache_read_tokens", sa.BigInteger(), nullable=False),
        sa.Column("cache_write_tokens", sa.BigInteger(), nullable=False),
        sa.Column("reasoning_tokens", sa.BigInteger(), nullable=False),
        sa.Column("inference_units", sa.BigInteger(), nullable=False),
        sa.Column("busy_ns", sa.BigInteger(), nullable=False),
        sa.Column("cost_nano_usd", sa.BigInteger(), nullable=False),
        sa.Column("reported_calls", sa.BigInteger(), nullable=False),
        sa.Column("reported_nano_usd", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint(
            "hour",
            "sender_id",
            "provider",
            "model",
            "endpoint_address",
            "environment",
            "cost_status",
            "cost_basis",
            name=op.f("pk_cost_hours"),
        ),
    )
    op.create_index("ix_cost_hours_sender_id_hour", "cost_hours", ["sender_id", "hour"], unique=False)
    op.add_column("spans", sa.Column("cost_nano_usd", sa.BigInteger(), nullable=True))
    op.add_column("spans", sa.Column("cost_status", sa.String(length=64), nullable=True))
    op.add_column("spans", sa.Column("cost_basis", sa.String(length=64), nullable=True))
    op.add_column("spans", sa.Column("price_id", sa.LargeBinary(length=16), nullable=True))
    op.create_index(
        "ix_spans_response_id_day",
        "spans",
        ["response_id", "day"],
        unique=False,
        sqlite_where=NAMED,
        postgresql_where=NAMED,
    )
    op.add_column("traces", sa.Column("cost_nano_usd", sa.BigInteger(), nullable=True))
    op.add_column(
        "traces", sa.Column("unpriced_count", sa.BigInteger(), nullable=False, server_default=sa.text("0"))
    )
