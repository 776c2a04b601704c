"""What the operator decides, read once from the environment. Secrets live in a file of their own.

Everything has a default that works on one machine with nothing else installed.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from urllib.parse import unquote, urlsplit

DEFAULT_PORT = 8000
DEFAULT_CHECK_PORT = 8001
DEFAULT_OTLP_HTTP_PORT = 4318
DEFAULT_OTLP_GRPC_PORT = 4317
DEFAULT_HOME = "var"
MOST_DEFAULT_INGEST_PROCESSES = 4
"""Unless the operator says otherwise: beyond, one PostgreSQL server is what they would wait for."""

MOST_DEFAULT_CHECK_PROCESSES = 4
"""Unless the operator says otherwise: half the cores, and each process holds the models."""
DEFAULT_PHONE_REGIONS = ("FR", "GB", "US")
"""Whose national telephone numbers are recognised; each further region costs time on every text with digits."""


class PersonalDataTier(StrEnum):
    """How personal data is looked for: by rules alone, or with the models that find names."""

    REGEX = "regex"
    STANDARD = "standard"


class BadConfiguration(ValueError):
    """A setting that cannot work, with what to do about it."""


@dataclass(frozen=True, slots=True)
class Email:
    """How mail leaves. `security` is `none`, `starttls` or `tls`; with a `folder`, mails are files in it and go nowhere."""

    host: str = ""
    port: int = 0
    user: str = ""
    password: str = field(default="", repr=False)
    security: str = "none"
    folder: Path | None = None


@dataclass(frozen=True, slots=True)
class Config:
    """The installation's settings."""

    home: Path
    host: str
    port: int
    otlp_http_port: int
    otlp_grpc_port: int
    check_port: int
    check_api: bool
    ingest_processes: int
    check_processes: int
    database_url: str
    record_url: str
    redis_url: str | None
    allowed_hosts: tuple[str, ...]
    secure_cookies: bool
    personal_data_tier: PersonalDataTier
    phone_regions: tuple[str, ...]
    public_url: str
    email: Email | None
    email_from: str

    @property
    def embedded(self) -> bool:
        """True when the record is a SQLite file: one `ingest` process, one machine."""
        return self.record_url.startswith("sqlite")


@dataclass(frozen=True, slots=True)
class Secrets:
    """Keys of this installation. `content_key` wraps the daily content keys; `key_pepper` hashes endpoint keys."""

    django_secret_key: str
    key_pepper: bytes
    content_key: bytes

    def __repr__(self) -> str:
        return "Secrets(‹hidden›)"


def from_env(env: Mapping[str, str] | None = None) -> Config:
    """Read the settings. Raises BadConfiguration with the name of the bad variable."""
    given = os.environ if env is None else env
    home = Path(given.get("TUTELA_HOME") or DEFAULT_HOME).expanduser().resolve()
    record_url = given.get("RECORD_URL") or _record_beside(given.get("DATABASE_URL"), home)
    return Config(
        home=home,
        host=given.get("HOST") or "127.0.0.1",
        port=_port(given, "PORT", DEFAULT_PORT),
        otlp_http_port=_port(given, "OTLP_HTTP_PORT", DEFAULT_OTLP_HTTP_PORT),
        otlp_grpc_port=_port(given, "OTLP_GRPC_PORT", DEFAULT_OTLP_GRPC_PORT),
        check_port=_port(given, "CHECK_PORT", DEFAULT_CHECK_PORT),
        check_api=given.get("CHECK_API", "") != "0",
        ingest_processes=_ingest_processes(given.get("INGEST_PROCESSES"), record_url),
        check_processes=_check_processes(given.get("CHECK_PROCESSES")),
        database_url=given.get("DATABASE_URL") or f"sqlite:///{home / 'register.sqlite3'}",
        record_url=record_url,
        redis_url=given.get("REDIS_URL") or None,
        allowed_hosts=tuple(
            part.strip() for part in given.get("ALLOWED_HOSTS", "").split(",") if part.strip()
        ),
        secure_cookies=given.get("SECURE_COOKIES", "") == "1",
        personal_data_tier=_tier(given.get("PERSONAL_DATA_TIER")),
        phone_regions=_regions(given.get("PHONE_REGIONS")),
        public_url=_public_url(given),
        email=_email(given.get("EMAIL_URL")),
        email_from=given.get("EMAIL_FROM") or "tutela@localhost",
    )


def make_home(home: Path) -> None:
    """Make the installation's folder if it is not there. Raises BadConfiguration where that cannot be."""
    try:
        home.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadConfiguration(
            f"TUTELA_HOME={home} cannot be made: {error.strerror}. Give a folder that can be written."
        ) from error


