from __future__ import annotations

import pytest

from guardrails.engines.personal_data import PersonalDataEngine
from kernel.config import PersonalDataTier


@pytest.fixture(scope="module")
def engine():
    engine = PersonalDataEngine(PersonalDataTier.REGEX)
    engine.load()
    return engine


def found(engine, text, threshold=0.5):
    return [(one.type, text[one.start : one.end]) for one in engine.scan(text, threshold=threshold).findings]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("NIR 2 69 05 49 588 157 80.", [("FR_NIR", "2 69 05 49 588 157 80")]),
        ("269054958815780", [("FR_NIR", "269054958815780")]),
        ("n° de sécu : 2690549588157", [("FR_NIR", "2690549588157")]),
        ("numéro de sécurité sociale 269054958815781", [("FR_NIR", "269054958815781")]),
        ("RCS Paris B 552 100 554", [("FR_SIREN", "552 100 554")]),
        ("SIRET : 732 829 320 00074", [("FR_SIRET", "732 829 320 00074")]),
        ("siret 35600000049837", [("FR_SIRET", "35600000049837")]),
        ("TVA FR 40 303 265 045", [("FR_VAT", "FR 40 303 265 045")]),
        ("IBAN: FR76 3000 6000 0112 3456 7890 189, merci", [("IBAN_CODE", "FR76 3000 6000 0112 3456 7890 189")]),
        ("pay GB82WEST12345698765432 now", [("IBAN_CODE", "GB82WEST12345698765432")]),
        ("de89370400440532013000 2 days", [("IBAN_CODE", "de89370400440532013000")]),
        ("Carte 4970 1000 0000 0014", [("CREDIT_CARD", "4970 1000 0000 0014")]),
        ("amex 3714-496353-98431", [("CREDIT_CARD", "3714-496353-98431")]),
        ("carte nationale d’identité n° 880692310285", [("FR_ID_CARD", "880692310285")]),
        ("CNI : X4RTBPFW4", [("FR_ID_CARD", "X4RTBPFW4")]),
        ("passeport 12AB34567", [("PASSPORT", "12AB34567")]),
        ("titre de séjour n° 7503123456", [("FR_RESIDENCE_PERMIT", "7503123456")]),
        ("garée : AB-123-CD", [("FR_PLATE", "AB-123-CD")]),
        ("véhicule immatriculé 1234 AZ 75", [("FR_PLATE", "1234 AZ 75")]),
        ("joindre au 06 12 34 56 78 ou +33 (0)1.23.45.67.89", [("PHONE_NUMBER", "06 12 34 56 78"), ("PHONE_NUMBER", "+33 (0)1.23.45.67.89")]),
        ("call +44 20 7946 0958 or (212) 555-2368", [("PHONE_NUMBER", "+44 20 7946 0958"), ("PHONE_NUMBER", "(212) 555-2368")]),
        ("jean.dupont+test@sous.domaine.fr.", [("EMAIL_ADDRESS", "jean.dupont+test@sous.domaine.fr")]),
        ("from 203.0.114.7 and 2001:db9::8a2e:370:7334", [("IP_ADDRESS", "203.0.114.7"), ("IP_ADDRESS", "2001:db9::8a2e:370:7334")]),
        ("https://x.fr/p?email=a%40b.fr", [("URL", "https://x.fr/p?email=a%40b.fr")]),
        ("see https://www.linkedin.com/in/ada-l", [("URL", "https://www.linkedin.com/in/ada-l")]),
        ("née le 3 mars 1981", [("DATE_OF_BIRTH", "3 mars 1981")]),
        ("Date of birth: 1981-03-12", [("DATE_OF_BIRTH", "1981-03-12")]),
        ("au 12 bis, rue Victor Hugo, 69003 Lyon.", [("ADDRESS", "12 bis, rue Victor Hugo, 69003 Lyon")]),
        ("12 rue victor hugo 75001 paris", [("ADDRESS", "12 rue victor hugo 75001 paris")]),
        ("8 avenue du 8 Mai 1945\n38100 Grenoble", [("ADDRESS", "8 avenue du 8 Mai 1945\n38100 Grenoble")]),
        ("code postal : 13100 Aix-en-Provence", [("POSTCODE", "13100 Aix-en-Provence")]),
        ("at 42 Oak Street, Apt 5, Springfield, IL 62701", [("ADDRESS", "42 Oak Street, Apt 5, Springfield, IL 62701")]),
        ("10 Downing Street, London SW1A 2AA", [("ADDRESS", "10 Downing Street, London SW1A 2AA")]),
        ("Mme de La Tour d'Auvergne", [("PERSON", "de La Tour d'Auvergne")]),
        ("Dr. Strange and M. Durand", [("PERSON", "Strange"), ("PERSON", "Durand")]),
        ("je m'appelle Zoé N'Diaye.", [("PERSON", "Zoé N'Diaye")]),
        ("Cordialement,\nJean-Luc Picard", [("PERSON", "Jean-Luc Picard")]),
        ("SSN 536-90-4399", [("US_SSN", "536-90-4399")]),
        ("NHS number 943 476 5919", [("UK_NHS", "943 476 5919")]),
        ("NI AB 12 34 56 C", [("UK_NINO", "AB 12 34 56 C")]),
    ],
)  # fmt: skip
def test_what_is_personal_is_found(engine, text, expected):
    assert found(engine, text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Le lot 2026-11-204 pèse 12 345 678 grammes, à 12:30:45.",
        "Order 123456789 shipped on 2026-11-30 at 10:22.",
        "Version 3.14.2 of python 10.0.0.1 listens on 127.0.0.1 and ::1.",
        "std::vector<a::b> x = foo::bar(12, 0x1f);",
        "git@github.com:org/repo.git and @decorator and a@b",
        "https://docs.python.org/3/library/re.html?highlight=match#re.compile",
        "Le chiffre d'affaires atteint 1 234 567,89 € en 2025, soit 12 % de plus.",
        "Timestamps: 1764541353123, 20261130221153.",
        "pi = 3.14159265358979323846 and e = 2.718281828459045",
        "IBAN FR00 should begin with two letters; card is a word.",
        "ISO 9001:2015, RFC 6962, EN 50-121, B2B, COVID-19, H100-80GB",
        "uuid 550e8400-e29b-41d4-a716-446655440000 and sha 9e107d9d372bb6826bd81d3542a419d6",
        "La rue est longue et la place manque. 3 places restent.",
        "4111 1111 1111 1112",
        "",
        " \n\t ",
    ],
)
def test_what_is_not_personal_is_left_alone(engine, text):
    assert found(engine, text) == []


def test_what_needs_its_context_is_nothing_without_it(engine):
    for number in ("880692310285", "552100554", "AB123CD", "7503123456"):
        assert found(engine, f"reference {number}") == []


def test_the_threshold_is_the_callers(engine):
    assert found(engine, "reference AB123CD", threshold=0.2) == [("FR_PLATE", "AB123CD")]
    assert found(engine, "a@b.fr", threshold=1.0) == [("EMAIL_ADDRESS", "a@b.fr")]


def test_regions_of_the_setting_are_the_regions_that_count():
    german = PersonalDataEngine(PersonalDataTier.REGEX, ("DE",))
    assert found(german, "030 901820") == [("PHONE_NUMBER", "030 901820")]
    assert german.version != PersonalDataEngine(PersonalDataTier.REGEX, ("FR",)).version


def test_a_region_that_does_not_exist_is_said_at_once():
    with pytest.raises(ValueError, match="XY"):
        PersonalDataEngine(PersonalDataTier.REGEX, ("XY",)).load()
