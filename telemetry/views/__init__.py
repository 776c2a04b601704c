"""The telemetry pages: traces, one trace, sessions, senders, ingest."""

from __future__ import annotations
