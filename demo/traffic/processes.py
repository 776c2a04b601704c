"""The live process and its children: one for each endpoint with our SDK, one for all the plain ones.

The parent starts no thread, so that it can fork again when a child falls, and has imported what its children share. Children die with it, however it ends.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.process import BaseProcess

from console.processes.death import die_with_parent
from demo.flows import load
from demo.traffic import registered
from demo.traffic.stop import Stop
from demo.traffic.target import Target

PATIENCE_S = 8.0
RESTART_AFTER_S = 5.0
TICK_S = 0.5

Work = Callable[[Stop, int], None]


@dataclass(slots=True)
class Child:
    """One endpoint's process; `fell_at` while it waits to be started again."""

    name: str
    work: Work
    process: BaseProcess | None = None
    fell_at: float = 0.0


def run(target: Target, stop: Stop) -> None:
    """Send until `stop` is set; then let every endpoint deliver what waits."""
    logging.getLogger("opentelemetry").setLevel(logging.ERROR)  # an ingest that restarts is no news here
    children = [Child(name, work) for name, work in _endpoints(target).items()]
    try:
        while not stop.is_set():
            for child in children:
                _tend(child)
            stop.wait(TICK_S)
    finally:
        _end(children)


def _endpoints(target: Target) -> dict[str, Work]:
    """What each child does, by name."""
    found: dict[str, Work] = {"plain": _plain(target)}
    for flow in load():
        if flow.via == "sdk":
            for site in flow.sites:
                found[f"{flow.name} {site}".strip()] = _registered(flow.name, site, target)
    return found


def _plain(target: Target) -> Work:
    def work(stop: Stop, seed: int) -> None:
        from demo.traffic import plain  # in the child alone: gRPC does not like to be forked

        plain.run([flow for flow in load() if flow.via != "sdk"], target, stop, seed=seed)

    return work


def _registered(name: str, site: str, target: Target) -> Work:
    def work(stop: Stop, seed: int) -> None:
        flow = next(flow for flow in load() if flow.name == name)
        registered.run(flow, site, target, stop, seed=seed)

    return work


def _tend(child: Child) -> None:
    """Start a child that does not run, not sooner than a while after it fell."""
    if child.process is not None and child.process.is_alive():
        return
    if child.process is not None:
        child.process.close()
        child.process, child.fell_at = None, time.monotonic()
    if not child.fell_at or time.monotonic() - child.fell_at >= RESTART_AFTER_S:
        context = multiprocessing.get_context("fork")
        child.process = context.Process(
            target=_be, args=(child.work, os.getpid()), name=child.name, daemon=True
        )
        child.process.start()


def _be(work: Work, parent: int) -> None:
    """The child's whole life."""
    stop = Stop()
    signal.signal(signal.SIGTERM, stop.set)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a Ctrl-C reaches the parent, which ends us in order
    die_with_parent(parent)
    work(stop, time.time_ns())


def _end(children: list[Child]) -> None:
    alive = [child.process for child in children if child.process is not None and child.process.is_alive()]
    for process in alive:
        process.terminate()
    until = time.monotonic() + PATIENCE_S
    for process in alive:
        process.join(max(0.0, until - time.monotonic()))
        if process.is_alive():
            process.kill()
