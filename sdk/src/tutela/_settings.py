"""Settings: from the arguments of `register` first, then from the environment, each judged in words.

The `OTEL_EXPORTER_OTLP_*` variables are read as a set, and only when the endpoint itself comes from them: they may
belong to another backend, and its credentials must not travel to this one.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypedDict
from urllib.parse import unquote, urlsplit

from tutela import _keys, _problems
from tutela._problems import SettingsError

TRACES_PATH = "/v1/traces"
_LOOPBACK = ("localhost", "127.", "::1")
_OTLP_ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")


class Options(TypedDict, total=False):
    """What `register` takes beside endpoint and key. Every one may come from the environment instead."""

    deployment: str | None
    service_name: str | None
    service_namespace: str | None
    environment: str | None
    site: str | None
    capture: str | None
    host: str | None
    instrument: str | list[str] | tuple[str, ...] | None
    protocol: str | None
    certificate: str | None
    client_certificate: str | None
    client_key: str | None
    compression: str | None
    timeout: float | None
    retry_for: float | None
    shutdown_timeout: float | None
    queue_size: int | None
    batch_size: int | None
    delay: float | None


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that is needed to send, already judged. Times are seconds. The repr hides headers."""

    url: str  # where requests go: …/v1/traces over HTTP, scheme://host:port over gRPC
    headers: tuple[tuple[str, str], ...] = field(repr=False)
    protocol: str
    deployment: str
    service_name: str
    service_namespace: str
    environment: str
    site: str
    capture: str
    host: str
    instrument: tuple[str, ...]
    certificate: str
    client_certificate: str
    client_key: str
    compression: str
    timeout: float
    retry_for: float
    shutdown_timeout: float
    queue_size: int
    batch_size: int
    delay: float

    @property
    def base(self) -> str:
        """The address before the path, where the server also answers questions about what it received."""
        return self.url.removesuffix(TRACES_PATH)

    @property
    def keyed(self) -> bool:
        return any(name == "authorization" for name, _ in self.headers)

    @property
    def in_clear(self) -> bool:
        """Whether a key travels unencrypted over a network."""
        host = urlsplit(self.url).hostname or ""
        return self.keyed and self.url.startswith("http://") and not host.startswith(_LOOPBACK)


def resolve(
    endpoint: object, key: object, options: Mapping[str, object], environ: Mapping[str, str]
) -> Settings:
    """The settings to work with. Raises SettingsError with the first thing that cannot be used."""
    _refuse_unknown(options)
    reader = _Reader({**options, "endpoint": endpoint, "key": key}, environ)
    address = reader.text("endpoint", "TUTELA_ENDPOINT", *_OTLP_ENDPOINTS)
    reader.otlp = reader.source in _OTLP_ENDPOINTS
    whole = reader.source == _OTLP_ENDPOINTS[0]
    protocol = reader.choice("protocol", _PROTOCOLS, "http", "TUTELA_PROTOCOL", *_otlp("PROTOCOL"))
    return Settings(
        url=_url(address, protocol, whole=whole),
        headers=_headers(reader),
        protocol=protocol,
        deployment=reader.text("deployment", "TUTELA_DEPLOYMENT"),
        service_name=reader.text("service_name"),
        service_namespace=reader.text("service_namespace", "TUTELA_SERVICE_NAMESPACE"),
        environment=reader.text("environment", "TUTELA_ENVIRONMENT"),
        site=reader.text("site", "TUTELA_SITE"),
        capture=reader.choice("capture", _CAPTURES, "full", "TUTELA_CAPTURE"),
        host=reader.choice("host", _HOSTS, "hash", "TUTELA_HOST"),
        instrument=reader.names("instrument", "TUTELA_INSTRUMENT"),
        certificate=reader.file("certificate", "TUTELA_CERTIFICATE", *_otlp("CERTIFICATE")),
        client_certificate=reader.file(
            "client_certificate", "TUTELA_CLIENT_CERTIFICATE", *_otlp("CLIENT_CERTIFICATE")
        ),
        client_key=reader.file("client_key", "TUTELA_CLIENT_KEY", *_otlp("CLIENT_KEY")),
        compression=reader.choice(
            "compression", _COMPRESSIONS, "gzip", "TUTELA_COMPRESSION", *_otlp("COMPRESSION")
        ),
        timeout=reader.number("timeout", 10.0, "TUTELA_TIMEOUT", *_otlp("TIMEOUT")),
        retry_for=reader.number("retry_for", 300.0, "TUTELA_RETRY_FOR", least=0.0),
        shutdown_timeout=reader.number("shutdown_timeout", 5.0, "TUTELA_SHUTDOWN_TIMEOUT", least=0.0),
        queue_size=int(reader.number("queue_size", 8192, "OTEL_BSP_MAX_QUEUE_SIZE", least=1)),
        batch_size=int(reader.number("batch_size", 512, "OTEL_BSP_MAX_EXPORT_BATCH_SIZE", least=1)),
        delay=_delay(reader),
    )


_PROTOCOLS = {"http": "http", "http/protobuf": "http", "grpc": "grpc"}
_CAPTURES = {"full": "full", "none": "none"}
_HOSTS = {"hash": "hash", "name": "name", "off": "off"}
_COMPRESSIONS = {"gzip": "gzip", "none": "none"}


def _otlp(name: str) -> tuple[str, str]:
    return (f"OTEL_EXPORTER_OTLP_TRACES_{name}", f"OTEL_EXPORTER_OTLP_{name}")


