"""The past, day by day, as parcels in order of the moment at which they got out."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, timedelta

from demo.conversations.engine import Engine
from demo.flows import Flow, load, play, rhythm
from demo.past import wire
from demo.past.wire import Parcel
from kernel import clock

NS_PER_MS = 1_000_000
DELIVERY_NS = 2 * clock.NANOSECONDS_PER_SECOND
"""What batching and the way take."""
DAYS = 90


def day_of(flow: Flow, site: str, day: date, *, last: date) -> Iterator[Parcel]:
    """Everything that a flow says of one day at a site, in no particular order."""
    name = f"{flow.name}/{site}/{day.isoformat()}"
    rng = random.Random(name)  # a text as seed gives the same numbers in every process and on every machine
    engine = _engine(flow, day, last)
    for number, began_ns in enumerate(rhythm.beginnings(flow, site, day, last=last, rng=rng)):
        device = rng.randrange(flow.devices) if flow.devices else None
        resource = flow.resource_at(site, device)
        for act, scene in enumerate(play(flow, engine=engine, rng=rng)):
            start_ns = began_ns + scene.after * NS_PER_MS
            ready_ns = start_ns + scene.root.duration * NS_PER_MS + DELIVERY_NS
            yield from wire.parcels(
                flow,
                scene,
                name=f"{name}/{number}/{act}",
                start_ns=start_ns,
                out_ns=rhythm.let_out(flow, ready_ns, last=last),
                resource=resource,
            )
        if flow.noise:
            yield wire.noise(
                flow, name=f"{name}/{number}/noise", start_ns=began_ns, out_ns=began_ns + DELIVERY_NS
            )


def everything(*, last: date, length: int = DAYS) -> Iterator[tuple[date, list[Parcel]]]:
    """Each of the `length` days of the past with the parcels that got out on it, oldest first.

    What gets out later than its own day waits for that day; what is still waiting after the last day never comes.
    """
    waiting: list[Parcel] = []
    for days_ago in range(length - 1, -1, -1):
        day = last - timedelta(days=days_ago)
        for flow in load():
            for site in flow.sites:
                waiting.extend(day_of(flow, site, day, last=last))
        end_ns = (clock.epoch_day(_noon_ns(day)) + 1) * clock.NANOSECONDS_PER_DAY
        out = sorted((parcel for parcel in waiting if parcel.out_ns < end_ns), key=lambda one: one.out_ns)
        waiting = [parcel for parcel in waiting if parcel.out_ns >= end_ns]
        yield day, out


def _engine(flow: Flow, day: date, last: date) -> Engine:
    engine = flow.engine_at((last - day).days)
    if rhythm.in_trouble(flow, day, last=last):
        return engine.in_trouble(failing=0.27, slower=3.2)
    return engine


def _noon_ns(day: date) -> int:
    return (day - date(1970, 1, 1)).days * clock.NANOSECONDS_PER_DAY + clock.NANOSECONDS_PER_DAY // 2
