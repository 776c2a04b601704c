"""What came in: senders, spans, messages, traces, hourly sums, and the accounts of ingest."""

from __future__ import annotations

import sqlalchemy as sa

from telemetry.schema.base import Big, Day, Digest, Id8, Id16, Json, Name, Word, metadata

senders = sa.Table(
    "senders",
    metadata,
    sa.Column("sender_id", Id16, primary_key=True),
    sa.Column("key_id", Id16, nullable=False, index=True),
    sa.Column("service_namespace", Name, nullable=False),
    sa.Column("service_name", Name, nullable=False),
    sa.Column("environment", Word, nullable=False),
    sa.Column("place", Name, nullable=False),
    sa.Column("claimed_deployment", Name, nullable=False),
    sa.Column(
        "hints", Json, nullable=False
    ),  # last resource attributes that help to place it: cloud.*, k8s.*, host.*, telemetry.sdk.*
    sa.Column("first_seen_ns", Big, nullable=False),
    sa.Column("last_seen_ns", Big, nullable=False, index=True),
    sa.Column("span_count", Big, nullable=False),
    sa.Column("flags", Json, nullable=False),
)

sender_devices = sa.Table(
    "sender_devices",
    metadata,
    sa.Column("sender_id", Id16, primary_key=True),
    sa.Column("device", Id16, primary_key=True),  # keyed hash of device.id / host.id / host.name
    sa.Column("last_seen_ns", Big, nullable=False),
)

spans = sa.Table(
    "spans",
    metadata,
    sa.Column("day", Day, primary_key=True),
    sa.Column("trace_id", Id16, primary_key=True),
    sa.Column("span_id", Id8, primary_key=True),
    sa.Column("retention_class", Word, primary_key=True),
    sa.Column("parent_span_id", Id8),
    sa.Column("sender_id", Id16, nullable=False),
    sa.Column("start_ns", Big, nullable=False),
    sa.Column("duration_ns", Big, nullable=False),
    sa.Column("received_ns", Big, nullable=False),
    sa.Column("name", Name, nullable=False),
    sa.Column("kind", Word, nullable=False),
    sa.Column("operation", Word),
    sa.Column("dialect", Word, nullable=False),
    sa.Column("status", sa.SmallInteger, nullable=False),
    sa.Column("error_type", Name),
    sa.Column("observation_point", Word, nullable=False),
    sa.Column("provider", Word),
    sa.Column("request_model", Name),
    sa.Column("response_model", Name),
    sa.Column("model", Name),
    sa.Column("response_id", Name),
    sa.Column("endpoint_address", Name),
    sa.Column("service_tier", Word),
    sa.Column("input_tokens", Big),
    sa.Column("output_tokens", Big),
    sa.Column("cache_read_tokens", Big),
    sa.Column("cache_write_tokens", Big),
    sa.Column("reasoning_tokens", Big),
    sa.Column("usage_is_aggregate", sa.Boolean, nullable=False),
    sa.Column("cost_reported_nano_usd", Big),
    sa.Column("ttft_ns", Big),
    sa.Column("inference_units", Big),
    sa.Column("inference_unit", Word),
    sa.Column("decision_id", Name),
    sa.Column("review_outcome", Word),
    sa.Column("session_id", Name),
    sa.Column("conversation_id", Name),
    sa.Column("user_hash", Id16),
    sa.Column("agent_name", Name),
    sa.Column("tool_name", Name),
    sa.Column("tool_call_id", Name),
    sa.Column("data_source_id", Name),
    sa.Column("environment", Word),
    sa.Column("capture_mode", Word, nullable=False),
    sa.Column("content_state", Word, nullable=False),
    sa.Column(
        "content", Json
    ),  # {"input":[hex message ids],"output":[…],"documents":[…],"query":…}: ids only
    sa.Column("attributes", Json, nullable=False),  # what the allow-list lets through
    sa.Column("scope", Name, nullable=False),
    sa.Column("flags", Json, nullable=False),
    sa.Column("mapping_version", sa.Integer, nullable=False),
    sa.Column("digest", Digest, nullable=False),
    # our judgement when it came in, not the sender's words: outside the digest; NULL for what is no model call
    sa.Column("cost_nano_usd", Big),
    sa.Column("cost_status", Word),
    sa.Column("cost_basis", Word),
    sa.Column("price_id", Id16),  # the row of the register that priced it
    sa.Index("ix_spans_trace_id", "trace_id"),
    sa.Index("ix_spans_sender_id_start_ns", "sender_id", "start_ns"),
    sa.Index("ix_spans_start_ns", "start_ns"),
    sa.Index(  # who else saw the same answer of a model
        "ix_spans_response_id_day",
        "response_id",
        "day",
        sqlite_where=sa.text("response_id IS NOT NULL"),
        postgresql_where=sa.text("response_id IS NOT NULL"),
    ),
    sa.Index(  # who reads from a data source; few spans name one
        "ix_spans_data_source_id_start_ns",
        "data_source_id",
        "start_ns",
        sqlite_where=sa.text("data_source_id IS NOT NULL"),
        postgresql_where=sa.text("data_source_id IS NOT NULL"),
    ),
    postgresql_partition_by="RANGE (day)",
)

