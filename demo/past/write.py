"""Writes the past: composes it, and hands it to the same code that takes telemetry off the wire."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby

from demo.past import days, wire
from demo.past.keys import KeysAhead
from demo.past.wire import Parcel
from inventory.adapters.costs import RegisterCostProfileDirectory
from inventory.adapters.directories import RegisterKeyDirectory, RegisterSenderDirectory
from inventory.adapters.prices import RegisterPriceDirectory
from kernel import clock, tokens
from kernel.config import Config, Secrets
from kernel.contracts.ingest import KeyFacts
from telemetry.pricing import Pricer
from telemetry.receiver.intake import Intake
from telemetry.store import Batch, Store, open_store

FILE = "demo-past.json"
SENT_TWICE_EVERY = 150
"""One request in so many is sent again, as exporters do whose answer got lost."""
SPANS_AT_ONCE = 2000
"""Spans of one transaction."""

Say = Callable[[str], None]


@dataclass(slots=True)
class Outcome:
    """What became of the past. received = stored + duplicate + rejected. `seconds` is what it took."""

    received: int = 0
    stored: int = 0
    duplicate: int = 0
    rejected: int = 0
    requests: int = 0
    seconds: float = 0.0
    already: bool = field(default=False)


def write(
    config: Config,
    secrets: Secrets,
    *,
    keys: Mapping[str, str],
    say: Say,
    until_ns: int | None = None,
    length: int = days.DAYS,
) -> Outcome:
    """Write the `length` days before `until_ns` (now), unless they were written before.

    The moment at which the past ends is kept, so that a run that was cut off is finished with the same spans: those
    that are there already are duplicates.
    """
    anchor = config.home / FILE
    kept = (
        json.loads(anchor.read_text("utf-8")) if anchor.exists() else {"until_ns": until_ns or clock.now_ns()}
    )
    if kept.get("done"):
        return Outcome(already=True)
    anchor.write_text(json.dumps(kept), "utf-8")
    outcome = _write(config, secrets, keys=keys, say=say, until_ns=kept["until_ns"], length=length)
    anchor.write_text(json.dumps(kept | {"done": True}), "utf-8")
    return outcome


def _write(
    config: Config, secrets: Secrets, *, keys: Mapping[str, str], say: Say, until_ns: int, length: int
) -> Outcome:
    began = time.monotonic()
    outcome = Outcome()
    last = clock.from_ns(until_ns).date()
    ahead = KeysAhead(config.record_url, content_key=secrets.content_key, last_day=clock.epoch_day(until_ns))
    with (
        closing(open_store(config.record_url)) as store,
        closing(RegisterSenderDirectory()) as senders,
        closing(ahead),
    ):
        intake = Intake(
            store,
            senders=senders,
            keys=ahead.cached(),
            content_key=secrets.content_key,
            pricer=Pricer(RegisterPriceDirectory(), RegisterCostProfileDirectory(senders.resolve)),
        )
        facts = _facts(keys)
        batches: list[Batch] = []
        for number, (day, parcels) in enumerate(days.everything(last=last, length=length), start=1):
            batches += _taken(intake, facts, parcels, until_ns)
            if sum(len(batch.spans) for batch in batches) >= SPANS_AT_ONCE or day == last:
                _commit(store, intake, batches, outcome)
                batches = []
            _progress(say, number, day, outcome)
    outcome.seconds = time.monotonic() - began
    return outcome


def _facts(keys: Mapping[str, str]) -> dict[str, KeyFacts]:
    """What the register says of each key. Raises LookupError for a key that it does not know."""
    directory = RegisterKeyDirectory()
    found = {}
    for name, text in keys.items():
        token = tokens.parse(text)
        facts = directory.find(token.public_id) if token else None
        if facts is None:
            raise LookupError(f"The demo key “{name}” is not on the register. Build the demo estate again.")
        found[name] = facts
    return found


def _taken(
    intake: Intake, facts: Mapping[str, KeyFacts], parcels: list[Parcel], until_ns: int
) -> Iterator[Batch]:
    """Requests of a day, each with what one key delivered within an hour; a few come twice."""
    delivered = sorted(
        (parcel for parcel in parcels if parcel.out_ns <= until_ns), key=lambda one: (_hour(one), one.key)
    )
    for (_, key), group in groupby(delivered, key=lambda one: (_hour(one), one.key)):
        together = list(group)
        body = wire.request(together)
        received_ns = max(parcel.out_ns for parcel in together)
        yield intake.traces(body, key=facts[key], json=False, received_ns=received_ns)
        again_ns = received_ns + 20 * clock.NANOSECONDS_PER_SECOND
        if received_ns % SENT_TWICE_EVERY == 0 and again_ns <= until_ns:
            yield intake.traces(body, key=facts[key], json=False, received_ns=again_ns)


def _hour(parcel: Parcel) -> int:
    return clock.epoch_hour(parcel.out_ns)


def _commit(store: Store, intake: Intake, batches: Iterable[Batch], outcome: Outcome) -> None:
    group = list(batches)
    written = store.write(group)
    for batch in group:
        intake.committed(batch)
    for counts in written.tally.minutes.values():
        outcome.received += counts.received
        outcome.stored += counts.stored
        outcome.duplicate += counts.duplicate
        outcome.rejected += counts.rejected
        outcome.requests += counts.requests


def _progress(say: Say, number: int, day: date, outcome: Outcome) -> None:
    if number % 15 == 0:
        say(f"past: {number} of {days.DAYS} days, up to {day.isoformat()}; {outcome.stored:,} spans stored")
