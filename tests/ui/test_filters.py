from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
import time_machine
from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st

from ui.filters import (
    BooleanFilter,
    Choice,
    ChoiceFilter,
    DateRangeFilter,
    Period,
    Range,
    RangeFilter,
    RelationFilter,
    TextFilter,
)

NAME = TextFilter(name="q", label="Name")
RISK = ChoiceFilter(name="risk", label="Risk", choices=[Choice("high", "High"), Choice("limited", "Limited")])
OWNER = RelationFilter(
    name="owner",
    label="Owner",
    choices=lambda: [Choice("1", "Odile")],
    lookup=lambda ids: [Choice(i, "Paul") for i in ids if i == "2"],
)
LIVE = BooleanFilter(name="live", label="Live")
TOKENS = RangeFilter(name="tokens", label="Tokens", unit="k")
SEEN = DateRangeFilter(name="seen", label="Last seen")
RECENT = DateRangeFilter(name="seen", label="Last seen", default="24h")
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
EVERY = [NAME, RISK, OWNER, LIVE, TOKENS, SEEN]


def test_what_is_not_in_the_address_is_not_set():
    assert [item.parse(QueryDict("")).value for item in EVERY] == [None] * len(EVERY)


@pytest.mark.parametrize(
    ("item", "query", "value", "sentence"),
    [
        (NAME, "q=+claims+", "claims", ("contains", "“claims”")),
        (NAME, "q=a%00b", "ab", ("contains", "“ab”")),
        (RISK, "risk=high", ("high",), ("is", "High")),
        (RISK, "risk=limited&risk=high&risk=high", ("limited", "high"), ("is", "Limited or High")),
        (OWNER, "owner=1&owner=2", ("1", "2"), ("is", "Odile or Paul")),
        (LIVE, "live=yes", True, ("is", "yes")),
        (LIVE, "live=no", False, ("is", "no")),
        (TOKENS, "tokens_min=5", Range(Decimal(5), None), ("is at least", "5 k")),
        (TOKENS, "tokens_max=1.5", Range(None, Decimal("1.5")), ("is at most", "1.5 k")),
        (TOKENS, "tokens_max=1,5", Range(None, Decimal("1.5")), ("is at most", "1.5 k")),
        (TOKENS, "tokens_min=9&tokens_max=2", Range(Decimal(2), Decimal(9)), ("is between", "2 k and 9 k")),
        (SEEN, "seen=24h", Period(datetime(2026, 3, 1, 12, tzinfo=UTC), None, "24h"), ("is in", "the last 24 hours")),
        (
            SEEN,
            "seen_from=2026-01-05&seen_to=2026-01-06",
            Period(datetime(2026, 1, 5, tzinfo=UTC), datetime(2026, 1, 7, tzinfo=UTC)),
            ("is between", "5 Jan 2026 and 6 Jan 2026"),
        ),
        (SEEN, "seen_to=2026-01-06", Period(None, datetime(2026, 1, 7, tzinfo=UTC)), ("is until", "6 Jan 2026")),
        (RECENT, "", Period(datetime(2026, 3, 1, 12, tzinfo=UTC), None, "24h"), ("is in", "the last 24 hours")),
    ],
)  # fmt: skip
def test_an_address_becomes_a_value_and_a_sentence(item, query, value, sentence):
    with time_machine.travel(NOON, tick=False):
        parsed = item.parse(QueryDict(query))
    assert parsed.value == value
    assert parsed.warnings == []
    assert item.sentence(parsed.value) == sentence


def test_a_default_period_can_be_lifted():
    assert RECENT.parse(QueryDict("seen=all")).value is None


@pytest.mark.parametrize(
    ("item", "query", "value"),
    [
        (RISK, "risk=purple&risk=high", ("high",)),
        (OWNER, "owner=99", None),
        (LIVE, "live=maybe", None),
        (TOKENS, "tokens_min=many", None),
        (TOKENS, "tokens_min=NaN", None),
        (TOKENS, "tokens_min=1e999", None),
        (SEEN, "seen=fortnight", None),
        (SEEN, "seen_from=2026-02-30", None),
    ],
)
def test_what_is_not_understood_is_ignored_with_a_word(item, query, value):
    parsed = item.parse(QueryDict(query))
    assert parsed.value == value
    assert len(parsed.warnings) == 1
    assert "was ignored" in parsed.warnings[0]


@given(st.sampled_from(EVERY), st.text(max_size=50), st.text(max_size=50))
def test_no_address_is_refused(item, first, second):
    query = QueryDict(mutable=True)
    for name in item.parameters():
        query.setlist(name, [first, second])
    parsed = item.parse(query)
    item.field(query)
    if parsed.value is not None:
        assert all(isinstance(text, str) for text in item.sentence(parsed.value))
