"""Single values: what senders write, and what is read."""

from __future__ import annotations

import math
from typing import Any

import pytest

from telemetry.normalise import parsers
from telemetry.normalise.parsers import ODD


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (12, 12),
        (0, 0),
        ("12", 12),
        (" 12 ", 12),
        (12.0, 12),
        ("12.0", 12),
        (1_000_000_000, 1_000_000_000),
        (-1, ODD),
        ("-1", ODD),
        (12.5, ODD),
        (1_000_000_001, ODD),
        pytest.param(10**400, ODD, id="four hundred digits"),
        ("9" * 5000, None),
        ("1e999999999", None),
        ("twelve", None),
        (True, None),
        (None, None),
        (math.nan, None),
        (math.inf, None),
        ("NaN", None),
        ([12], None),
        ({"tokens": 12}, None),
        (b"12", None),
    ],
)
def test_tokens_are_whole_and_possible(written: Any, read: Any):
    assert parsers.tokens(written) == read


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("0.0125", 12_500_000),
        (0.0125, 12_500_000),
        (1, 1_000_000_000),
        (0, 0),
        ("1e-9", 1),
        (0.1 + 0.2, 300_000_000),
        (-0.01, None),
        (math.nan, None),
        (10**12, None),
        ("free", None),
        (True, None),
        ({}, None),
    ],
)
def test_dollars_become_whole_nano_dollars(written: Any, read: int | None):
    assert parsers.nano_usd(written) == read


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("gpt-4o", "gpt-4o"),
        ("  gpt-4o\n", "gpt-4o"),
        ("", None),
        ("   ", None),
        (4711, "4711"),
        pytest.param(10**5000, None, id="five thousand digits"),
        (True, None),
        (1.5, None),
        ([], None),
        ("x" * 5000, "x" * 4096),
    ],
)
def test_names_are_short_texts(written: Any, read: str | None):
    assert parsers.text(written) == read


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (["stop"], ["stop"]),
        ("stop", ["stop"]),
        ('["stop", "length"]', ["stop", "length"]),
        ("[stop", ["[stop"]),
        ([None, "", "stop"], ["stop"]),
        ([], None),
        ({}, None),
    ],
)
def test_finish_reasons_are_a_list_of_words(written: Any, read: list[str] | None):
    assert parsers.words(written) == read


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ('{"city": "Lyon"}', {"city": "Lyon"}),
        ("[1, 2]", [1, 2]),
        ("{not json", "{not json"),
        ("Lyon", "Lyon"),
        ("12", "12"),
        ("", None),
        ({"city": "Lyon"}, {"city": "Lyon"}),
        (None, None),
        ("[" * 65 + "]" * 65, "[" * 65 + "]" * 65),
        ('{"a":NaN}', '{"a":NaN}'),
    ],
)
def test_json_that_does_not_parse_stays_text(written: Any, read: Any):
    assert parsers.json_or_text(written) == read


def test_json_is_opened_down_to_sixty_four_levels():
    assert parsers.parsed_json("[" * 64 + "]" * 64) is not None
    assert parsers.parsed_json("[" * 65 + "]" * 65) is None


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (1_795_400_000_000_000_000, 1_795_400_000_000_000_000),
        ("2026-11-23T01:00:00Z", 1_795_395_600_000_000_000),
        ('"2026-11-23T01:00:00.5+00:00"', 1_795_395_600_500_000_000),
        ("2026-11-23T01:00:00", None),
        ("soon", None),
        (1.5, None),
        (True, None),
    ],
)
def test_a_moment_is_epoch_nanoseconds_or_iso_text_with_a_zone(written: Any, read: int | None):
    assert parsers.moment(written) == read


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (0.35, 350_000_000),
        ("0.35", 350_000_000),
        (1, 1_000_000_000),
        (-1, None),
        (math.inf, None),
        (10**30, None),
    ],
)
def test_seconds_become_nanoseconds(written: Any, read: int | None):
    assert parsers.seconds(written) == read


@pytest.mark.parametrize(
    ("written", "read"), [(443, 443), ("443", 443), (0, None), (70_000, None), ("https", None)]
)
def test_a_port_is_one_that_tcp_knows(written: Any, read: int | None):
    assert parsers.port(written) == read


def test_a_python_class_is_the_name_of_its_error():
    assert parsers.type_name("<class 'openai.RateLimitError'>") == "openai.RateLimitError"
    assert parsers.type_name("timeout") == "timeout"
