"""Which processes an installation has."""

from __future__ import annotations

from console.processes.pulse import PORT_VARIABLE
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
