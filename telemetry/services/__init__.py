"""Verbs of the record that people use, each on the ledger: reading content, taking lists out."""

from __future__ import annotations

from telemetry.services.content import Opened, ReadContent, may_read_content, read_content
from telemetry.services.estate import Estate, Known, load_estate
from telemetry.services.exports import Export, export_traces
from telemetry.services.record import reading

__all__ = [
    "Estate",
    "Export",
    "Known",
    "Opened",
    "ReadContent",
    "export_traces",
    "load_estate",
    "may_read_content",
    "read_content",
    "reading",
]
