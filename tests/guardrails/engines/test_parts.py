from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrails.domain import Check, Finding, Scan
from guardrails.engines.parts import mask_parts, scan_parts, walk
from kernel.contracts.placeholders import Placeholder, segments

plain = st.text(max_size=12)
leaves = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | plain
values = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(plain, inner, max_size=3),
    max_leaves=8,
)
said = values | values.map(json.dumps) | values.map(lambda value: json.dumps(value, ensure_ascii=False))
messages = st.lists(
    st.fixed_dictionaries({"type": st.just("text"), "content": said})
    | st.fixed_dictionaries({"type": st.just("tool_call"), "name": plain, "arguments": said})
    | st.fixed_dictionaries({"type": st.just("tool_call_response"), "id": plain, "response": said}),
    max_size=3,
)


class Finder:
    """Finds given words, as an engine would."""

    check = Check.PERSONAL_DATA
    version = "test"

    def __init__(self, *words):
        self.words = words
        self.texts = []

    def load(self):
        pass

    def scan(self, text, *, threshold):
        self.texts.append(text)
        found = []
        for word in self.words:
            at = text.find(word)
            while at >= 0:
                found.append(Finding("PERSON", at, at + len(word), 0.9))
                at = text.find(word, at + len(word))
        return Scan(tuple(sorted(found, key=lambda one: one.start)), "en")


def masked(parts, *words):
    return mask_parts(parts, scan_parts(Finder(*words), parts, threshold=0.5).found)


def literal(value):
    """The same value with every text read back from its masked form."""
    if isinstance(value, str):
        return "".join(map(str, segments(value)))
    if isinstance(value, list):
        return [literal(item) for item in value]
    if isinstance(value, dict):
        return {literal(key): literal(item) for key, item in value.items()}
    return value


@given(messages)
def test_without_findings_nothing_changes(parts):
    rewritten = mask_parts(parts, {})
    assert literal(rewritten) == parts
    assert json.dumps(literal(rewritten)) == json.dumps(parts)  # the order of members, too


@given(messages, st.data())
def test_json_stays_json_and_other_places_stay_as_they_were(parts, data):
    places = list(walk(parts))
    found = {}
    for place in data.draw(st.lists(st.sampled_from(places), max_size=3)) if places else []:
        at = st.integers(0, len(place.text))
        spans = [sorted(span) for span in data.draw(st.lists(st.tuples(at, at), max_size=3))]
        found[place.pointer] = [Finding("PERSON", start, end, 0.9) for start, end in spans]
    after = {place.pointer: place for place in walk(mask_parts(parts, found))}
    for place in places:
        if place.pointer not in found:
            assert "".join(map(str, segments(after[place.pointer].text))) == place.text
        elif _is_json(place.text):
            json.loads(after[place.pointer].text)


def _is_json(text):
    try:
        return isinstance(json.loads(text), dict | list)
    except ValueError:
        return False


@given(messages, st.text(alphabet=st.characters(categories=["L"]), min_size=1, max_size=3))
def test_a_word_that_is_found_everywhere_stands_nowhere(parts, word):
    for place in walk(masked(parts, word)):
        text = json.dumps(json.loads(place.text), ensure_ascii=False) if _is_json(place.text) else place.text
        rest = "\n".join(part for part in segments(text) if not isinstance(part, Placeholder))
        if not _is_json(place.text):
            assert word not in rest


@given(messages)
def test_a_pointer_names_one_place(parts):
    pointers = [place.pointer for place in walk(parts)]
    assert len(pointers) == len(set(pointers))


