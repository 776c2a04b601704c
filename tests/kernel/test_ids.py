"""Identifiers of our own making."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import time_machine

from kernel import ids


def test_an_id_is_a_uuid_of_version_7() -> None:
    made = ids.uuid7()
    assert made.version == 7
    assert made.variant == "specified in RFC 4122"


def test_an_id_begins_with_its_millisecond() -> None:
    ahead = datetime(2091, 5, 1, tzinfo=UTC)  # later than any id this process has made
    with time_machine.travel(ahead, tick=False):
        assert ids.uuid7().int >> 80 == int(ahead.timestamp() * 1000)


def test_ids_made_in_a_row_sort_in_that_row() -> None:
    made = [ids.uuid7() for _ in range(10_000)]
    assert made == sorted(made)


def test_no_two_threads_make_the_same_id() -> None:
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: ids.uuid7(), range(5_000)))
    assert len(set(made)) == len(made)


def test_a_clock_that_steps_back_does_not_take_the_ids_with_it() -> None:
    before = ids.uuid7()
    with time_machine.travel(datetime(2001, 1, 1, tzinfo=UTC), tick=False):
        assert ids.uuid7() > before
