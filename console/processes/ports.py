"""Whether the installation's ports are free, said before anything starts."""

from __future__ import annotations

import errno
import socket
from dataclasses import dataclass

from kernel.config import Config

_TRIES = 200


@dataclass(frozen=True, slots=True)
class TakenPort:
    """A port that cannot be had: the variable that moves it, why, and a port that is free."""

    variable: str
    port: int
    reason: str
    free: int | None

    def __str__(self) -> str:
        advice = f"{self.variable}={self.free}" if self.free else f"another {self.variable}"
        return f"Port {self.port} ({self.variable}) {self.reason}. Try {advice}."


def taken_ports(config: Config) -> list[TakenPort]:
    """Those of our ports that cannot be bound now, a port wanted twice included."""
    wanted = {
        "PORT": config.port,
        "OTLP_HTTP_PORT": config.otlp_http_port,
        "OTLP_GRPC_PORT": config.otlp_grpc_port,
    }
    if config.check_api:
        wanted["CHECK_PORT"] = config.check_port
    found: list[TakenPort] = []
    seen: dict[int, str] = {}
    avoid = set(wanted.values())
    for variable, port in wanted.items():
        reason = f"is also {seen[port]}" if port in seen else _obstacle(config.host, port)
        seen.setdefault(port, variable)
        if reason:
            free = _next_free(config.host, port, avoid)
            avoid |= {free} if free else set()  # two ports that are taken must not be sent to the same one
            found.append(TakenPort(variable, port, reason, free))
    return found


def _obstacle(host: str, port: int) -> str | None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(
            socket.SOL_SOCKET, socket.SO_REUSEADDR, 1
        )  # closed connections in TIME_WAIT are no obstacle
        try:
            probe.bind((host, port))
            probe.listen()
        except OSError as error:
            return _in_words(error, host)
    return None


def _in_words(error: OSError, host: str) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"on {host} is taken by another program"
    if error.errno == errno.EACCES:
        return f"on {host} is reserved for the system's administrator"
    return f"on {host} cannot be had: {error.strerror}"


def _next_free(host: str, port: int, avoid: set[int]) -> int | None:
    candidates = (number for number in range(max(port, 1024) + 1, 65536) if number not in avoid)
    for number, _ in zip(candidates, range(_TRIES), strict=False):
        if _obstacle(host, number) is None:
            return number
    return None
