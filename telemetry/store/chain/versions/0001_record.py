"""The record: senders, spans, messages, waiting and late content, traces, roll-ups, accounts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "content_keys",
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("sender_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("purpose", sa.String(length=64), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("day", "sender_id", "purpose", name=op.f("pk_content_keys")),
    )
    op.create_table(
        "ingest_minutes",
        sa.Column("minute", sa.Integer(), nullable=False),
        sa.Column("key_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("signal", sa.String(length=64), nullable=False),
        sa.Column("received", sa.BigInteger(), nullable=False),
        sa.Column("stored", sa.BigInteger(), nullable=False),
        sa.Column("duplicate", sa.BigInteger(), nullable=False),
        sa.Column("rejected", sa.BigInteger(), nullable=False),
        sa.Column("differing", sa.BigInteger(), nullable=False),
        sa.Column("requests", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("minute", "key_id", "signal", name=op.f("pk_ingest_minutes")),
    )
    op.create_table(
        "ingest_rejections",
        sa.Column("minute", sa.Integer(), nullable=False),
        sa.Column("key_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("signal", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.String(length=64), nullable=False),
        sa.Column("items", sa.BigInteger(), nullable=False),
        sa.Column("requests", sa.BigInteger(), nullable=False),
        sa.Column("sample", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("minute", "key_id", "signal", "reason", name=op.f("pk_ingest_rejections")),
    )
    op.create_table(
        "messages",
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("sender_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("message_id", sa.LargeBinary(length=32), nullable=False),
        sa.Column("retention_class", sa.String(length=64), nullable=False),
        sa.Column("role", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=64), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("received_ns", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint(
            "day", "sender_id", "message_id", "retention_class", name=op.f("pk_messages")
        ),
        postgresql_partition_by="RANGE (day)",
    )
    op.create_table(
        "rollup_hours",
        sa.Column("hour", sa.Integer(), nullable=False),
        sa.Column("sender_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("provider", sa.String(length=64), nullable=False),
        sa.Column("model", sa.String(length=256), nullable=False),
        sa.Column("endpoint_address", sa.String(length=256), nullable=False),
        sa.Column("content_state", sa.String(length=64), nullable=False),
        sa.Column("span_count", sa.BigInteger(), nullable=False),
        sa.Column("error_count", sa.BigInteger(), nullable=False),
        sa.Column("unmetered_count", sa.BigInteger(), nullable=False),
        sa.Column("input_tokens", sa.BigInteger(), nullable=False),
        sa.Column("output_tokens", sa.BigInteger(), nullable=False),
        sa.Column("cache_read_tokens", sa.BigInteger(), nullable=False),
        sa.Column("cache_write_tokens", sa.BigInteger(), nullable=False),
        sa.Column("reasoning_tokens", sa.BigInteger(), nullable=False),
        sa.Column("inference_units", sa.BigInteger(), nullable=False),
        sa.Column("duration_ns", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint(
            "hour",
            "sender_id",
            "kind",
            "provider",
            "model",
            "endpoint_address",
            "content_state",
            name=op.f("pk_rollup_hours"),
        ),
    )
    op.create_index("ix_rollup_hours_sender_id_hour", "rollup_hours", ["sender_id", "hour"], unique=False)
    op.create_table(
        "sender_devices",
        sa.Column("sender_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("device", sa.LargeBinary(length=16), nullable=False),
        sa.Column("last_seen_ns", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("sender_id", "device", name=op.f("pk_sender_devices")),
    )
    op.create_table(
        "senders",
        sa.Column("sender_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("key_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("service_namespace", sa.String(length=256), nullable=False),
        sa.Column("service_name", sa.String(length=256), nullable=False),
        sa.Column("environment", sa.String(length=64), nullable=False),
        sa.Column("place", sa.String(length=256), nullable=False),
        sa.Column("claimed_deployment", sa.String(length=256), nullable=False),
        sa.Column("hints", sa.Text(), nullable=False),
        sa.Column("first_seen_ns", sa.BigInteger(), nullable=False),
        sa.Column("last_seen_ns", sa.BigInteger(), nullable=False),
        sa.Column("span_count", sa.BigInteger(), nullable=False),
        sa.Column("flags", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("sender_id", name=op.f("pk_senders")),
    )
    op.create_index(op.f("ix_senders_key_id"), "senders", ["key_id"], unique=False)
    op.create_index(op.f("ix_senders_last_seen_ns"), "senders", ["last_seen_ns"], unique=False)
    op.create_table(
        "span_logs",
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("trace_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("span_id", sa.LargeBinary(length=8), nullable=False),
        sa.Column("log_digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("sender_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("received_ns", sa.BigInteger(), nullable=False),
        sa.Column("joined", sa.String(length=64), nullable=False),
        sa.Column("content_state", sa.String(length=64), nullable=True),
        sa.Column("content", sa.Text(), nullable=True),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=True),
        sa.PrimaryKeyConstraint("day", "trace_id", "span_id", "log_digest", name=op.f("pk_span_logs")),
    )
    op.create_index(op.f("ix_span_logs_received_ns"), "span_logs", ["received_ns"], unique=False)
    op.create_table(
        "spans",
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("trace_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("span_id", sa.LargeBinary(length=8), nullable=False),
        sa.Column("retention_class", sa.String(length=64), nullable=False),
        sa.Column("parent_span_id", sa.LargeBinary(length=8), nullable=True),
        sa.Column("sender_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("start_ns", sa.BigInteger(), nullable=False),
        sa.Column("duration_ns", sa.BigInteger(), nullable=False),
        sa.Column("received_ns", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=256), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("operation", sa.String(length=64), nullable=True),
        sa.Column("dialect", sa.String(length=64), nullable=False),
        sa.Column("status", sa.SmallInteger(), nullable=False),
        sa.Column("error_type", sa.String(length=256), nullable=True),
        sa.Column("observation_point", sa.String(length=64), nullable=False),
        sa.Column("provider", sa.String(length=64), nullable=True),
        sa.Column("request_model", sa.String(length=256), nullable=True),
        sa.Column("response_model", sa.String(length=256), nullable=True),
        sa.Column("model", sa.String(length=256), nullable=True),
        sa.Column("response_id", sa.String(length=256), nullable=True),
        sa.Column("endpoint_address", sa.String(length=256), nullable=True),
        sa.Column("service_tier", sa.String(length=64), nullable=True),
        sa.Column("input_tokens", sa.BigInteger(), nullable=True),
        sa.Column("output_tokens", sa.BigInteger(), nullable=True),
        sa.Column("cache_read_tokens", sa.BigInteger(), nullable=True),
        sa.Column("cache_write_tokens", sa.BigInteger(), nullable=True),
        sa.Column("reasoning_tokens", sa.BigInteger(), nullable=True),
        sa.Column("usage_is_aggregate", sa.Boolean(), nullable=False),
        sa.Column("cost_reported_nano_usd", sa.BigInteger(), nullable=True),
        sa.Column("ttft_ns", sa.BigInteger(), nullable=True),
        sa.Column("inference_units", sa.BigInteger(), nullable=True),
        sa.Column("inference_unit", sa.String(length=64), nullable=True),
        sa.Column("decision_id", sa.String(length=256), nullable=True),
        sa.Column("review_outcome", sa.String(length=64), nullable=True),
        sa.Column("session_id", sa.String(length=256), nullable=True),
        sa.Column("conversation_id", sa.String(length=256), nullable=True),
        sa.Column("user_hash", sa.LargeBinary(length=16), nullable=True),
        sa.Column("agent_name", sa.String(length=256), nullable=True),
        sa.Column("tool_name", sa.String(length=256), nullable=True),
        sa.Column("tool_call_id", sa.String(length=256), nullable=True),
        sa.Column("data_source_id", sa.String(length=256), nullable=True),
        sa.Column("environment", sa.String(length=64), nullable=True),
        sa.Column("capture_mode", sa.String(length=64), nullable=False),
        sa.Column("content_state", sa.String(length=64), nullable=False),
        sa.Column("content", sa.Text(), nullable=True),
        sa.Column("attributes", sa.Text(), nullable=False),
        sa.Column("scope", sa.String(length=256), nullable=False),
        sa.Column("flags", sa.Text(), nullable=False),
        sa.Column("mapping_version", sa.Integer(), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("day", "trace_id", "span_id", "retention_class", name=op.f("pk_spans")),
        postgresql_partition_by="RANGE (day)",
    )
    op.create_index("ix_spans_sender_id_start_ns", "spans", ["sender_id", "start_ns"], unique=False)
    op.create_index("ix_spans_start_ns", "spans", ["start_ns"], unique=False)
    op.create_index("ix_spans_trace_id", "spans", ["trace_id"], unique=False)
    op.create_table(
        "spans_aside",
        sa.Column("trace_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("span_id", sa.LargeBinary(length=8), nullable=False),
        sa.Column("sender_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("reason", sa.String(length=64), nullable=False),
        sa.Column("start_ns", sa.String(length=20), nullable=False),
        sa.Column("received_ns", sa.BigInteger(), nullable=False),
        sa.Column("columns", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("trace_id", "span_id", name=op.f("pk_spans_aside")),
    )
    op.create_index(op.f("ix_spans_aside_received_ns"), "spans_aside", ["received_ns"], unique=False)
    op.create_table(
        "trace_facets",
        sa.Column("trace_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("sender_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("model", sa.String(length=256), nullable=False),
        sa.Column("start_ns", sa.BigInteger(), nullable=False),
        sa.Column("span_count", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("trace_id", "sender_id", "model", name=op.f("pk_trace_facets")),
    )
    op.create_index("ix_trace_facets_model_start_ns", "trace_facets", ["model", "start_ns"], unique=False)
    op.create_index(
        "ix_trace_facets_sender_id_start_ns", "trace_facets", ["sender_id", "start_ns"], unique=False
    )
    op.create_table(
        "traces",
        sa.Column("trace_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("start_ns", sa.BigInteger(), nullable=False),
        sa.Column("end_ns", sa.BigInteger(), nullable=False),
        sa.Column("last_received_ns", sa.BigInteger(), nullable=False),
        sa.Column("span_count", sa.BigInteger(), nullable=False),
        sa.Column("model_call_count", sa.BigInteger(), nullable=False),
        sa.Column("error_count", sa.BigInteger(), nullable=False),
        sa.Column("input_tokens", sa.BigInteger(), nullable=True),
        sa.Column("output_tokens", sa.BigInteger(), nullable=True),
        sa.Column("root_span_id", sa.LargeBinary(length=8), nullable=True),
        sa.Column("root_name", sa.String(length=256), nullable=True),
        sa.Column("root_kind", sa.String(length=64), nullable=True),
        sa.Column("session_id", sa.String(length=256), nullable=True),
        sa.PrimaryKeyConstraint("trace_id", name=op.f("pk_traces")),
    )
    op.create_index(op.f("ix_traces_last_received_ns"), "traces", ["last_received_ns"], unique=False)
    op.create_index("ix_traces_session_id", "traces", ["session_id"], unique=False)
    op.create_index("ix_traces_start_ns", "traces", ["start_ns"], unique=False)
    op.create_table(
        "waiting_content",
        sa.Column("trace_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("span_id", sa.LargeBinary(length=8), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("key_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("received_ns", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("trace_id", "span_id", "digest", name=op.f("pk_waiting_content")),
    )
    op.create_index(op.f("ix_waiting_content_received_ns"), "waiting_content", ["received_ns"], unique=False)
