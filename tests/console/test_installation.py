"""An installation from its first minute to its last, as an operator and as a script see it."""

from __future__ import annotations

import json
import signal
import socket
import stat
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from console.processes.ports import taken_ports
from kernel.config import from_env
from tests.installations import Installation

pytestmark = [pytest.mark.integration, pytest.mark.xdist_group("installation")]


def get(url: str, headers: dict[str, str] | None = None) -> tuple[int, str]:
    request = urllib.request.Request(url, headers=headers or {})  # noqa: S310  # our own http address
    try:
        with urllib.request.urlopen(request, timeout=5) as response:  # noqa: S310
            return response.status, response.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Installation]:
    """An installation that the test may start and stop as it likes."""
    with Installation(tmp_path / "home", DEMO="0") as made:
        yield made


def test_every_process_answers_its_probes(installation: Installation) -> None:
    assert set(installation.processes) == {"web", "check", "ingest", "worker", "scanner", "beat"}
    for name, process in installation.processes.items():
        assert get(process["healthz"])[0] == 200, name
        assert get(process["readyz"])[0] == 200, name


def test_the_facts_of_the_first_run_are_for_the_owner_alone(installation: Installation) -> None:
    assert stat.S_IMODE((installation.home / "first-run.json").stat().st_mode) == 0o600
    assert stat.S_IMODE(installation.home.stat().st_mode) == 0o700


def test_the_facts_of_the_first_run_are_all_that_a_script_needs(installation: Installation) -> None:
    facts = installation.facts
    assert set(facts) == {
        "console_url",
        "admin_user",
        "admin_password",
        "check_url",
        "otlp_http",
        "otlp_grpc",
        "otlp_headers",
    }
    assert get(facts["console_url"])[0] == 200
    status, body = get(f"{facts['otlp_http']}/v1/whoami", facts["otlp_headers"])
    assert (status, json.loads(body)["key"]["name"]) == (200, "First key")
    host, port = facts["otlp_grpc"].split(":")
    with socket.create_connection((host, int(port)), timeout=5):
        pass


def test_it_says_how_to_sign_in_and_how_to_send_a_first_span(installation: Installation) -> None:
    said, facts = installation.said(), installation.facts
    key = facts["otlp_headers"]["Authorization"].removeprefix("Bearer ")
    for line in (
        f"Tutela answers at  {facts['console_url']}",
        f"Sign in as         {facts['admin_user']}",
        f"with the password  {facts['admin_password']}",
        f"export TUTELA_ENDPOINT={facts['otlp_http']}",
        f"export TUTELA_KEY={key}",
    ):
        assert line in said


def test_two_installations_never_share_a_password(installation: Installation, fresh: Installation) -> None:
    fresh.start()
    assert fresh.facts["admin_password"] != installation.facts["admin_password"]
    assert len(fresh.facts["admin_password"]) >= 20
    assert fresh.stop() == 0


def test_a_second_start_makes_nothing_anew_and_keeps_everything(fresh: Installation) -> None:
    fresh.start()
    facts = fresh.facts
    assert fresh.stop() == 0
    fresh.start()
    assert fresh.facts == facts
    assert get(f"{facts['otlp_http']}/v1/whoami", facts["otlp_headers"])[0] == 200
    _, _, second = fresh.said().partition("starting the processes")
    assert "migrations applied" not in second
    assert "made" not in second.partition("starting the processes")[0]
    last = second.rpartition("starting the processes")[2]
    assert facts["console_url"] in last
    assert facts["admin_password"] not in last
    assert f"stand in {fresh.home / 'first-run.json'}" in last


def test_ctrl_c_leaves_nobody_behind(fresh: Installation) -> None:
    fresh.start()
    everybody = fresh.tree()
    assert len(everybody) >= 5  # granian and Celery have children of their own
    assert fresh.stop(signal.SIGINT) == 0
    assert not any(process.is_running() for process in everybody)
    assert not (fresh.home / "processes.json").exists()


def test_a_supervisor_that_is_killed_leaves_no_orphan(fresh: Installation) -> None:
    fresh.start()
    everybody = fresh.tree()
    assert fresh.process is not None
    fresh.process.kill()
    fresh.process.wait()
    _, alive = psutil.wait_procs(everybody, timeout=45)
    assert alive == []