@pytest.mark.parametrize(
    ("part", "after"),
    [
        ({"type": "text", "content": "Ada came"}, {"type": "text", "content": "‹PERSON:1› came"}),
        ({"type": "reasoning", "content": "ask Ada"}, {"type": "reasoning", "content": "ask ‹PERSON:1›"}),
        (
            {"type": "tool_call", "id": "Ada", "name": "Ada", "arguments": {"who": "Ada", "n": [1, "Ada"]}},
            {
                "type": "tool_call",
                "id": "Ada",
                "name": "Ada",
                "arguments": {"who": "‹PERSON:1›", "n": [1, "‹PERSON:1›"]},
            },
        ),
        (
            {"type": "tool_call", "name": "find", "arguments": '{"who": "Ada\\n\\u0041da", "n": 5}'},
            {"type": "tool_call", "name": "find", "arguments": '{"who": "‹PERSON:1›\\n‹PERSON:1›", "n": 5}'},
        ),
        (
            {"type": "tool_call_response", "id": "1", "response": {"Ada @ home": {"age": 5}}},
            {"type": "tool_call_response", "id": "1", "response": {"‹PERSON:1› @ home": {"age": 5}}},
        ),
        (
            {"type": "uri", "modality": "image", "uri": "data:image/png;base64,Ada"},
            {"type": "uri", "modality": "image", "uri": "data:image/png;base64,Ada"},
        ),
        ({"type": "blob", "content": "Ada"}, {"type": "blob", "content": "Ada"}),
    ],
)
def test_where_personal_data_may_stand(part, after):
    assert masked([part], "Ada") == [after]


def test_a_number_that_is_somebodys_becomes_text():
    parts = [{"type": "tool_call", "name": "pay", "arguments": {"card": 4111111111111111, "amount": 12.5}}]
    assert masked(parts, "4111111111111111") == [
        {"type": "tool_call", "name": "pay", "arguments": {"card": "‹PERSON:1›", "amount": 12.5}}
    ]
    written = [{"type": "tool_call", "name": "pay", "arguments": '{"card":4111111111111111,"amount":12.5}'}]
    assert masked(written, "1111111")[0]["arguments"] == '{"card":"‹PERSON:1›","amount":12.5}'


def test_a_key_that_may_be_personal_is_in_no_pointer():
    parts = [{"type": "tool_call_response", "response": {"ada@example.com": {"plan": "gold"}, "x/y~z": "a"}}]
    assert [place.pointer for place in walk(parts)] == [
        "/0/response/~k0~n",
        "/0/response/~k0/plan",
        "/0/response/~k1~n",
        "/0/response/~k1",
    ]


def test_the_engine_reads_fields_with_their_names_in_one_scan():
    engine = Finder()
    scan_parts(
        engine,
        [
            {"type": "text", "content": "Please book."},
            {
                "type": "tool_call",
                "name": "book",
                "arguments": {"passportNumber": "12AB34567", "seat_no": "4C"},
            },
            {"type": "tool_call_response", "response": '{"booked_by": "Ada", "tags": ["x"]}'},
        ],
        threshold=0.5,
    )
    assert engine.texts == [
        "Please book.\n\npassport number: 12AB34567\n\nseat no: 4C\n\nbooked by: Ada\n\ntags: x\n\n"
    ]


def test_offsets_in_json_are_those_of_the_text_as_it_stands():
    raw = '{"note": "caf\\u00e9 \\ud83d\\ude00 Ada"}'
    parts = [{"type": "tool_call", "name": "n", "arguments": raw}]
    (finding,) = scan_parts(Finder("Ada"), parts, threshold=0.5).found["/0/arguments"]
    assert raw[finding.start : finding.end] == "Ada"


def test_a_finding_over_two_fields_is_cut_at_their_ends():
    parts = [{"type": "tool_call", "name": "n", "arguments": {"street": "1 rue X", "city": "Lyon"}}]
    found = scan_parts(Finder("X\n\ncity: Ly"), parts, threshold=0.5).found
    assert [(p, f.start, f.end) for p, (f,) in found.items()] == [
        ("/0/arguments/street", 6, 7),
        ("/0/arguments/city", 0, 2),
    ]


def test_deep_nesting_is_read_to_the_bottom():
    value = "Ada"
    for _ in range(5000):
        value = [value]
    (after,) = masked([{"type": "tool_call_response", "response": value}], "Ada")
    inner = after["response"]
    while isinstance(inner, list):
        (inner,) = inner
    assert inner == "‹PERSON:1›"
