"""A database URL as Django's settings want it."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from kernel.config import BadConfiguration

SQLITE_BUSY_TIMEOUT_S = 20


def django_database(url: str) -> dict[str, Any]:
    """`sqlite:///path` or `postgresql://user:password@host:port/name?option=value`.

    Raises BadConfiguration for any other scheme.
    """
    parts = urlsplit(url)
    scheme = parts.scheme.partition("+")[0]
    if scheme == "sqlite":
        return _sqlite(url.partition(":///")[2])
    if scheme in {"postgresql", "postgres"}:
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": unquote(parts.path.lstrip("/")),
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": parts.hostname or "",
            "PORT": str(parts.port or ""),
            "CONN_MAX_AGE": 60,
            "CONN_HEALTH_CHECKS": True,
            "OPTIONS": dict(parse_qsl(parts.query)),
        }
    raise BadConfiguration(f"DATABASE_URL has the scheme {scheme!r}. Use sqlite:///file or postgresql://…")


def _sqlite(path: str) -> dict[str, Any]:
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": path,
        "OPTIONS": {
            "timeout": SQLITE_BUSY_TIMEOUT_S,
            # Writers queue at BEGIN instead of failing in the middle; FULL because an acknowledged change is durable.
            "transaction_mode": "IMMEDIATE",
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
        },
    }
