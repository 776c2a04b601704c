"""French texts with personal data of nobody: templates filled by Faker, with a seed. Check digits are right.

Two halves, so that one can be measured while rules are written by the other.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable

from faker import Faker

Made = tuple[str, list[tuple[str, int, int]], int]
"""The text, its spans (type, start, end), its template."""

CHECKED = frozenset({"FR_NIR", "FR_SIREN", "FR_SIRET", "FR_VAT", "CREDIT_CARD", "IBAN_CODE", "UK_NHS"})
"""Types whose identifiers carry check digits."""

TEMPLATES = (
    "Bonjour, je m'appelle {PERSON} et j'habite au {ADDRESS}. Pouvez-vous me rappeler au {PHONE_NUMBER} ?",
    "Bonjour,\n\nMerci de mettre à jour mon dossier : {PERSON}, {ADDRESS}, tél. {PHONE_NUMBER}.\n\nCordialement,\n{PERSON}",
    "Le patient {PERSON}, né le {DATE_OF_BIRTH}, numéro de sécurité sociale {FR_NIR}, a été admis hier aux urgences.",
    "Assurée : Mme {LAST_NAME}. NIR : {FR_NIR}. Date de naissance : {DATE_OF_BIRTH}.",
    "Je souhaite un remboursement sur mon compte, IBAN {IBAN_CODE}, au nom de {PERSON}.",
    "Voici le RIB demandé : {IBAN_CODE}. Le titulaire est M. {LAST_NAME}, joignable à {EMAIL_ADDRESS}.",
    "Ma carte bancaire {CREDIT_CARD} a été débitée deux fois, que faire ?",
    "Le paiement par carte n° {CREDIT_CARD} a été refusé pour la commande de {PERSON}.",
    "Notre société est immatriculée au RCS sous le numéro {FR_SIREN} ; son siège est au {ADDRESS}.",
    "Facture émise par l'entreprise dont le SIREN est {FR_SIREN}, TVA intracommunautaire {FR_VAT}.",
    "SIRET de l'établissement : {FR_SIRET}. Contact : {PERSON} ({EMAIL_ADDRESS}).",
    "L'établissement {FR_SIRET} a changé d'adresse : {ADDRESS}.",
    "Numéro de TVA : {FR_VAT}. Merci d'envoyer la facture à {EMAIL_ADDRESS}.",
    "Peux-tu vérifier le numéro {FR_VAT} dans la base européenne ?",
    "Le véhicule immatriculé {FR_PLATE} était stationné devant le {ADDRESS}.",
    "Constat amiable : ma voiture, plaque {FR_PLATE}, conduite par {PERSON}, a été heurtée.",
    "Passeport numéro {PASSPORT}, délivré à {PERSON}, née le {DATE_OF_BIRTH}.",
    "Pour le vol, le passeport de mon fils porte le numéro {PASSPORT}.",
    "Ma carte nationale d'identité n° {FR_ID_CARD} expire bientôt, comment la renouveler ?",
    "Pièce d'identité présentée : CNI {FR_ID_CARD}, au nom de {PERSON}.",
    "Écris une lettre à {PERSON}, {ADDRESS}, pour lui annoncer que sa demande est acceptée.",
    "Résume ce message : « Le Dr {LAST_NAME} vous attend à {CITY} lundi, appelez le {PHONE_NUMBER} en cas d'empêchement. »",
    "Connexion refusée depuis l'adresse IP {IP_ADDRESS} pour le compte {EMAIL_ADDRESS}.",
    "Le journal montre que {IP_ADDRESS} a tenté douze fois de se connecter.",
    '{"nom": "{PERSON}", "email": "{EMAIL_ADDRESS}", "telephone": "{PHONE_NUMBER}", "iban": "{IBAN_CODE}"}',
    '{"client": {"nom": "{PERSON}", "adresse": "{ADDRESS}"}, "numero_secu": "{FR_NIR}"}',
    "{PERSON} travaille à {CITY} depuis 2019 avec {PERSON}, et les deux viennent de {CITY}.",
    "Réunion avec {PERSON} à {CITY} : préparer l'ordre du jour et envoyer l'invitation à {EMAIL_ADDRESS}.",
    "mon numéro c'est {PHONE_NUMBER} et mon mail {EMAIL_ADDRESS} merci",
    "rappelez moi svp {PHONE_NUMBER}, mon numero de secu est {FR_NIR}",
    "La température du four est montée à 812 degrés pendant 14 minutes, lot 2026-11-204, poste 7.",
    "Calcule 15 % de 48 250 euros puis compare au budget de 2025, soit 7 300 euros.",
    "La référence 4587 213 du catalogue coûte 12,90 € et se livre en 3 à 5 jours ouvrés.",
    "Quelle est la différence entre la norme ISO 9001:2015 et la version 3.14.2 du référentiel ?",
    "Explique-moi comment fonctionne un capteur inductif et donne trois exemples d'usage en atelier.",
    "Le 8 mai est férié ; la production reprend le lendemain à 6 h 30 sur les lignes 2 et 4.",
)

_CITIES = [
    "Lyon",
    "Marseille",
    "Toulouse",
    "Nice",
    "Nantes",
    "Strasbourg",
    "Montpellier",
    "Bordeaux",
    "Lille",
    "Rennes",
    "Reims",
    "Grenoble",
    "Dijon",
    "Angers",
    "Nîmes",
    "Clermont-Ferrand",
    "Limoges",
    "Tours",
    "Metz",
    "Besançon",
    "Perpignan",
    "Orléans",
    "Caen",
    "Mulhouse",
    "Rouen",
    "Nancy",
    "Avignon",
    "Poitiers",
    "Pau",
    "Annecy",
    "Quimper",
    "Vannes",
    "Colmar",
    "Valence",
    "Chambéry",
    "Niort",
    "Troyes",
    "Lorient",
]
"""Real ones: Faker makes up towns that are family names."""

_SLOT = re.compile(r"\{([A-Z_]+)\}")
_WRITTEN_AS = {"LAST_NAME": "PERSON", "CITY": "LOCATION"}


def french_set(count: int, *, seed: int, held_out: bool) -> list[Made]:
    """`count` texts from one half of the templates."""
    fake = Faker("fr_FR")
    fake.seed_instance(seed + held_out)
    random_ = random.Random(seed + held_out)
    chosen = range(int(held_out), len(TEMPLATES), 2)
    return [
        _filled(TEMPLATES[chosen[n % len(chosen)]], chosen[n % len(chosen)], fake, random_)
        for n in range(count)
    ]


def _filled(template: str, number: int, fake: Faker, random_: random.Random) -> Made:
    written, spans, end = "", [], 0
    for slot in _SLOT.finditer(template):
        written += template[end : slot.start()]
        value = _VALUES[slot[1]](fake, random_)
        if template.startswith('{"'):
            value = value.replace("\n", ", ")
        spans.append((_WRITTEN_AS.get(slot[1], slot[1]), len(written), len(written) + len(value)))
        written += value
        end = slot.end()
    return written + template[end:], spans, number


def _grouped(digits: str, sizes: tuple[int, ...], gap: str) -> str:
    groups, at = [], 0
    for size in sizes:
        groups.append(digits[at : at + size])
        at += size
    return gap.join(groups)


def _luhn(body: str) -> str:
    total = sum(
        (int(d) * 2 - 9 if int(d) > 4 else int(d) * 2) if place % 2 == 0 else int(d)
        for place, d in enumerate(reversed(body))
    )
    return body + str(-total % 10)


def _digits(random_: random.Random, count: int) -> str:
    return "".join(random_.choice("0123456789") for _ in range(count))


def _nir(_fake: Faker, random_: random.Random) -> str:
    department = random_.choice([f"{n:02}" for n in range(1, 96) if n != 20] + ["2A", "2B"])
    month = f"{random_.randint(1, 12):02}"
    body = f"{random_.choice('12')}{_digits(random_, 2)}{month}{department}{_digits(random_, 6)}"
    number = int(body.replace("2A", "19").replace("2B", "18")) if department in {"2A", "2B"} else int(body)
    key = f"{97 - number % 97:02}"
    gap = random_.choice(["", " ", " ", "\u202f"])
    return _grouped(body + key, (1, 2, 2, 2, 3, 3, 2), gap)


def _siren(_fake: Faker, random_: random.Random) -> str:
    return _grouped(
        _luhn(random_.choice("345789") + _digits(random_, 7)), (3, 3, 3), random_.choice(["", " ", "\u00a0"])
    )


def _siret(fake: Faker, random_: random.Random) -> str:
    siren = re.sub(r"\D", "", _siren(fake, random_))
    return _grouped(
        _luhn(siren + "000" + random_.choice("123456789")), (3, 3, 3, 5), random_.choice(["", " "])
    )


def _vat(fake: Faker, random_: random.Random) -> str:
    siren = re.sub(r"\D", "", _siren(fake, random_))
    key = f"{(12 + 3 * (int(siren) % 97)) % 97:02}"
    gap = random_.choice(["", " "])
    return f"FR{gap}{key}{gap}{_grouped(siren, (3, 3, 3), gap)}"


def _card(_fake: Faker, random_: random.Random) -> str:
    prefix, length = random_.choice([("4970", 16), ("4", 16), ("5132", 16), ("2221", 16), ("37", 15)])
    digits = _luhn(prefix + _digits(random_, length - 1 - len(prefix)))
    sizes = (4, 4, 4, 4) if length == 16 else (4, 6, 5)
    return _grouped(digits, sizes, random_.choice(["", " ", "-"]))


def _iban(fake: Faker, random_: random.Random) -> str:
    iban = fake.iban()
    return iban if random_.random() < 0.5 else " ".join(iban[at : at + 4] for at in range(0, len(iban), 4))


def _phone(_fake: Faker, random_: random.Random) -> str:
    number = random_.choice("1234567") + _digits(random_, 8)
    gap = random_.choice([" ", ".", "", "-"])
    start = random_.choice(["0", "0", "+33" + (" " if gap else ""), "0033 "])
    return start + number[0] + gap + _grouped(number[1:], (2, 2, 2, 2), gap)


def _plate(_fake: Faker, random_: random.Random) -> str:
    letters = "ABCDEFGHJKLMNPQRTVWXYZ"
    pair = lambda: random_.choice(letters) + random_.choice(letters)  # noqa: E731
    return f"{pair()}-{_digits(random_, 3)}-{pair()}"


def _passport(_fake: Faker, random_: random.Random) -> str:
    letters = "".join(random_.choice("ABCDEFGHJKLMNPRSTVWXYZ") for _ in range(2))
    return f"{_digits(random_, 2)}{letters}{_digits(random_, 5)}"


def _id_card(_fake: Faker, random_: random.Random) -> str:
    if random_.random() < 0.5:
        return _digits(random_, 12)
    return (
        random_.choice("DFHJ")
        + "".join(random_.choice("0123456789ABCDEFGHJKLMNPRSTVWXYZ") for _ in range(4))
        + _digits(random_, 4)
    )


def _birth(fake: Faker, random_: random.Random) -> str:
    day = fake.date_of_birth(minimum_age=18, maximum_age=95)
    months = [
        "janvier",
        "février",
        "mars",
        "avril",
        "mai",
        "juin",
        "juillet",
        "août",
        "septembre",
        "octobre",
        "novembre",
        "décembre",
    ]
    return random_.choice(
        [f"{day:%d/%m/%Y}", f"{day.day} {months[day.month - 1]} {day.year}", f"{day:%d.%m.%Y}"]
    )


_VALUES: dict[str, Callable[[Faker, random.Random], str]] = {
    "PERSON": lambda fake, _: f"{fake.first_name()} {fake.last_name()}",
    "LAST_NAME": lambda fake, _: fake.last_name(),
    "CITY": lambda _, random_: random_.choice(_CITIES),
    "ADDRESS": lambda fake, random_: (
        fake.address() if random_.random() < 0.3 else fake.address().replace("\n", ", ")
    ),
    "PHONE_NUMBER": _phone,
    "EMAIL_ADDRESS": lambda fake, _: fake.email(),
    "IP_ADDRESS": lambda fake, _: fake.ipv4_public(),
    "DATE_OF_BIRTH": _birth,
    "IBAN_CODE": _iban,
    "CREDIT_CARD": _card,
    "FR_NIR": _nir,
    "FR_SIREN": _siren,
    "FR_SIRET": _siret,
    "FR_VAT": _vat,
    "FR_PLATE": _plate,
    "PASSPORT": _passport,
    "FR_ID_CARD": _id_card,
}
