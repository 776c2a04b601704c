from __future__ import annotations

import string

from conftest import KEY
from hypothesis import given
from hypothesis import strategies as st
from tutela._keys import checksum, clean, problem_of


def test_a_whole_key_is_fine():
    assert problem_of(KEY) is None
    assert problem_of("a-token-of-a-gateway") is None, (
        "only keys that claim to be of Tutela are held to its shape"
    )


def test_the_checksum_is_the_crc_in_base62():
    assert checksum("123456789") == "3jZRME"  # CRC-32 of the standard check string is 0xcbf43926
    assert len(checksum("a")) == 6


@given(st.integers(8, len(KEY) - 1))
def test_any_key_that_was_cut_off_is_found(length):
    problem = problem_of(KEY[:length])
    assert problem is not None
    assert f"{length} of {len(KEY)} characters" in problem.why


@given(st.integers(7, len(KEY) - 1), st.sampled_from(string.ascii_letters + string.digits))
def test_any_single_wrong_character_is_found(place, character):
    wrong = KEY[:place] + character + KEY[place + 1 :]
    assert (problem_of(wrong) is None) == (wrong == KEY)


def test_what_pasting_adds_is_taken_off():
    for text in (f"  {KEY}\n", f'"{KEY}"', f"'Bearer {KEY}'", f"bearer {KEY}"):
        assert clean(text) == KEY
