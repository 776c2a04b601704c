"""Settings that must stand before Django is set up: a home of its own and the chosen database."""

from __future__ import annotations

import os
import tempfile

os.environ["TUTELA_HOME"] = tempfile.mkdtemp(prefix="tutela-tests-")
os.environ.pop("DATABASE_URL", None)
os.environ.pop("RECORD_URL", None)
