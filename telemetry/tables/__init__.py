"""Lists and words of the telemetry pages: columns, sources of rows, and what the record's codes mean for people."""

from __future__ import annotations
