"""What calls cost: who owns each call, sums by the hour."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "call_witnesses",
        sa.Column("trace_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("span_id", sa.LargeBinary(length=8), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("parent_span_id", sa.LargeBinary(length=8), nullable=True),
        sa.Column("call", sa.LargeBinary(length=24), nullable=False),
        sa.Column("response", sa.LargeBinary(length=16), nullable=True),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("owns", sa.Boolean(), nullable=False),
        sa.Column("received_ns", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("trace_id", "span_id", name=op.f("pk_call_witnesses")),
    )
    op.create_index("ix_call_witnesses_call", "call_witnesses", ["call"], unique=False)
    op.create_index("ix_call_witnesses_response", "call_witnesses", ["response"], unique=False)
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
