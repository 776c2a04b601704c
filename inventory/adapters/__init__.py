"""The register as other processes see it."""

from __future__ import annotations
