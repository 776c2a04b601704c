from __future__ import annotations

import json
import subprocess
import sys
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guardrails.engines.personal_data import ModelUnusable, PersonalDataEngine, models
from guardrails.engines.personal_data.language import language_of
from guardrails.engines.personal_data.reading import CHUNK, chunks, readable
from kernel.config import PersonalDataTier


@pytest.fixture(scope="module")
def engine():
    engine = PersonalDataEngine()
    engine.load()
    return engine


@pytest.fixture(scope="module")
def rules_only():
    engine = PersonalDataEngine(PersonalDataTier.REGEX)
    engine.load()
    return engine


def found(engine, text):
    return [(one.type, text[one.start : one.end]) for one in engine.scan(text, threshold=0.5).findings]


def test_a_french_text_is_read_in_french(engine):
    text = "Hier, Sophie Martin a rencontré Karim Benali à Marseille pour parler du contrat."
    scan = engine.scan(text, threshold=0.5)
    assert scan.language == "fr"
    assert found(engine, text) == [
        ("PERSON", "Sophie Martin"),
        ("PERSON", "Karim Benali"),
        ("LOCATION", "Marseille"),
    ]


def test_an_english_text_is_read_in_english(engine):
    text = "Yesterday Emily Johnson met Michael Brown in Chicago to talk about the contract."
    assert engine.scan(text, threshold=0.5).language == "en"
    assert found(engine, text) == [
        ("PERSON", "Emily Johnson"),
        ("PERSON", "Michael Brown"),
        ("LOCATION", "Chicago"),
    ]


def test_another_language_is_read_by_rules(engine):
    text = (
        "Guten Tag, bitte überweisen Sie den Betrag auf das Konto DE89 3704 0044 0532 0130 00, vielen Dank."
    )
    assert engine.scan(text, threshold=0.5).language == "de"
    assert found(engine, text) == [("IBAN_CODE", "DE89 3704 0044 0532 0130 00")]


def test_prompts_that_name_nobody_are_clean(engine):
    for text in (
        "Explique-moi comment fonctionne un capteur inductif et donne trois exemples.",
        "Réunion de production : préparer l'ordre du jour, puis envoyer le compte rendu.",
        "Please summarise the maintenance log and list the three most frequent faults.",
        "Write a Python function that parses JSON and returns a dictionary.",
    ):
        assert found(engine, text) == []


# --- any text

wild = st.text(max_size=80) | st.text(
    alphabet=st.sampled_from("\0\ud800\udfffe\u0301\u200b\u202e👩🏽‍🚀שלום0123456789@.:/-+ \nAé(M"),
    max_size=80,
)


@settings(deadline=None)
@given(wild)
def test_no_text_makes_it_raise_and_findings_are_sorted_and_apart(rules_only, text):
    end = 0
    for one in rules_only.scan(text, threshold=0.0).findings:
        assert end <= one.start < one.end <= len(text)
        assert 0 <= one.score <= 1
        end = one.end


@settings(deadline=None, max_examples=40)
@given(wild)
def test_names_do_not_make_it_raise_either(engine, text):
    for one in engine.scan(text + " Marie Curie", threshold=0.0).findings:
        assert 0 <= one.start < one.end <= len(text) + 12


@settings(deadline=None)
@given(wild.filter(lambda text: "@" not in text))
def test_offsets_are_characters_of_the_text_as_given(rules_only, text):
    before = text + " \n"
    findings = rules_only.scan(f"{before}ada@example.com\n", threshold=0.99).findings
    assert ("EMAIL_ADDRESS", len(before), len(before) + 15) in [
        (one.type, one.start, one.end) for one in findings
    ]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("e\u0301crire a\u0300 jean@exe\u0301mple.fr", "jean@exe\u0301mple.fr"),
        ("👩🏽‍🚀 ada@example.com", "ada@example.com"),
        ("\u200fשלום ada@example.com \u200f", "ada@example.com"),
        ("IBAN FR76 3000\u200b6000 0112 3456 7890 189", "FR76 3000\u200b6000 0112 3456 7890 189"),
        ("a\0b ada@example.com \ud800", "ada@example.com"),
    ],
)
def test_what_hides_characters_hides_no_personal_data(rules_only, text, value):
    assert [text[one.start : one.end] for one in rules_only.scan(text, threshold=0.5).findings] == [value]


