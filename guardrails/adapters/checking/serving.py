"""The check process: engines loaded once, HTTP until SIGTERM, then the answers that are under way, and no more."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable

import structlog
from granian.constants import HTTPModes
from granian.server.embed import Server

from guardrails.adapters.checking.answers import Checker
from guardrails.adapters.checking.http import CheckApp

log = structlog.get_logger(__name__)

LAME_DUCK_S = 0.3


def serve(app: CheckApp, *, host: str, port: int, load: Callable[[], Checker]) -> None:
    """Answer until SIGTERM or SIGINT. Blocks; must run on the main thread. `load` may take its time: probes answer before."""
    asyncio.run(_serve(app, host, port, load))


async def _serve(app: CheckApp, host: str, port: int, load: Callable[[], Checker]) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    server = Server(app, address=host, port=port, http=HTTPModes.http1, websockets=False, log_enabled=False)
    serving = asyncio.create_task(server.serve())
    loading = asyncio.create_task(_load(app, load))
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
    app.closing = True
    if not serving.done():
        await asyncio.sleep(LAME_DUCK_S)
        server.stop()  # type: ignore[no-untyped-call]  # granian's method is untyped
    loading.cancel()
    stopping.cancel()
    await serving
    app.close()


async def _load(app: CheckApp, load: Callable[[], Checker]) -> None:
    try:
        app.checker = await asyncio.to_thread(load)
    except Exception as error:
        app.broken = str(error)  # no text was read yet: it can only speak of models
        log.exception("check.engines_unusable")
    else:
        log.info("check.ready")
