"""Keys of content: wrapped at rest, one per day, sender and purpose, remembered while they are used."""

from __future__ import annotations

from collections import Counter

import pytest

from telemetry.content import CachedKeys, KeyPurpose, SealBroken, new_key, seal, unseal, unwrap, wrap

CONTENT_KEY = b"c" * 32
SENDER = b"s" * 16


def test_a_wrapped_key_unwraps_in_its_place():
    key = new_key()
    wrapped = wrap(key, content_key=CONTENT_KEY, day=20_000, sender_id=SENDER, purpose=KeyPurpose.ID)
    assert key not in wrapped
    assert (
        unwrap(wrapped, content_key=CONTENT_KEY, day=20_000, sender_id=SENDER, purpose=KeyPurpose.ID) == key
    )


@pytest.mark.parametrize(
    ("content_key", "day", "sender_id", "purpose"),
    [
        (b"d" * 32, 20_000, SENDER, KeyPurpose.ID),
        (CONTENT_KEY, 20_001, SENDER, KeyPurpose.ID),
        (CONTENT_KEY, 20_000, b"t" * 16, KeyPurpose.ID),
        (CONTENT_KEY, 20_000, SENDER, KeyPurpose.QUEUE),
    ],
)
def test_a_wrapped_key_opens_nowhere_else(
    content_key: bytes, day: int, sender_id: bytes, purpose: KeyPurpose
):
    wrapped = wrap(new_key(), content_key=CONTENT_KEY, day=20_000, sender_id=SENDER, purpose=KeyPurpose.ID)
    with pytest.raises(SealBroken):
        unwrap(wrapped, content_key=content_key, day=day, sender_id=sender_id, purpose=purpose)


def test_keys_are_found_once_and_then_remembered():
    asked: Counter[tuple[int, bytes, KeyPurpose]] = Counter()

    def find(day: int, sender_id: bytes, purpose: KeyPurpose) -> bytes:
        asked[day, sender_id, purpose] += 1
        return new_key()

    keys = CachedKeys(find, limit=2)
    first = keys.key(1, SENDER, KeyPurpose.ID)
    assert keys.key(1, SENDER, KeyPurpose.ID) == first
    keys.key(2, SENDER, KeyPurpose.ID)
    keys.key(1, SENDER, KeyPurpose.ID)
    keys.key(3, SENDER, KeyPurpose.ID)  # the limit: day 2 was used longest ago
    assert keys.key(1, SENDER, KeyPurpose.ID) == first
    assert asked[1, SENDER, KeyPurpose.ID] == 1
    keys.key(2, SENDER, KeyPurpose.ID)
    assert asked[2, SENDER, KeyPurpose.ID] == 2


def test_a_key_that_is_destroyed_can_be_forgotten_at_once():
    keys = CachedKeys(lambda *_: new_key())
    first = keys.key(1, SENDER, KeyPurpose.QUEUE)
    keys.forget(1, SENDER, KeyPurpose.QUEUE)
    assert keys.key(1, SENDER, KeyPurpose.QUEUE) != first


@pytest.mark.parametrize("broken", [b"", b"x" * 11, b"x" * 40])
def test_bytes_that_were_never_sealed_are_refused(broken: bytes):
    with pytest.raises(SealBroken):
        unseal(broken, key=CONTENT_KEY, place=b"")


def test_the_same_text_is_sealed_differently_each_time():
    assert seal(b"text", key=CONTENT_KEY, place=b"") != seal(b"text", key=CONTENT_KEY, place=b"")