def test_a_web_server_that_is_killed_takes_its_workers_along_and_comes_back(fresh: Installation) -> None:
    fresh.start()
    server = psutil.Process(fresh.processes["web"]["pid"])
    workers = server.children(recursive=True)
    assert workers
    server.kill()
    _, alive = psutil.wait_procs(workers, timeout=15)
    assert alive == []
    deadline = time.monotonic() + 30
    while fresh.processes["web"]["pid"] == server.pid or not _answers(fresh.facts["console_url"]):
        assert time.monotonic() < deadline, fresh.said()
        time.sleep(0.2)
    assert "web ended (killed by SIGKILL); starting it again in 0.5 s" in fresh.said()


def _answers(url: str) -> bool:
    try:
        return get(f"{url}/readyz")[0] == 200
    except OSError:
        return False


def test_a_taken_port_is_said_before_anything_starts(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        made = Installation(tmp_path / "home", DEMO="0", OTLP_GRPC_PORT=str(port)).start(wait=False)
        assert made.process is not None
        assert made.process.wait(60) == 1
    assert (
        f"Port {port} (OTLP_GRPC_PORT) on 127.0.0.1 is taken by another program. Try OTLP_GRPC_PORT="
        in made.said()
    )
    assert not (made.home / "register.sqlite3").exists()


def test_two_taken_ports_are_not_sent_to_the_same_one(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        settings = {"TUTELA_HOME": str(tmp_path), "OTLP_HTTP_PORT": str(port), "OTLP_GRPC_PORT": str(port)}
        advised = [taken.free for taken in taken_ports(from_env(settings)) if taken.port == port]
    assert len(advised) == len(set(advised)) == 2


def test_a_setting_that_cannot_be_is_one_line_and_no_traceback(tmp_path: Path) -> None:
    made = Installation(tmp_path / "home", DEMO="0", PORT="eighty").start(wait=False)
    assert made.process is not None
    assert made.process.wait(60) == 1
    assert "PORT='eighty' is no port number" in made.said()
    assert "Traceback" not in made.said()


@pytest.mark.parametrize("variable", ["DATABASE_URL", "RECORD_URL"])
def test_a_database_that_is_not_there_is_said_without_a_traceback(tmp_path: Path, variable: str) -> None:
    made = Installation(
        tmp_path / "home", DEMO="0", **{variable: "postgresql://tutela:very-secret@127.0.0.1:1/tutela"}
    )
    made.start(wait=False)
    assert made.process is not None
    assert made.process.wait(60) == 1
    assert "A database does not answer" in made.said()
    assert "Traceback" not in made.said()
    assert "very-secret" not in made.said()


def test_two_servers_cannot_want_the_same_port(tmp_path: Path) -> None:
    made = Installation(tmp_path / "home", DEMO="0")
    made.settings["OTLP_HTTP_PORT"] = made.settings["PORT"]
    made.start(wait=False)
    assert made.process is not None
    assert made.process.wait(60) == 1
    assert "(OTLP_HTTP_PORT) is also PORT" in made.said()


def test_a_home_has_one_supervisor(installation: Installation, tmp_path: Path) -> None:
    second = Installation(tmp_path / "second", DEMO="0")
    second.settings["TUTELA_HOME"] = str(installation.home)
    second.start(wait=False)
    assert second.process is not None
    assert installation.process is not None
    assert second.process.wait(60) == 1
    assert (
        f"Tutela already runs from {installation.home} (process {installation.process.pid})" in second.said()
    )
    assert (installation.home / "first-run.json").exists()


def test_an_administrator_can_be_made_on_the_command_line(installation: Installation) -> None:
    done = installation.manage("create_administrator", "second@example.org", "--name", "Second", "--generate")
    assert done.returncode == 0, done.stderr
    assert "Password, shown once:" in done.stdout
    again = installation.manage("create_administrator", "Second@Example.org", "--generate")
    assert again.returncode == 1
    assert "Somebody already signs in with" in again.stderr


def test_a_weak_password_makes_no_administrator(installation: Installation) -> None:
    done = installation.manage("create_administrator", "third@example.org", "--stdin", given="password\n")
    assert done.returncode == 1
    assert "too short" in done.stderr
