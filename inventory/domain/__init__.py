"""The register's words and pure rules: enums, state tables, sender resolution, graphs. No database here."""

from __future__ import annotations
