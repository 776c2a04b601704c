"""Find spans by the data source they read from, without reading all others."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

NAMED = sa.text("data_source_id IS NOT NULL")


def upgrade() -> None:
    op.create_index(
        "ix_spans_data_source_id_start_ns",
        "spans",
        ["data_source_id", "start_ns"],
        unique=False,
        sqlite_where=NAMED,
        postgresql_where=NAMED,
    )
