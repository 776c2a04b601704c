"""Which processes an installation has."""

from __future__ import annotations

from console.celery import settings_for
from console.processes.pulse import NICE_VARIABLE, PORT_VARIABLE
from console.processes.table import processes
from kernel.config import from_env

POSTGRESQL = {"DATABASE_URL": "postgresql://tutela@db.example.org/tutela"}


def test_a_record_in_a_file_has_one_ingest_process() -> None:
    ingest = [spec for spec in processes(from_env({}), demo=False) if spec.name.startswith("ingest")]
    assert [(spec.name, spec.probes) for spec in ingest] == [("ingest", "http://127.0.0.1:4318")]


def test_each_of_several_ingest_processes_has_probes_of_its_own() -> None:
    config = from_env(POSTGRESQL | {"INGEST_PROCESSES": "3"})
    ingest = [spec for spec in processes(config, demo=False) if spec.name.startswith("ingest")]
    assert [spec.name for spec in ingest] == ["ingest", "ingest-2", "ingest-3"]
    assert len({spec.probes for spec in ingest}) == 3
    assert all(spec.probes == f"http://127.0.0.1:{spec.environment[PORT_VARIABLE]}" for spec in ingest)


def test_every_queue_has_a_worker_that_reads_it() -> None:
    config = from_env({})
    read = {
        queue
        for spec in processes(config, demo=False)
        if "--queues" in spec.command
        for queue in spec.command[spec.command.index("--queues") + 1].split(",")
    }
    assert {queue.name for queue in settings_for(config)["task_queues"]} <= read


def test_the_checks_stand_back_for_whoever_takes_telemetry_in() -> None:
    (scanner,) = (spec for spec in processes(from_env({}), demo=False) if spec.name == "scanner")
    assert int(scanner.environment[NICE_VARIABLE]) > 0
