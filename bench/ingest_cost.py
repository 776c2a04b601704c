"""What one span costs, stage by stage, in CPU time: on a loaded machine this says more than any clock on the wall.

python -m bench.ingest_cost [--batch 512] [--group 4] [--rounds 12] [--engines sqlite,postgresql] [--profile write]
One process, one thread, no network: decode, then keep + normalise + capture, then the transaction; for PostgreSQL
the server's own CPU as well.
"""

from __future__ import annotations

import argparse
import cProfile
import gc
import os
import pstats
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager

from bench.ingest import records, server_cpu_s
from bench.ingest_load import Bodies
from kernel import clock
from telemetry.receiver import decode
from telemetry.receiver.intake import Intake
from telemetry.store import migrate, open_store
from tests.telemetry.receiver.ingest_process import CONTENT_KEY, GOOD, StandingKeys, StandingSenders

STAGES = ("decode", "normalise", "write", "database")


@contextmanager
def timed(into: list[float], profile: cProfile.Profile | None = None) -> Iterator[None]:
    """Adds the CPU seconds of this process to the list."""
    begun = time.process_time()
    if profile is not None:
        profile.enable()
    yield
    if profile is not None:
        profile.disable()
    into.append(time.process_time() - begun)


def measure(url: str, given: argparse.Namespace, postmaster: int | None) -> dict[str, float]:
    """Median µs per span of every stage."""
    store = open_store(url)
    key = StandingKeys().find(GOOD.public_id)
    assert key is not None
    intake = Intake(store, senders=StandingSenders(), keys=store.keys(CONTENT_KEY), content_key=CONTENT_KEY)
    bodies = Bodies(given.batch, repeat_texts=given.repeat_texts)
    times: dict[str, list[float]] = {stage: [] for stage in STAGES}
    profile = {given.profile: cProfile.Profile(time.process_time)} if given.profile else {}
    for _ in range(given.rounds):
        requests = [bodies.fresh() for _ in range(given.group)]
        with timed(times["decode"], profile.get("decode")):
            for body in requests:
                decode.decode_traces(body)
        with timed(times["normalise"], profile.get("normalise")):
            batches = [
                intake.traces(body, key=key, json=False, received_ns=clock.now_ns()) for body in requests
            ]
        before = server_cpu_s(postmaster)
        with timed(times["write"], profile.get("write")):
            store.write(batches)
        times["database"].append(server_cpu_s(postmaster) - before)
        gc.collect()
    store.close()
    for found in profile.values():
        pstats.Stats(found).sort_stats("tottime").print_stats(30)
    spans = given.batch * given.group
    cost = {stage: 1e6 * statistics.median(values) / spans for stage, values in times.items()}
    cost["normalise"] -= cost["decode"]  # the intake decodes as well
    cost["database"] = 1e6 * sum(times["database"]) / spans / given.rounds  # its clock ticks are coarse
    return cost


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--batch", type=int, default=512)
    arguments.add_argument("--group", type=int, default=4, help="requests of one transaction")
    arguments.add_argument("--rounds", type=int, default=12)
    arguments.add_argument("--repeat-texts", action="store_true")
    arguments.add_argument("--engines", default="sqlite,postgresql")
    arguments.add_argument("--profile", choices=STAGES[:3], help="also profile this stage")
    given = arguments.parse_args()
    print("| engine | decode | normalise and capture | write | of which in all | database server |")
    print("|---|---|---|---|---|---|")
    with records() as (urls, postmaster):
        for engine in given.engines.split(","):
            migrate(urls[engine])
            cost = measure(urls[engine], given, postmaster if engine == "postgresql" else None)
            whole = cost["decode"] + cost["normalise"] + cost["write"]
            print(
                f"| {engine} | {cost['decode']:.0f} | {cost['normalise']:.0f} | {cost['write']:.0f} | {whole:.0f} "
                f"| {cost['database']:.0f} |",
                flush=True,
            )
    print(f"\nµs of CPU per span; load average {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
