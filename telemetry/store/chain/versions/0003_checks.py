"""What was checked: work, scans, findings, verdicts, coverage by the hour."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def _partial_index(name: str, columns: list[str], where: str) -> None:
    """An index over the few rows of check_work that are looked for."""
    condition = sa.text(where)
    op.create_index(name, "check_work", columns, sqlite_where=condition, postgresql_where=condition)


def upgrade() -> None:
    op.create_table(
        "check_work",
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("sender_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("subject", sa.LargeBinary(length=32), nullable=False),
        sa.Column("state", sa.String(length=64), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("due_ns", sa.BigInteger(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("lease", sa.LargeBinary(length=16), nullable=True),
        sa.Column("reason", sa.String(length=256), nullable=True),
        sa.Column("queued_ns", sa.BigInteger(), nullable=False),
        sa.Column("finished_ns", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("kind", "day", "sender_id", "subject", name=op.f("pk_check_work")),
        sqlite_with_rowid=False,
    )
    _partial_index(
        "ix_check_work_open", ["kind", "priority", "due_ns"], "state IN ('pending', 'leased', 'retry')"
    )
    _partial_index("ix_check_work_dead", ["finished_ns"], "state = 'dead'")
    op.create_table(
        "scans",
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("sender_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("message_id", sa.LargeBinary(length=32), nullable=False),
        sa.Column("check", sa.String(length=64), nullable=False),
        sa.Column("engine_version", sa.String(length=64), nullable=False),
        sa.Column("profile_digest", sa.LargeBinary(length=16), nullable=False),
        sa.Column("hour", sa.Integer(), nullable=False),
        sa.Column("direction", sa.String(length=64), nullable=False),
        sa.Column("outcome", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.String(length=64), nullable=True),
        sa.Column("language", sa.String(length=64), nullable=True),
        sa.Column("finding_count", sa.Integer(), nullable=False),
        sa.Column("scanned_ns", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint(
            "day",
            "sender_id",
            "message_id",
            "check",
            "engine_version",
            "profile_digest",
            name=op.f("pk_scans"),
        ),
    )
    op.create_index(op.f("ix_scans_scanned_ns"), "scans", ["scanned_ns"], unique=False)
    op.create_table(
        "findings",
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("sender_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("message_id", sa.LargeBinary(length=32), nullable=False),
        sa.Column("check", sa.String(length=64), nullable=False),
        sa.Column("engine_version", sa.String(length=64), nullable=False),
        sa.Column("profile_digest", sa.LargeBinary(length=16), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("type", sa.String(length=64), nullable=False),
        sa.Column("pointer", sa.String(length=256), nullable=False),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("end", sa.Integer(), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("found_ns", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint(
            "day",
            "sender_id",
            "message_id",
            "check",
            "engine_version",
            "profile_digest",
            "position",
            name=op.f("pk_findings"),
        ),
    )
    op.create_index("ix_findings_sender_id_found_ns", "findings", ["sender_id", "found_ns"], unique=False)
    op.create_index(op.f("ix_findings_found_ns"), "findings", ["found_ns"], unique=False)
    op.create_index("ix_findings_type_found_ns", "findings", ["type", "found_ns"], unique=False)
    op.create_table(
        "verdicts",
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("trace_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("span_id", sa.LargeBinary(length=8), nullable=False),
        sa.Column("check", sa.String(length=64), nullable=False),
        sa.Column("engine_version", sa.String(length=64), nullable=False),
        sa.Column("profile_digest", sa.LargeBinary(length=16), nullable=False),
        sa.Column("input_digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("sender_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("hour", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.String(length=64), nullable=True),
        sa.Column("score", sa.Float(), nullable=True),
        sa.Column("shadow", sa.Boolean(), nullable=False),
        sa.Column("language", sa.String(length=64), nullable=True),
        sa.Column("sentences", sa.Text(), nullable=False),
        sa.Column("checked_ns", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint(
            "day",
            "trace_id",
            "span_id",
            "check",
            "engine_version",
            "profile_digest",
            "input_digest",
            name=op.f("pk_verdicts"),
        ),
    )
    op.create_index(op.f("ix_verdicts_checked_ns"), "verdicts", ["checked_ns"], unique=False)
    op.create_index("ix_verdicts_sender_id_checked_ns", "verdicts", ["sender_id", "checked_ns"], unique=False)
    op.create_index("ix_verdicts_trace_id", "verdicts", ["trace_id"], unique=False)
    op.create_table(
        "check_hours",
        sa.Column("hour", sa.Integer(), nullable=False),
        sa.Column("sender_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("check", sa.String(length=64), nullable=False),
        sa.Column("outcome", sa.String(length=64), nullable=False),
        sa.Column("shadow", sa.Boolean(), nullable=False),
        sa.Column("subjects", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint(
            "hour", "sender_id", "check", "outcome", "shadow", name=op.f("pk_check_hours")
        ),
    )
    op.create_index("ix_check_hours_sender_id_hour", "check_hours", ["sender_id", "hour"], unique=False)
    op.create_table(
        "finding_hours",
        sa.Column("hour", sa.Integer(), nullable=False),
        sa.Column("sender_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("check", sa.String(length=64), nullable=False),
        sa.Column("type", sa.String(length=64), nullable=False),
        sa.Column("direction", sa.String(length=64), nullable=False),
        sa.Column("findings", sa.BigInteger(), nullable=False),
        sa.Column("messages", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint(
            "hour", "sender_id", "check", "type", "direction", name=op.f("pk_finding_hours")
        ),
    )
    op.create_index("ix_finding_hours_sender_id_hour", "finding_hours", ["sender_id", "hour"], unique=False)