messages = sa.Table(
    "messages",
    metadata,
    sa.Column("day", Day, primary_key=True),
    sa.Column("sender_id", Id16, primary_key=True),
    sa.Column("message_id", Digest, primary_key=True),
    sa.Column("retention_class", Word, primary_key=True),
    sa.Column("role", Word, nullable=False),
    sa.Column("state", Word, nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Column("received_ns", Big, nullable=False),
    postgresql_partition_by="RANGE (day)",
)

content_keys = sa.Table(
    "content_keys",
    metadata,
    sa.Column("day", Day, primary_key=True),
    sa.Column("sender_id", Id16, primary_key=True),
    sa.Column(
        "purpose", Word, primary_key=True
    ),  # "id" (message ids), "queue" (waiting text), "user" (user hashes)
    sa.Column("wrapped", sa.LargeBinary, nullable=False),  # under the installation's content key
)

waiting_content = sa.Table(
    "waiting_content",
    metadata,
    sa.Column("trace_id", Id16, primary_key=True),
    sa.Column("span_id", Id8, primary_key=True),
    sa.Column("digest", Digest, primary_key=True),
    sa.Column("key_id", Id16, nullable=False),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
    sa.Column("received_ns", Big, nullable=False, index=True),
)

span_logs = sa.Table(
    "span_logs",
    metadata,
    sa.Column("day", Day, primary_key=True),
    sa.Column("trace_id", Id16, primary_key=True),
    sa.Column("span_id", Id8, primary_key=True),
    sa.Column("log_digest", Digest, primary_key=True),  # keyed: the same record again is a repeat
    sa.Column("sender_id", Id16, nullable=False),
    sa.Column("received_ns", Big, nullable=False, index=True),
    sa.Column(
        "joined", Word, nullable=False
    ),  # "with_span": its content is in the span's own row; "late": here
    sa.Column("content_state", Word),
    sa.Column("content", Json),  # as in spans: ids only
    sa.Column("digest", Digest),  # of this row's content, as the span's digest is of the span
)

traces = sa.Table(
    "traces",
    metadata,
    sa.Column("trace_id", Id16, primary_key=True),
    sa.Column("start_ns", Big, nullable=False),
    sa.Column("end_ns", Big, nullable=False),
    sa.Column("last_received_ns", Big, nullable=False, index=True),  # settled after 60 s without a new span
    sa.Column("span_count", Big, nullable=False),
    sa.Column("model_call_count", Big, nullable=False),  # each call once, however many witnesses it has
    sa.Column("error_count", Big, nullable=False),
    sa.Column("input_tokens", Big),  # of those that own their call; NULL while no call said any
    sa.Column("output_tokens", Big),
    sa.Column("root_span_id", Id8),
    sa.Column("root_name", Name),
    sa.Column("root_kind", Word),
    sa.Column("session_id", Name),
    sa.Column("cost_nano_usd", Big),  # of the calls whose cost is known; NULL while there is none
    sa.Column("unpriced_count", Big, nullable=False),  # calls that used something and have no price
    sa.Index("ix_traces_start_ns", "start_ns"),
    sa.Index("ix_traces_session_id", "session_id"),
)

trace_facets = sa.Table(
    "trace_facets",
    metadata,
    sa.Column("trace_id", Id16, primary_key=True),
    sa.Column("sender_id", Id16, primary_key=True),
    sa.Column("model", Name, primary_key=True),  # "" where no model is named
    sa.Column("start_ns", Big, nullable=False),
    sa.Column("span_count", Big, nullable=False),
    sa.Index("ix_trace_facets_sender_id_start_ns", "sender_id", "start_ns"),
    sa.Index("ix_trace_facets_model_start_ns", "model", "start_ns"),
)

rollup_hours = sa.Table(
    "rollup_hours",
    metadata,
    sa.Column("hour", sa.Integer, primary_key=True),
    sa.Column("sender_id", Id16, primary_key=True),
    sa.Column("kind", Word, primary_key=True),
    sa.Column("provider", Word, primary_key=True),  # "" is unknown in keys: NULL cannot be a key
    sa.Column("model", Name, primary_key=True),
    sa.Column("endpoint_address", Name, primary_key=True),
    sa.Column("content_state", Word, primary_key=True),
    sa.Column("span_count", Big, nullable=False),
    sa.Column("error_count", Big, nullable=False),
    sa.Column("unmetered_count", Big, nullable=False),  # model calls that named no tokens
    sa.Column("input_tokens", Big, nullable=False),
    sa.Column("output_tokens", Big, nullable=False),
    sa.Column("cache_read_tokens", Big, nullable=False),
    sa.Column("cache_write_tokens", Big, nullable=False),
    sa.Column("reasoning_tokens", Big, nullable=False),
    sa.Column("inference_units", Big, nullable=False),
    sa.Column("duration_ns", Big, nullable=False),
    sa.Index("ix_rollup_hours_sender_id_hour", "sender_id", "hour"),
)

ingest_minutes = sa.Table(
    "ingest_minutes",
    metadata,
    sa.Column("minute", sa.Integer, primary_key=True),
    sa.Column("key_id", Id16, primary_key=True),
    sa.Column("signal", Word, primary_key=True),
    sa.Column("received", Big, nullable=False),
    sa.Column("stored", Big, nullable=False),
    sa.Column("duplicate", Big, nullable=False),
    sa.Column("rejected", Big, nullable=False),
    sa.Column(
        "differing", Big, nullable=False
    ),  # those duplicates whose digest was not that of the first version
    sa.Column("requests", Big, nullable=False),
)

ingest_rejections = sa.Table(
    "ingest_rejections",
    metadata,
    sa.Column("minute", sa.Integer, primary_key=True),
    sa.Column("key_id", Id16, primary_key=True),  # 16 zero bytes where the key is unknown
    sa.Column("signal", Word, primary_key=True),
    sa.Column("reason", Word, primary_key=True),
    sa.Column("items", Big, nullable=False),  # spans or log records; 0 for a request refused unread
    sa.Column("requests", Big, nullable=False),
    sa.Column("sample", Json, nullable=False),  # one example in words, without content
)

spans_aside = sa.Table(
    "spans_aside",
    metadata,
    sa.Column("trace_id", Id16, primary_key=True),
    sa.Column("span_id", Id8, primary_key=True),
    sa.Column("sender_id", Id16, nullable=False),
    sa.Column("reason", Word, nullable=False),
    sa.Column(
        "start_ns", sa.String(20), nullable=False
    ),  # decimal digits: the wire's uint64 may exceed a signed one
    sa.Column("received_ns", Big, nullable=False, index=True),
    sa.Column("columns", Json, nullable=False),  # the span as it would have been stored, content by id only
)
