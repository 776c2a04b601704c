"""From a request's bytes to a batch that is ready to be written. Runs on worker threads; writes no span."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from kernel.contracts.ingest import KeyFacts, SenderDirectory
from kernel.contracts.pricing import NoPrices, NoProfiles
from telemetry.content import ContentKeys, capture
from telemetry.domain import Attributes, DecodedEvent, DecodedSpan, Flag, Reason, ResolvedSender, Signal
from telemetry.normalise import normalise
from telemetry.pricing import Pricer
from telemetry.receiver import decode, decode_json
from telemetry.receiver.aside import aside_row
from telemetry.receiver.inflate import Body
from telemetry.receiver.kin import kin_of
from telemetry.receiver.known import KnownTraces
from telemetry.receiver.limits import EDGE_AHEAD_S, WINDOW_AHEAD_S, WINDOW_PAST_DAYS
from telemetry.receiver.logs import LogKeeper
from telemetry.receiver.senders import SenderBook, identity_of
from telemetry.receiver.values import Decoded, Unfit, window
from telemetry.store import Batch, JoinedLog, Store

MAX_BIGINT = 2**63 - 1
_NANOSECONDS = 10**9


@dataclass(slots=True)
class _Origin:
    """A resource of the batch: its sender, or why it has none."""

    sender: ResolvedSender | None
    claim_ignored: bool = False
    unfit: Unfit | None = None


@dataclass(slots=True)
class _Work:
    """One traces request on its way."""

    key: KeyFacts
    batch: Batch
    first_ns: int
    last_ns: int
    origins: dict[int, _Origin] = field(default_factory=dict)
    waiting: dict[tuple[bytes, bytes], list[tuple[bytes, DecodedEvent]]] = field(default_factory=dict)


class Intake:
    """Decodes, keeps, resolves, normalises, captures and prices. Safe between threads."""

    def __init__(
        self,
        store: Store,
        *,
        senders: SenderDirectory,
        keys: ContentKeys,
        content_key: bytes,
        pricer: Pricer | None = None,
    ) -> None:
        self._keys = keys
        self._pricer = pricer or Pricer(NoPrices(), NoProfiles())
        self._directory = senders
        self._book = SenderBook(store, senders, device_key=content_key)
        self._traces = KnownTraces(store)
        self._logs = LogKeeper(store, content_key=content_key)

    def traces(self, body: Body, *, key: KeyFacts, json: bool, received_ns: int) -> Batch:
        """A traces request as a batch. Raises Refused when the request cannot be taken as a whole."""
        decoded = decode_json.decode_traces(body) if json else decode.decode_traces(body)
        batch = _batch(decoded, body, key=key, signal=Signal.TRACES, received_ns=received_ns)
        first_ns, last_ns = window(received_ns, past_days=WINDOW_PAST_DAYS, ahead_s=WINDOW_AHEAD_S)
        work = _Work(key=key, batch=batch, first_ns=first_ns, last_ns=last_ns)
        kept = self._keep(decoded.spans, batch)
        work.waiting = self._logs.waiting_for(kept, key_id=key.key_id)
        for span in kept:
            self._take(span, work)
        return batch

    def logs(self, body: Body, *, key: KeyFacts, json: bool, received_ns: int) -> Batch:
        """A logs request as a batch: GenAI events are sealed until their span is there."""
        decoded = decode_json.decode_logs(body) if json else decode.decode_logs(body)
        batch = _batch(decoded, body, key=key, signal=Signal.LOGS, received_ns=received_ns)
        for record in decoded.logs:
            try:
                batch.waiting.append(self._logs.seal(record, key=key, directory=self._directory))
            except Unfit as unfit:
                batch.rejections.add(unfit.reason, unfit.sample)
        return batch

    def committed(self, batch: Batch) -> None:
        """Remember the traces of a batch that is in the store, so that their later spans are known as kin."""
        self._traces.remember(span.columns["trace_id"] for span in batch.spans)

    def _keep(self, spans: list[DecodedSpan], batch: Batch) -> list[DecodedSpan]:
        related = kin_of(spans)
        if all(related):
            return spans
        strangers = {span.trace_id for span, kin in zip(spans, related, strict=True) if not kin}
        known = self._traces.known(strangers)
        kept = [span for span, kin in zip(spans, related, strict=True) if kin or span.trace_id in known]
        if len(kept) < len(spans):
            batch.rejections.add(
                Reason.NOT_AI, "neither an AI span nor related to one", count=len(spans) - len(kept)
            )
        return kept

    def _take(self, span: DecodedSpan, work: _Work) -> None:
        """Put one span into the batch: among its spans, aside, or among its rejections."""
        origin = self._origin(span.resource, work)
        if origin.sender is None:
            if origin.unfit is not None:
                work.batch.rejections.add(origin.unfit.reason, origin.unfit.sample)
            return
        if origin.claim_ignored:
            span.flags.add(Flag.CLAIM_OUTSIDE_KEY)
        if not work.first_ns <= span.start_ns <= work.last_ns:
            self._set_aside(span, origin.sender, work)
            return
        if span.start_ns > work.batch.received_ns + EDGE_AHEAD_S * _NANOSECONDS:
            span.flags.add(Flag.WINDOW_EDGE)
        self._capture(span, origin.sender, work)

    def _capture(self, span: DecodedSpan, sender: ResolvedSender, work: _Work) -> None:
        logs = work.waiting.get((span.trace_id, span.span_id), ())
        if logs:
            span.flags.add(Flag.CONTENT_BY_LOG)
        normalised = normalise(span, [event for _, event in logs])
        recorded = capture(normalised, sender=sender, keys=self._keys, received_ns=work.batch.received_ns)
        recorded.columns.update(
            self._pricer.price(recorded.columns, sender=sender.identity, from_cache=normalised.cache_hit)
        )
        work.batch.spans.append(recorded)
        place = (recorded.columns["day"], span.trace_id, span.span_id)
        work.batch.joined.extend(JoinedLog(place, sender.sender_id, digest) for digest, _ in logs)

    def _set_aside(self, span: DecodedSpan, sender: ResolvedSender, work: _Work) -> None:
        reason = Reason.TOO_OLD if span.start_ns < work.first_ns else Reason.IN_FUTURE
        ahead_s = (span.start_ns - work.batch.received_ns) // _NANOSECONDS
        said = f"a span that says it began {abs(ahead_s):,} s {'after' if ahead_s > 0 else 'before'} it arrived, outside the window"
        work.batch.rejections.add(reason, said)
        span.end_ns = min(span.end_ns, span.start_ns + MAX_BIGINT)
        row = aside_row(normalise(span), sender=sender, reason=reason, received_ns=work.batch.received_ns)
        work.batch.aside.append(row)

    def _origin(self, resource: Attributes, work: _Work) -> _Origin:
        """The resource's sender, resolved once a batch: spans of one resource share its attributes object."""
        origin = work.origins.get(id(resource))
        if origin is None:
            origin = work.origins[id(resource)] = self._resolve(resource, work)
        return origin

    def _resolve(self, resource: Attributes, work: _Work) -> _Origin:
        identity, claim_ignored = identity_of(resource, key=work.key)
        try:
            sender = self._book.resolve(identity, key=work.key)
        except Unfit as unfit:
            return _Origin(sender=None, unfit=unfit)
        touch = work.batch.senders.get(sender.sender_id)
        if touch is None:
            touch = self._book.touch(identity, resource, claim_ignored=claim_ignored)
            work.batch.senders[sender.sender_id] = touch
        device = self._book.device(sender.sender_id, resource)
        if device is not None:
            touch.devices.add(device)
        return _Origin(sender=sender, claim_ignored=claim_ignored)


def _batch(decoded: Decoded, body: Body, *, key: KeyFacts, signal: Signal, received_ns: int) -> Batch:
    return Batch(
        key_id=key.key_id,
        signal=signal,
        received_ns=received_ns,
        received=decoded.received,
        rejections=decoded.rejections,
        size=len(body),
    )


def reported(
    batch: Batch, *, silent: Sequence[Reason] = (Reason.NOT_AI, Reason.NOT_A_GENAI_EVENT)
) -> tuple[int, str]:
    """How many items the sender is told of, and why in words. What one key may carry beside AI is no error."""
    told = {reason: count for reason, count in batch.rejections.items.items() if reason not in silent}
    words = "; ".join(
        f"{count} × {reason.value}: {batch.rejections.samples[reason]}" for reason, count in told.items()
    )
    return sum(told.values()), words
