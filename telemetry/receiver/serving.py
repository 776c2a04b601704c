"""The ingest process: HTTP and gRPC on one loop, until SIGTERM; then what was taken in is written, and only then it ends."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import gc
import signal
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

import structlog
from granian._granian import SocketHolder
from granian.constants import HTTPModes
from granian.server.embed import Server

from kernel.config import BadConfiguration, Config
from kernel.contracts.ingest import KeyDirectory, SenderDirectory
from telemetry.pricing import Pricer
from telemetry.receiver.app import Receiver
from telemetry.receiver.http import HttpApp
from telemetry.receiver.probes import serve_probes
from telemetry.receiver.rpc import make_server
from telemetry.store import Store, StoreUnavailable
from telemetry.store.engines import normalised_url

log = structlog.get_logger(__name__)

BACKLOG = 1024
LAME_DUCK_S = 0.5
"""Between SIGTERM and closing the port: kept-alive connections are told to go elsewhere with their next answer."""
DRAIN_S = 30.0
GC_THRESHOLDS = (50_000, 20, 50)
"""How seldom Python looks for cycles: a batch is a hundred thousand objects without any, and looking at them is in vain."""
FLUSH_S = 0.05
"""The last answers leave on granian's own threads; nothing says when they have."""

Ready = Callable[[int, int], None]


class PortTaken(BadConfiguration):
    """Another program listens where we should."""


class AlreadyRunning(BadConfiguration):
    """Another ingest process has this SQLite record."""


def serve(
    config: Config,
    *,
    keys: KeyDirectory,
    senders: SenderDirectory,
    store: Store,
    pepper: bytes,
    content_key: bytes,
    pricer: Pricer | None = None,
    probe_port: int = 0,
    ready: Ready | None = None,
) -> None:
    """Take telemetry in until SIGTERM or SIGINT. Blocks; must run on the main thread.

    Without a `pricer` no price is known, and every call that used something is unpriced. `probe_port`, unless 0, is a loopback port for the probes of this process alone: where several share a port, nobody
    can choose which of them answers. `ready` is told the HTTP and the gRPC port once both listen. Raises PortTaken, AlreadyRunning or NotMigrated.
    """
    with contextlib.suppress(
        StoreUnavailable
    ):  # a database that is away now is answered with 503 until it is back
        store.check_ready()
    gc.freeze()
    gc.set_threshold(*GC_THRESHOLDS)
    receiver = Receiver(config, keys, senders, store, pepper=pepper, content_key=content_key, pricer=pricer)
    with _only_process(store):
        asyncio.run(_serve(receiver, probe_port, ready))


async def _serve(receiver: Receiver, probe_port: int, ready: Ready | None) -> None:
    config = receiver.config
    reuse_port = not receiver.store.embedded
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    with contextlib.closing(_listen(config, reuse_port=reuse_port)) as listener:
        rpc = make_server(receiver, reuse_port=reuse_port)
        grpc_port = _bind_grpc(rpc, config)
        app = HttpApp(receiver)
        http = _Http(app, listener)
        http_port = listener.getsockname()[1]  # granian owns the socket from here on
        receiver.start()
        await rpc.start()
        serving = asyncio.create_task(http.serve())
        probes = await serve_probes(probe_port, app.not_ready) if probe_port else None
        log.info("ingest.ready", http_port=http_port, grpc_port=grpc_port)
        if ready is not None:
            ready(http_port, grpc_port)
        await stop.wait()
        log.info("ingest.stopping")
        await _stop(app, http, serving, rpc)
        await receiver.close()
        if probes is not None:
            probes.close()
        log.info("ingest.stopped")


async def _stop(app: HttpApp, http: _Http, serving: asyncio.Task[None], rpc: Any) -> None:
    """Nothing that was accepted goes without its answer."""
    app.closing = True
    stopping_rpc = asyncio.create_task(rpc.stop(DRAIN_S))
    await asyncio.sleep(LAME_DUCK_S)
    http.stop()  # type: ignore[no-untyped-call]  # granian's method is untyped
    await serving
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(app.idle(), DRAIN_S)
    await asyncio.sleep(FLUSH_S)
    await stopping_rpc


class _Http(Server):
    """Granian inside our loop, on a socket that we opened: so that we decide who may share the port."""

    def __init__(self, app: HttpApp, listener: socket.socket) -> None:
        super().__init__(app, http=HTTPModes.auto, websockets=False, log_enabled=False)
        self._listener = listener

    def _init_shared_socket(self) -> None:
        holder: Any = SocketHolder  # its stub leaves the constructor out
        self._ssp = None
        self._shd: Any = holder(self._listener.detach(), False, BACKLOG)  # noqa: FBT003  # not a Unix socket


def _listen(config: Config, *, reuse_port: bool) -> socket.socket:
    family = socket.AF_INET6 if ":" in config.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if reuse_port:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    try:
        listener.bind((config.host, config.otlp_http_port))
    except OSError as error:
        listener.close()
        raise _taken(config, config.otlp_http_port, "OTLP_HTTP_PORT") from error
    listener.listen(BACKLOG)
    listener.setblocking(False)  # noqa: FBT003  # the standard library's signature
    return listener


def _bind_grpc(rpc: Any, config: Config) -> int:
    host = f"[{config.host}]" if ":" in config.host else config.host
    try:
        port: int = rpc.add_insecure_port(f"{host}:{config.otlp_grpc_port}")
    except RuntimeError as error:
        raise _taken(config, config.otlp_grpc_port, "OTLP_GRPC_PORT") from error
    return port


def _taken(config: Config, port: int, setting: str) -> PortTaken:
    return PortTaken(
        f"Port {port} on {config.host} cannot be opened: another program listens there. "
        f"Stop that program, or set {setting} to a free port."
    )


@contextlib.contextmanager
def _only_process(store: Store) -> Iterator[None]:
    """A SQLite record has exactly one ingest process: its caches know everything, and its lock is never waited for."""
    database = normalised_url(store.url).database
    if not store.embedded or not database or database == ":memory:":
        yield
        return
    with Path(f"{database}.ingest-lock").open("w", encoding="utf-8") as file:
        _lock(file)
        yield


def _lock(file: IO[str]) -> None:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        raise AlreadyRunning(
            "Another ingest process already writes this SQLite record. Stop it, or use PostgreSQL for several."
        ) from error
