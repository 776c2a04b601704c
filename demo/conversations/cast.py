"""Invented people and numbers, with valid check digits, of nobody. The same seed gives the same people."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from faker import Faker

POOL = 400  # people per language: enough that few meet twice on one page
_LOCALES = {"fr": "fr_FR", "en": "en_GB"}


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who does not exist. `national_id` is a NIR in French, a National Insurance number in English."""

    name: str
    surname: str
    email: str
    phone: str
    address: str
    national_id: str
    iban: str
    card: str
    birth: str


@dataclass(frozen=True, slots=True)
class Company:
    """A company that does not exist. SIREN and SIRET satisfy Luhn's check."""

    name: str
    siren: str
    siret: str
    vat: str


@lru_cache(maxsize=4)
def people(language: str, seed: int) -> tuple[Person, ...]:
    """`POOL` people of a language ("fr" or "en")."""
    fake = _faker(language, seed)
    return tuple(_person(fake, language) for _ in range(POOL))


@lru_cache(maxsize=4)
def companies(seed: int) -> tuple[Company, ...]:
    """`POOL` French companies."""
    fake = _faker("fr", seed + 1)
    return tuple(_company(fake) for _ in range(POOL))


def _faker(language: str, seed: int) -> Faker:
    fake = Faker(_LOCALES[language])
    fake.seed_instance(seed)
    return fake


def _person(fake: Faker, language: str) -> Person:
    national_id = fake.ssn()
    woman = national_id.startswith("2") if language == "fr" else fake.boolean()
    first = fake.first_name_female() if woman else fake.first_name_male()
    surname = fake.last_name()
    return Person(
        name=f"{first} {surname}",
        surname=surname,
        email=fake.email(),
        phone=fake.phone_number(),
        address=fake.address().replace("\n", ", "),
        national_id=national_id,
        iban=fake.iban(),
        card=fake.credit_card_number(card_type="visa16"),
        birth=_birth(fake, national_id, language),
    )


def _birth(fake: Faker, national_id: str, language: str) -> str:
    """A day of birth that agrees with the NIR, and never depends on today."""
    day = fake.random_int(1, 28)
    if language == "fr":
        year, month = national_id[1:3], int(national_id[3:5])
        return f"{day:02d}/{month if 1 <= month <= 12 else 6:02d}/19{year}"
    return f"{day:02d}/{fake.random_int(1, 12):02d}/{fake.random_int(1938, 2004)}"


def _company(fake: Faker) -> Company:
    siret = fake.siret().replace(" ", "")
    siren = siret[:9]
    key = (12 + 3 * (int(siren) % 97)) % 97
    return Company(name=fake.company(), siren=siren, siret=siret, vat=f"FR{key:02d}{siren}")


_BASE36 = "0123456789abcdefghijklmnopqrstuvwxyz"


class Words(dict[str, str]):
    """The words that fill a script's placeholders: asked for by name, made at the first asking, then kept.

    One scene has one `Words`, so that a customer keeps his name and number through a whole conversation.
    """

    def __init__(self, rng: random.Random, *, language: str, seed: int) -> None:
        super().__init__()
        self._rng = rng
        self._person = rng.choice(people(language, seed))
        self._other = rng.choice(people(language, seed))
        self._company = rng.choice(companies(seed))

    def __missing__(self, name: str) -> str:
        self[name] = self._make(name)
        return self[name]

    def _make(self, name: str) -> str:
        if name.startswith("other_"):
            return str(getattr(self._other, name.removeprefix("other_")))
        if name.startswith("company_"):
            return str(getattr(self._company, name.removeprefix("company_")))
        if name in _MAKERS:
            return _MAKERS[name](self._rng)
        return str(getattr(self._person, name))


def _token(rng: random.Random, length: int, alphabet: str = _BASE36) -> str:
    return "".join(rng.choice(alphabet) for _ in range(length))


def _password(rng: random.Random) -> str:
    return f"{rng.choice(('Goeland', 'Misaine', 'Hunier', 'Beaupre'))}-{rng.randrange(1000, 9999)}!{_token(rng, 4)}"


def _aws_key(rng: random.Random) -> str:
    return "AKIA" + _token(rng, 16, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")


_MAKERS: dict[str, Callable[[random.Random], str]] = {
    "number": lambda rng: str(rng.randrange(100_000, 999_999)),
    "small": lambda rng: str(rng.randrange(2, 40)),
    "amount": lambda rng: str(rng.randrange(80, 9_000)),
    "millions": lambda rng: f"{rng.randrange(2, 60)},{rng.randrange(10)}",
    "percent": lambda rng: str(rng.randrange(2, 30)),
    "age": lambda rng: str(rng.randrange(24, 89)),
    "date": lambda rng: f"{rng.randrange(1, 29):02d}/{rng.randrange(1, 13):02d}/2026",
    "hour": lambda rng: f"{rng.randrange(6, 22)} h {rng.choice(('00', '15', '30', '45'))}",
    "password": _password,
    "aws_key": _aws_key,
    "token": lambda rng: "ghp_" + _token(rng, 36, _BASE36 + "ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
    "shop": lambda rng: rng.choice(
        ("Quimper", "Vannes", "Laval", "Caen", "Tours", "Niort", "Lorient", "Angers")
    ),
    "pump": lambda rng: f"P-{rng.choice('ABC')}{rng.randrange(100, 400)}",
    "pressure": lambda rng: f"{rng.randrange(4, 19)},{rng.randrange(10)}",
}