@settings(deadline=None)
@given(st.text(alphabet="ab \n", max_size=3 * CHUNK))
def test_chunks_own_every_place_once(text):
    owned = [at for chunk in chunks(text) for at in range(chunk.own_start, min(chunk.own_end, len(text)))]
    assert owned == list(range(len(text)))
    assert all(chunk.end - chunk.start <= CHUNK for chunk in chunks(text))
    assert all(chunk.start <= chunk.own_start for chunk in chunks(text))


@given(wild)
def test_a_readable_text_leads_back_to_every_character(text):
    read = readable(text)
    for at in range(len(read.text)):
        start, end = read.original(at, at + 1)
        assert 0 <= start < end <= len(text)


def test_a_long_text_is_read_to_its_end_and_at_every_seam(rules_only):
    text = " ".join(f"ligne {n} : personne{n}@exemple.fr" for n in range(3000))
    findings = rules_only.scan(text, threshold=0.5).findings
    assert [text[one.start : one.end] for one in findings] == [f"personne{n}@exemple.fr" for n in range(3000)]


@pytest.mark.parametrize(
    "text",
    ["a" * 1_000_000, "1" * 1_000_000, "1 " * 500_000, "A. " * 300_000, "@" * 1_000_000, "12 rue " * 100_000, "::" * 300_000, "\n" * 1_000_000],
    ids=["letters", "digits", "groups", "initials", "ats", "ways", "colons", "lines"],
)  # fmt: skip
def test_a_megabyte_takes_seconds_whatever_it_is(rules_only, text):
    start = time.process_time()
    rules_only.scan(text, threshold=0.5)
    assert time.process_time() - start < 30


# --- language


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", None),
        ("1234 !?", None),
        ("你好", None),
        ("Where is my order?", "en"),
        ("Où est ma commande ?", "fr"),
        (
            "Wo ist meine Bestellung geblieben, die ich vor drei Wochen aufgegeben habe und noch nicht erhalten?",
            "de",
        ),
    ],
)
def test_the_language_is_told(text, expected):
    assert language_of(text) == expected


# --- models and the network

SEALED = """
import socket, sys
def closed(*_args, **_kwargs):
    raise AssertionError("the network was asked")
socket.socket.connect = closed
socket.socket.connect_ex = closed
socket.create_connection = closed
socket.getaddrinfo = closed
from guardrails.engines.loading import content_engines
from guardrails.domain import Check
assert "presidio_analyzer" not in sys.modules and "spacy" not in sys.modules
engine = content_engines()[Check.PERSONAL_DATA]
assert engine.version and "spacy" not in sys.modules
text = "Sophie Martin, sophie@exemple.co.uk, voit https://exemple.fr/?email=a@b.fr depuis Lyon."
print([one.type for one in engine.scan(text, threshold=0.5).findings])
import tldextract
assert tldextract.extract("a.exemple.co.uk").suffix == "co.uk"
"""


def test_a_whole_scan_with_sockets_closed_and_nothing_loaded_before_it():
    done = subprocess.run(
        [sys.executable, "-c", SEALED], capture_output=True, text=True, check=False, timeout=120
    )
    assert done.stdout.strip() == "['PERSON', 'EMAIL_ADDRESS', 'URL', 'LOCATION']", done.stderr
    assert "WARNING" not in done.stderr


def test_a_changed_model_is_refused_by_name(tmp_path):
    model = models.known_models()[0]
    source = models.folder_of(model)
    for name in model.files:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes((source / name).read_bytes())
    models.verify(model, tmp_path)
    with (tmp_path / "ner/model").open("ab") as file:
        file.write(b"\0")
    with pytest.raises(ModelUnusable, match="ner/model is not the file we know"):
        models.verify(model, tmp_path)
    (tmp_path / "ner/model").unlink()
    with pytest.raises(ModelUnusable, match="cannot be read"):
        models.verify(model, tmp_path)


def test_a_missing_model_says_what_to_do():
    model = models.Model("fr", "no_such_package_anywhere", "1", "x", {})
    with pytest.raises(ModelUnusable, match="PERSONAL_DATA_TIER=regex"):
        models.folder_of(model)


def test_every_file_that_is_read_is_pinned():
    for model in models.known_models():
        folder = models.folder_of(model)
        read = {
            str(path.relative_to(folder))
            for path in folder.rglob("*")
            if path.is_file()
            and path.relative_to(folder).parts[0] in {"config.cfg", "meta.json", "tokenizer", "ner", "vocab"}
        }
        assert read == set(model.files)


def test_the_version_names_what_findings_rest_on(engine, rules_only):
    assert "2.2.366" in engine.version
    assert models.manifest_digest() in engine.version
    assert engine.version != rules_only.version
    assert len(engine.version) <= 64
    assert json.dumps(engine.version).isascii()