def load_secrets(home: Path) -> Secrets:
    """The installation's secrets, made on first use in `<home>/secrets.json` (mode 0600).

    Raises BadConfiguration when the file is there and cannot be read: inventing new secrets would make every
    endpoint key and every stored message useless.
    """
    path = home / "secrets.json"
    if not path.exists():
        _write_new_secrets(path)
    try:
        data = json.loads(path.read_text("utf-8"))
        return Secrets(
            django_secret_key=data["django_secret_key"],
            key_pepper=bytes.fromhex(data["key_pepper"]),
            content_key=bytes.fromhex(data["content_key"]),
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BadConfiguration(
            f"{path} cannot be used ({error}). Put back the copy from your backup; without it, endpoint keys and "
            "waiting content of this installation cannot be read."
        ) from error


def _write_new_secrets(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.parent.chmod(0o700)
    body = {
        "django_secret_key": secrets.token_urlsafe(64),
        "key_pepper": secrets.token_hex(32),
        "content_key": secrets.token_hex(32),
    }
    # Written aside and linked into place: of two processes that start together, the first one's secrets win.
    aside = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(body, file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(aside, path)
        except FileExistsError:
            return
    finally:
        aside.unlink()


_MAIL_SCHEMES = {"smtp": ("none", 25), "smtp+starttls": ("starttls", 587), "smtps": ("tls", 465)}


def _email(url: str | None) -> Email | None:
    """`smtp://`, `smtp+starttls://` or `smtps://user:password@host:port`, or `file:///folder`. None: no mail is sent."""
    if not url:
        return None
    parts = urlsplit(url)
    if parts.scheme == "file" and parts.path:
        return Email(folder=Path(unquote(parts.path)))
    if parts.scheme not in _MAIL_SCHEMES or not parts.hostname:
        raise BadConfiguration(
            "EMAIL_URL cannot be used. Write smtp://, smtp+starttls:// or smtps://user:password@host:port, "
            "or file:///folder; user and password percent-encoded."
        )
    security, port = _MAIL_SCHEMES[parts.scheme]
    try:
        port = parts.port or port
    except ValueError as error:
        raise BadConfiguration("EMAIL_URL has a port that is no number from 1 to 65535.") from error
    return Email(parts.hostname, port, unquote(parts.username or ""), unquote(parts.password or ""), security)


def _public_url(env: Mapping[str, str]) -> str:
    """The address that mails link to, without a slash at its end."""
    given = env.get("PUBLIC_URL")
    if not given:
        host = env.get("HOST") or "127.0.0.1"
        host = "127.0.0.1" if host in {"0.0.0.0", "::"} else host  # noqa: S104  # compared, not bound
        return f"http://{host}:{_port(env, 'PORT', DEFAULT_PORT)}"
    if urlsplit(given).scheme not in {"http", "https"} or not urlsplit(given).hostname:
        raise BadConfiguration(f"PUBLIC_URL={given!r} is no address. Write https:// and the console’s host.")
    return given.rstrip("/")


def _record_beside(database_url: str | None, home: Path) -> str:
    """Without RECORD_URL the record shares the register's PostgreSQL, or is a file of its own."""
    if database_url and not database_url.startswith("sqlite"):
        return database_url
    return f"sqlite:///{home / 'record.sqlite3'}"


def _port(env: Mapping[str, str], name: str, default: int) -> int:
    text = env.get(name)
    if not text:
        return default
    if not text.isascii() or not text.isdigit() or not 0 < int(text) < 65536:
        raise BadConfiguration(f"{name}={text!r} is no port number. Give a number from 1 to 65535.")
    return int(text)


def _check_processes(text: str | None) -> int:
    if not text:
        return min(max(1, (os.cpu_count() or 1) // 2), MOST_DEFAULT_CHECK_PROCESSES)
    if not text.isascii() or not text.isdigit() or not 0 < int(text) <= 64:
        raise BadConfiguration(f"CHECK_PROCESSES={text!r} is no number of processes. Give one from 1 to 64.")
    return int(text)


def _ingest_processes(text: str | None, record_url: str) -> int:
    embedded = record_url.startswith("sqlite")
    if not text:
        return 1 if embedded else min(os.cpu_count() or 1, MOST_DEFAULT_INGEST_PROCESSES)
    if not text.isascii() or not text.isdigit() or not 0 < int(text) <= 64:
        raise BadConfiguration(f"INGEST_PROCESSES={text!r} is no number of processes. Give one from 1 to 64.")
    if embedded and int(text) > 1:
        raise BadConfiguration(
            f"INGEST_PROCESSES={text}: a SQLite record is written by one process. Leave it out, or use PostgreSQL."
        )
    return int(text)


def _tier(text: str | None) -> PersonalDataTier:
    if not text:
        return PersonalDataTier.STANDARD
    try:
        return PersonalDataTier(text)
    except ValueError:
        raise BadConfiguration(
            f"PERSONAL_DATA_TIER={text!r} is no tier. Give 'standard' or 'regex'."
        ) from None


def _regions(text: str | None) -> tuple[str, ...]:
    if not text:
        return DEFAULT_PHONE_REGIONS
    regions = tuple(part.strip().upper() for part in text.split(",") if part.strip())
    if not all(len(region) == 2 and region.isascii() and region.isalpha() for region in regions):
        raise BadConfiguration(f"PHONE_REGIONS={text!r}: give ISO codes of countries, with commas: FR,GB,US.")
    return regions
