"""Which traces already have a stored span: asked of memory first, of the store only for the rest."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable

from telemetry.store import Store

REMEMBERED_TRACES = 100_000


class KnownTraces:
    """The traces stored last by this process, in front of the store. A trace never becomes unknown while it matters."""

    def __init__(self, store: Store, *, limit: int = REMEMBERED_TRACES) -> None:
        self._store = store
        self._limit = limit
        self._recent: OrderedDict[bytes, None] = OrderedDict()
        self._lock = threading.Lock()

    def remember(self, trace_ids: Iterable[bytes]) -> None:
        with self._lock:
            for trace_id in trace_ids:
                self._recent[trace_id] = None
            while len(self._recent) > self._limit:
                self._recent.popitem(last=False)

    def known(self, trace_ids: set[bytes]) -> set[bytes]:
        """Those of the traces that have a stored span."""
        with self._lock:
            found = {trace_id for trace_id in trace_ids if trace_id in self._recent}
        unsure = trace_ids - found
        return found | self._store.known_traces(unsure) if unsure else found
