"""The bearer tokens of endpoints."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel import tokens
from kernel.tokens import Token, TokenKind

PEPPER = b"p" * 32
A_TOKEN = Token(kind="ep", public_id="Ab3dEf9h", secret="s" * tokens.SECRET_LENGTH)


def test_a_minted_token_is_read_back_from_its_text() -> None:
    token = tokens.mint(TokenKind.ENDPOINT)
    assert tokens.parse(token.text()) == token


def test_the_text_begins_with_the_prefix_that_secret_scanners_look_for() -> None:
    assert A_TOKEN.text().startswith("ttl_ep_Ab3dEf9h_")


def test_two_tokens_share_nothing() -> None:
    first, second = tokens.mint(TokenKind.API), tokens.mint(TokenKind.API)
    assert first.public_id != second.public_id
    assert first.secret != second.secret


@given(position=st.integers(4, len(A_TOKEN.text()) - 1), letter=st.sampled_from("0Zz_-é "))
def test_a_mistyped_token_is_known_as_such(position: int, letter: str) -> None:
    text = A_TOKEN.text()
    mistyped = text[:position] + letter + text[position + 1 :]
    assert mistyped == text or tokens.parse(mistyped) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Bearer",
        "' OR '1'='1",
        A_TOKEN.text()[:-1],
        A_TOKEN.text() + "0",
        A_TOKEN.text() + "\n",
        " " + A_TOKEN.text(),
        A_TOKEN.text().replace("ttl_", "gh_"),
        A_TOKEN.text().replace("9", "\u0669"),  # an Arabic nine is a digit, and not one of ours
        A_TOKEN.text() + "\x00",
        "ttl_ep_" + "a" * 1_000_000,
    ],
)
def test_what_is_no_token_is_none(text: str) -> None:
    assert tokens.parse(text) is None


def test_the_repr_hides_the_secret() -> None:
    assert A_TOKEN.secret not in repr(A_TOKEN)
    assert A_TOKEN.secret not in f"{A_TOKEN}"


def test_a_digest_depends_on_the_secret_and_on_the_pepper() -> None:
    digest = tokens.digest("secret", pepper=PEPPER)
    assert len(digest) == 32
    assert digest != tokens.digest("Secret", pepper=PEPPER)
    assert digest != tokens.digest("secret", pepper=b"q" * 32)


def test_only_the_right_secret_matches() -> None:
    expected = tokens.digest(A_TOKEN.secret, pepper=PEPPER)
    assert tokens.matches(A_TOKEN.secret, pepper=PEPPER, expected=expected)
    assert not tokens.matches(A_TOKEN.secret[:-1] + "x", pepper=PEPPER, expected=expected)


@pytest.mark.parametrize(("body", "checksum"), [("", "000000"), ("ttl", "28QLUc")])
def test_a_checksum_is_six_letters_of_base_62(body: str, checksum: str) -> None:
    assert len(tokens.checksum(body)) == len(checksum)
    assert tokens.checksum(body).isalnum()


def test_the_checksum_of_nothing_is_zero() -> None:
    assert tokens.checksum("") == "000000"
