"""How many spans a second one core normalises, and takes content out of.

    python -m bench.normalise [seconds per row]

The spans are those of the golden corpus, decoded once beforehand: a typical mix of model calls with messages in
attributes, chains, tools and retrievals, and the model calls of each flavour by themselves.
"""

from __future__ import annotations

import hashlib
import json
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from kernel.contracts.ingest import CaptureMode, RetentionClass, SenderIdentity
from telemetry.content import CachedKeys, KeyPurpose, capture
from telemetry.domain import DecodedEvent, DecodedSpan, ResolvedSender
from telemetry.normalise import is_ai, normalise
from tests.golden.reading import read_case

CASES = Path(__file__).parent.parent / "tests" / "golden" / "cases"
FLAVOURS = ("openinference.openai", "openllmetry.openai", "openllmetry_2025.openai", "otel_latest.openai", "")

Span = tuple[DecodedSpan, list[DecodedEvent]]


def derived(day: int, sender_id: bytes, purpose: KeyPurpose) -> bytes:
    return hashlib.sha256(f"{day} {sender_id.hex()} {purpose}".encode()).digest()


def spans_of(flavour: str) -> list[Span]:
    paths = sorted(path for path in CASES.glob("*.json") if path.name.startswith(flavour))
    return [span for path in paths for span in read_case(json.loads(path.read_text(encoding="utf-8")))]


def rate(work: Callable[[Span], object], spans: list[Span], seconds: float) -> float:
    """Spans a second, of the best of three rounds."""
    return max(_round(work, spans, seconds / 3) for _ in range(3))


def _round(work: Callable[[Span], object], spans: Iterable[Span], seconds: float) -> float:
    done, start = 0, time.process_time()
    while time.process_time() - start < seconds:
        for span in spans:
            work(span)
            done += 1
    return done / (time.process_time() - start)


def capturing(mode: CaptureMode) -> Callable[[Span], object]:
    identity = SenderIdentity(bytes(16), "", "bench", "test", "", "")
    sender = ResolvedSender(identity, identity.sender_id(), mode, RetentionClass.STANDARD)
    keys = CachedKeys(derived)
    return lambda span: capture(normalise(*span), sender=sender, keys=keys, received_ns=0)


def main() -> None:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 1.5
    for flavour in FLAVOURS:
        spans = spans_of(flavour)
        attributes = sum(len(span.attributes) for span, _ in spans) / len(spans)
        per_second = rate(lambda span: normalise(*span), spans, seconds)
        name = flavour or "whole corpus"
        print(f"normalise {name:<26} {attributes:5.1f} attributes a span {per_second:>10,.0f} spans/s")
    corpus = spans_of("")
    print(f"is_ai     whole corpus {rate(lambda span: is_ai(span[0]), corpus, seconds):>40,.0f} spans/s")
    for mode in CaptureMode:
        print(f"normalise and capture, {mode:<10} {rate(capturing(mode), corpus, seconds):>30,.0f} spans/s")


if __name__ == "__main__":
    main()