class _Reader:
    """Reads one setting after the other and remembers where the last one came from."""

    def __init__(self, given: Mapping[str, object], environ: Mapping[str, str]) -> None:
        self._given, self._environ = given, environ
        self.otlp = True
        self.source = ""

    def raw(self, name: str, *variables: str) -> object:
        self.source = name
        if self._given.get(name) is not None:
            return self._given[name]
        for variable in variables:
            if variable.startswith("OTEL_EXPORTER_OTLP_") and not self.otlp:
                continue
            if self._environ.get(variable, "").strip():
                self.source = variable
                return self._environ[variable].strip()
        return None

    def text(self, name: str, *variables: str) -> str:
        value = self.raw(name, *variables)
        if value is None:
            return ""
        if not isinstance(value, str):
            raise _unusable(self.source, f"it is of type {type(value).__name__}, and must be text")
        return _sound(self.source, value.strip())

    def file(self, name: str, *variables: str) -> str:
        value = self.text(name, *variables)
        if value and not Path(value).is_file():
            raise _unusable(self.source, f"there is no file {value[:200]}")
        return value

    def choice(self, name: str, allowed: Mapping[str, str], default: str, *variables: str) -> str:
        value = self.text(name, *variables).lower()
        if not value:
            return default
        if value not in allowed:
            raise _unusable(self.source, f"it is “{value[:40]}”, and must be one of {', '.join(allowed)}")
        return allowed[value]

    def number(self, name: str, default: float, *variables: str, least: float = 0.001) -> float:
        value = self.raw(name, *variables)
        if value is None:
            return default
        number = _as_number(self.source, value)
        if not least <= number <= _GREATEST:
            raise _unusable(
                self.source, f"it is {number:g}, and must lie between {least:g} and {_GREATEST:g}"
            )
        return number

    def names(self, name: str, *variables: str) -> tuple[str, ...]:
        value = self.raw(name, *variables)
        if value is None:
            return ()
        items = value.split(",") if isinstance(value, str) else value
        if not isinstance(items, (list, tuple)) or not all(isinstance(item, str) for item in items):
            raise _unusable(self.source, "it must be a list of names, or the word auto")
        return tuple(stripped for item in items if (stripped := _sound(self.source, item.strip())))


_GREATEST = 1e6  # seconds or spans: beyond it, somebody mistook the unit


def _as_number(source: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise _unusable(source, f"it is of type {type(value).__name__}, and must be a number")
    try:
        number = float(value)
    except (ValueError, OverflowError):
        raise _unusable(source, "it is no number that can be used") from None
    if not math.isfinite(number):
        raise _unusable(source, "it is not finite")
    return number


def _sound(source: str, value: str) -> str:
    try:
        value.encode()
    except UnicodeEncodeError:
        raise _unusable(source, "it holds half a character (a lone surrogate)") from None
    if any(
        ord(character) < 0x20 or ord(character) == 0x7F for character in value
    ):  # ASCII's control characters
        raise _unusable(source, "it holds a control character, such as a line break")
    return value


def _delay(reader: _Reader) -> float:
    """Seconds between sends. OTEL_BSP_SCHEDULE_DELAY is in milliseconds, as its specification says."""
    value = reader.number("delay", 1.0, "OTEL_BSP_SCHEDULE_DELAY")
    return value / 1000 if reader.source == "OTEL_BSP_SCHEDULE_DELAY" else value


def _url(address: str, protocol: str, *, whole: bool) -> str:
    if not address:
        raise SettingsError(
            _problems.of_setting(
                "endpoint",
                "it is missing: no endpoint was given, and TUTELA_ENDPOINT is not set",
                then="give the OTLP address that `make run` prints, for example http://tutela.example:4318",
            )
        )
    if "://" not in address and protocol == "grpc":
        address = f"http://{address}"
    _refuse_bad_address(address)
    address = address.rstrip("/")
    if protocol == "grpc":
        return address
    return address if whole or address.endswith(TRACES_PATH) else address + TRACES_PATH


def _refuse_bad_address(address: str) -> None:
    if " " in address:
        raise _unusable("endpoint", "it holds a blank")
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise _unusable("endpoint", f"it is no address ({error})") from None
    if parts.scheme not in {"http", "https"} or not host:
        raise _unusable("endpoint", "it must begin with http:// or https:// and name a host")
    if parts.query or parts.fragment or parts.username is not None:
        raise _unusable(
            "endpoint", "it must hold neither a user, nor a ?, nor a #: the key goes into TUTELA_KEY"
        )


def _headers(reader: _Reader) -> tuple[tuple[str, str], ...]:
    headers = _parse_headers(reader.text("", *_otlp("HEADERS"))) if reader.otlp else {}
    key = _keys.clean(reader.text("key", "TUTELA_KEY"))
    if key:
        if (problem := _keys.problem_of(key)) is not None:
            raise SettingsError(problem)
        headers["authorization"] = f"Bearer {key}"
    return tuple(sorted(headers.items()))


def _parse_headers(text: str) -> dict[str, str]:
    """Headers as OpenTelemetry writes them in the environment: `a=b,c=d`, values percent-encoded."""
    pairs = (item.partition("=") for item in text.split(",") if "=" in item)
    headers = {name.strip().lower(): unquote(value.strip()) for name, _, value in pairs}
    if any(
        not (name + value).isascii() or not (name + value).isprintable() for name, value in headers.items()
    ):
        raise _unusable("OTEL_EXPORTER_OTLP_HEADERS", "a header holds a character that HTTP does not allow")
    return headers


def _refuse_unknown(options: Mapping[str, object]) -> None:
    unknown = sorted(set(options) - set(Options.__annotations__))
    if unknown:
        raise _unusable(unknown[0], "there is no such setting", then="look it up in the table of the README")


def _unusable(name: str, why: str, *, then: str = "correct it, or leave it out") -> SettingsError:
    return SettingsError(_problems.of_setting(name, why, then=then))
