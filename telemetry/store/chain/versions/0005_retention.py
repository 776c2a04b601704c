"""What was forgotten, when, and how much room that made."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "retention_runs",
        sa.Column("run_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("kept", sa.String(length=64), nullable=False),
        sa.Column("retention_class", sa.String(length=64), nullable=False),
        sa.Column("before_day", sa.Integer(), nullable=False),
        sa.Column("began_ns", sa.BigInteger(), nullable=False),
        sa.Column("finished_ns", sa.BigInteger(), nullable=True),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=True),
        sa.Column("held_rows", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("run_id", "kept", "retention_class", name=op.f("pk_retention_runs")),
    )
    op.create_index(op.f("ix_retention_runs_began_ns"), "retention_runs", ["began_ns"], unique=False)
