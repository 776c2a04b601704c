"""Keys of content: one per day, sender and purpose, kept wrapped under the installation's content key.

Destroying a wrapped key is forgetting: ids can no longer be recomputed and waiting text can no longer be read.
"""

from __future__ import annotations

import os
import threading
from collections import OrderedDict
from collections.abc import Callable
from enum import StrEnum
from typing import Protocol

from kernel import clock
from telemetry.content.sealing import seal, unseal

KEY_BYTES = 32
CACHED_KEYS = 10_000
"""A process that serves a thousand senders over three days with three purposes each needs nine thousand."""


class KeyPurpose(StrEnum):
    """What a key is for. The words are those of `schema.content_keys`."""

    ID = "id"  # message ids
    QUEUE = "queue"  # text that waits for the scanner; destroyed when the day's queue is drained
    USER = "user"  # user hashes


class ContentKeys(Protocol):
    """Finds or makes keys. Every process must get the same key for the same place, now and after a restart."""

    def key(self, day: int, sender_id: bytes, purpose: KeyPurpose) -> bytes:
        """32 bytes. `day` is the epoch day of the span's start."""


def new_key() -> bytes:
    """A fresh random key."""
    return os.urandom(KEY_BYTES)


def wrap(key: bytes, *, content_key: bytes, day: int, sender_id: bytes, purpose: KeyPurpose) -> bytes:
    """The key as `schema.content_keys.wrapped` holds it: sealed under the installation's content key (32 bytes)."""
    return seal(key, key=content_key, place=_place(day, sender_id, purpose))


def unwrap(wrapped: bytes, *, content_key: bytes, day: int, sender_id: bytes, purpose: KeyPurpose) -> bytes:
    """The key again. Raises SealBroken when the content key is another one or the row was moved."""
    return unseal(wrapped, key=content_key, place=_place(day, sender_id, purpose))


def _place(day: int, sender_id: bytes, purpose: KeyPurpose) -> bytes:
    return b"tutela content key\0" + day.to_bytes(4, "big") + sender_id + purpose.encode()


def is_closed(day: int, today: int) -> bool:
    """Whether a day has been over for a day: its queue key may be destroyed as soon as nothing waits under it."""
    return day < today - 1


class CachedKeys:
    """`ContentKeys` over a slow finder (the store), remembering the keys used last. Safe between threads.

    Queue keys of closed days are asked for every time and never remembered: they may be gone at any moment, and a key
    that was destroyed must be in nobody's memory.
    """

    def __init__(self, find: Callable[[int, bytes, KeyPurpose], bytes], *, limit: int = CACHED_KEYS) -> None:
        """`find(day, sender_id, purpose)` finds the stored key or makes and stores it, and answers it unwrapped."""
        self._find = find
        self._limit = limit
        self._keys: OrderedDict[tuple[int, bytes, KeyPurpose], bytes] = OrderedDict()
        self._lock = threading.Lock()
        self._today = 0

    def key(self, day: int, sender_id: bytes, purpose: KeyPurpose) -> bytes:
        place = (day, sender_id, purpose)
        if purpose is KeyPurpose.QUEUE and self._is_closed(day):
            return self._find(day, sender_id, purpose)
        with self._lock:
            found = self._keys.get(place)
            if found is not None:
                self._keys.move_to_end(place)
                return found
        found = self._find(day, sender_id, purpose)
        self._remember(place, found)
        return found

    def _is_closed(self, day: int) -> bool:
        today = clock.epoch_day(clock.now_ns())
        if today != self._today:
            self._drop_closed(today)
        return is_closed(day, today)

    def _drop_closed(self, today: int) -> None:
        with self._lock:
            self._today = today
            closed = [
                place for place in self._keys if place[2] is KeyPurpose.QUEUE and is_closed(place[0], today)
            ]
            for place in closed:
                del self._keys[place]

    def forget(self, day: int, sender_id: bytes, purpose: KeyPurpose) -> None:
        """Drop one key from memory, for when its row is destroyed."""
        with self._lock:
            self._keys.pop((day, sender_id, purpose), None)

    def _remember(self, place: tuple[int, bytes, KeyPurpose], key: bytes) -> None:
        with self._lock:
            self._keys[place] = key
            while len(self._keys) > self._limit:
                self._keys.popitem(last=False)
