from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import translation

from kernel import clock
from ui import formats

NBSP, NNBSP = "\u00a0", "\u202f"
SECOND = clock.NANOSECONDS_PER_SECOND
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def in_both(function, *args, **kwargs):
    texts = []
    for language in ("en", "fr"):
        with translation.override(language):
            texts.append(function(*args, **kwargs))
    return tuple(texts)


@pytest.mark.parametrize(
    ("value", "english", "french"),
    [
        (0, "0", "0"),
        (1284, "1,284", f"1{NNBSP}284"),
        (1284.5, "1,284.5", f"1{NNBSP}284,5"),
        (-3.14159, "-3.14", "-3,14"),
    ],
)
def test_numbers_follow_the_language(value, english, french):
    assert in_both(formats.number, value) == (english, french)


@pytest.mark.parametrize(
    ("nano", "english", "french"),
    [
        (18_420_310_000_000, "$18,420.31", f"18{NNBSP}420,31{NBSP}$US"),
        (0, "$0.00", f"0,00{NBSP}$US"),
        (1, "$0.000000001", f"0,000000001{NBSP}$US"),
        (9_100_000, "$0.0091", f"0,0091{NBSP}$US"),
        (-9_100_000, "-$0.0091", f"-0,0091{NBSP}$US"),
    ],
)
def test_money_below_a_cent_is_no_false_zero(nano, english, french):
    assert in_both(formats.money, nano) == (english, french)


def test_euros_stand_behind_the_number_in_french():
    assert in_both(formats.money, 2_500_000_000, currency="EUR") == ("€2.50", f"2,50{NBSP}€")


@pytest.mark.parametrize(
    ("nanoseconds", "text"),
    [
        (420_000, f"0.42{NBSP}ms"),
        (230_000_000, f"230{NBSP}ms"),
        (3_420_000_000, f"3.42{NBSP}s"),
        (125 * SECOND, f"2{NBSP}min{NBSP}5{NBSP}s"),
        (7200 * SECOND, f"2{NBSP}h"),
        (99 * 3600 * SECOND, f"4{NBSP}d{NBSP}3{NBSP}h"),
        (-2 * SECOND, f"−2{NBSP}s"),
        (0, f"0{NBSP}ms"),
    ],
)
def test_durations_show_the_two_units_that_matter(nanoseconds, text):
    with translation.override("en"):
        assert formats.duration(nanoseconds) == text


def test_sizes_per_cents_and_counts_follow_the_language():
    assert in_both(formats.size, 16_777_216) == ("16.8 MB", f"16,8{NNBSP}Mo")
    assert in_both(formats.size, 999) == ("999 byte", f"999{NNBSP}o")
    assert in_both(formats.percent, 0.0042) == ("0.4%", f"0,4{NBSP}%")
    assert in_both(formats.compact, 1_314_500) == ("1.3M", f"1,3{NBSP}M")
    assert in_both(formats.compact, 9_999) == ("9,999", f"9{NNBSP}999")


def test_days_and_moments_follow_the_language():
    assert in_both(formats.day, date(2025, 2, 2)) == ("2 Feb 2025", "2 févr. 2025")
    assert in_both(formats.moment, NOON)[0] == "2 Mar 2026, 12:00"
    with translation.override("en"):
        assert formats.exact_moment(NOON + timedelta(milliseconds=7)) == "2 Mar 2026, 12:00:00.007 UTC"


@pytest.mark.parametrize(
    ("before", "english", "french"),
    [
        (timedelta(hours=2), "2 hours ago", "il y a 2 heures"),
        (timedelta(days=-3), "in 3 days", "dans 3 jours"),
    ],
)
def test_relative_times_have_a_direction(before, english, french):
    assert in_both(formats.relative, NOON - before, now=NOON) == (english, french)


def test_a_moment_ago_is_just_now():
    with translation.override("en"):
        assert formats.relative(NOON - timedelta(seconds=3), now=NOON) == "just now"


def test_a_language_babel_does_not_know_is_english():
    assert formats._locale("xx-nowhere").language == "en"
