"""Canonical JSON: one byte string per value."""

from __future__ import annotations

import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.canonical import canonical_json, sha256

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text("aé€\U0001f600", max_size=3), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(json_values)
def test_the_bytes_say_the_value_and_nothing_else(value) -> None:
    assert json.loads(canonical_json(value)) == value


@given(json_values)
def test_canonical_bytes_are_their_own_canonical_form(value) -> None:
    data = canonical_json(value)
    assert canonical_json(json.loads(data)) == data


def test_the_order_in_which_keys_were_written_does_not_matter() -> None:
    assert canonical_json({"b": 1, "a": 2}) == canonical_json({"a": 2, "b": 1}) == b'{"a":2,"b":1}'


def test_keys_sort_by_utf_16_as_the_standard_wants() -> None:
    assert canonical_json({"\U0001f600": 1, "\ufb33": 2}) == '{"\U0001f600":1,"\ufb33":2}'.encode()


@pytest.mark.parametrize("value", [1.0, {"a": 0.1}, [[1.5]], float("nan")])
def test_floats_are_refused(value) -> None:
    with pytest.raises(ValueError, match="no floats"):
        canonical_json(value)


@pytest.mark.parametrize("value", [2**53, -(2**53)])
def test_integers_that_other_readers_would_round_are_refused(value: int) -> None:
    with pytest.raises(ValueError, match=r".+"):
        canonical_json(value)


def test_sha256_is_what_everybody_calls_so() -> None:
    assert sha256(b"tutela") == hashlib.sha256(b"tutela").digest()
