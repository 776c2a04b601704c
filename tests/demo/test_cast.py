"""Invented people: numbers with valid check digits, the same people for the same seed."""

from __future__ import annotations

import random

import pytest

from demo.conversations import cast

SEED = 7


def luhn(digits: str) -> bool:
    doubled = [int(digit) * (2 if place % 2 else 1) for place, digit in enumerate(reversed(digits))]
    return sum(number // 10 + number % 10 for number in doubled) % 10 == 0


def iban(text: str) -> bool:
    moved = text[4:] + text[:4]
    return int("".join(str(int(character, 36)) for character in moved)) % 97 == 1


def nir(text: str) -> bool:
    body = text[:13].replace("2A", "19").replace("2B", "18")
    return len(text) == 15 and 97 - int(body) % 97 == int(text[13:])


def test_every_french_person_has_a_valid_nir() -> None:
    assert all(nir(person.national_id) for person in cast.people("fr", SEED))


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_iban_is_valid(language: str) -> None:
    assert all(iban(person.iban) for person in cast.people(language, SEED))


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_card_number_is_valid(language: str) -> None:
    assert all(luhn(person.card) for person in cast.people(language, SEED))


def test_every_company_has_a_valid_siren_siret_and_vat_number() -> None:
    for company in cast.companies(SEED):
        assert luhn(company.siren)
        assert luhn(company.siret)
        assert company.siret.startswith(company.siren)
        assert int(company.vat[2:4]) == (12 + 3 * (int(company.siren) % 97)) % 97


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_address_for_mail_is_at_a_domain_that_nobody_owns(language: str) -> None:
    domains = {person.email.rpartition("@")[2] for person in cast.people(language, SEED)}
    assert domains <= {"example.com", "example.org", "example.net"}


def test_a_frenchwoman_has_the_number_of_a_woman_and_was_born_when_it_says() -> None:
    for person in cast.people("fr", SEED):
        assert person.national_id[0] in "12"
        assert person.birth[-2:] == person.national_id[1:3]


def test_the_same_seed_gives_the_same_people() -> None:
    first = cast.people("fr", 11)
    cast.people.cache_clear()
    assert cast.people("fr", 11) == first
    assert cast.people("fr", 12) != first


def test_a_customer_keeps_the_number_through_a_whole_conversation() -> None:
    words = cast.Words(random.Random(1), language="fr", seed=SEED)
    assert "{name} {number}".format_map(words) == "{name} {number}".format_map(words)
    assert words["name"] != words["other_name"]


def test_a_word_that_nobody_knows_is_a_mistake_in_the_script() -> None:
    with pytest.raises(AttributeError):
        cast.Words(random.Random(1), language="fr", seed=SEED)["nonsense"]
