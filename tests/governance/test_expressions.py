"""The adapter over CEL: what is accepted, what is refused in which words, and that nothing unknown ever passes."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from governance.adapters.cel import ExpressionError, compile_expression
from governance.domain.facts import VOCABULARY, Fact, FactType, find, problems, walk, without_unknown
from governance.domain.policies import Answer, Outcome, SubjectKind, judge
from governance.queries.rules import Ready

DEPLOYMENT = SubjectKind.DEPLOYMENT
CLOUD = {
    "state": "live",
    "places": [{"tier": "public_cloud"}],
    "datasets": [{"classification": "restricted"}],
}
ON_CLOUD = 'deployment.places.exists(p, p.tier == "public_cloud")'


def ask(text: str, facts: dict[str, Any]) -> Answer:
    return compile_expression(DEPLOYMENT, text).ask({"deployment": facts})


@pytest.mark.parametrize(
    ("text", "facts", "value", "why"),
    [
        ('deployment.state == "live"', CLOUD, True, ""),
        ('deployment.state != "live"', CLOUD, False, ""),
        (ON_CLOUD, CLOUD, True, ""),
        (ON_CLOUD, {"places": []}, False, ""),
        # one place is known to be a cloud: what the other one is changes nothing
        (ON_CLOUD, {"places": [{}, {"tier": "public_cloud"}]}, True, ""),
        (ON_CLOUD, {"places": [{}, {"tier": "hpc"}]}, None, "missing: places.tier"),
        (ON_CLOUD, {}, None, "missing: places"),
        ("deployment.silent_hours >= 24", {"silent_hours": 24}, True, ""),
        ("deployment.silent_hours >= 24", {}, None, "missing: silent_hours"),
        ("deployment.checks.unsupported_per_mille <= 50", {"checks": {}}, None, "missing: checks.unsupported_per_mille"),
        ('deployment.heard || deployment.state == "live"', {"state": "live"}, True, ""),
        ('deployment.heard && deployment.state == "live"', {"state": "paused"}, False, ""),
        # who asks whether a fact is known gets an answer
        ("has(deployment.silent_hours) && deployment.silent_hours > 1", {}, False, ""),
        ("10 / deployment.silent_hours > 1", {"silent_hours": 0}, None, "zero"),
        ("deployment.silent_hours + 9223372036854775807 > 1", {"silent_hours": 1}, None, "overflow"),
        ('deployment.state == "live"', {"state": 7}, False, ""),
    ],
)  # fmt: skip
def test_an_answer(text, facts, value, why):
    assert ask(text, facts) == Answer(value, why)


@pytest.mark.parametrize(
    ("text", "line", "column", "said"),
    [
        ("", 0, 0, "There is no expression."),
        ("deployment.state", 0, 0, "It must come to yes or no, such as a comparison; this comes to something else."),
        ('deployment.stat == "live"', 1, 11, "There is no fact “stat” in “deployment”."),
        ('deployment.places.all(p, p.land == "FR")', 1, 27, "There is no fact “land” in “deployment.places”."),
        ("sender.known", 1, 7, "“sender.known” is not known here. All facts begin with “deployment.”."),
        ('deployment.silent_hours > "3"', 1, 25, "“>” does not go with a number, a text."),
        ("deployment.state == 3", 1, 18, "“==” does not go with a text, a number."),
        ('deployment.state = "live"', 1, 18, "Two things are compared with “==”; one “=” alone means nothing here."),
        ('deployment.state == "live" &&', 1, 30, "It ends too early: something is missing after the last word."),
        ('deployment.state == "live" or deployment.heard', 1, 28, "“or” does not belong here."),
        ('deployment.state == "alive"', 0, 0, "“alive” is no value of deployment.state. There are: planned, live,"),
        ('"cloud" in deployment.places.map(p, p.tier)', None, None, None),  # through a map the fact is lost: accepted
        ('deployment.places.exists(p, p.tier in ["cloud"])', 0, 0, "“cloud” is no value of deployment.places.tier."),
        ("(" * 60 + "true" + ")" * 60, 0, 0, "It is nested too deeply."),
        ("1" + "+1" * 900 + " > 1", 0, 0, "It is nested too deeply."),
        ("true || " + "true || " * 400 + "true", 0, 0, "It has 3212 characters; 2000 are allowed."),
        ("\x00", 1, 1, "This is not written as an expression must be."),
    ],
)  # fmt: skip
def test_a_refusal_says_where_and_what(text, line, column, said):
    if said is None:
        compile_expression(DEPLOYMENT, text)
        return
    with pytest.raises(ExpressionError) as refused:
        compile_expression(DEPLOYMENT, text)
    first = refused.value.problems[0]
    assert (first.line, first.column) == (line, column), first
    assert said in first.message


def test_a_refusal_speaks_the_reader_s_language():
    with (
        translation.override("fr"),
        pytest.raises(ExpressionError, match="Il n’y a pas de fait «\u00a0stat\u00a0»"),
    ):
        compile_expression(DEPLOYMENT, 'deployment.stat == "live"')


def test_a_hostile_loop_is_cut_off():
    loop = "deployment.declared_models.all(a, deployment.declared_models.all(b, a != b || a == b))"
    assert ask(loop, {"declared_models": [str(number) for number in range(400)]}) == Answer(None, "budget")


def test_a_hostile_pattern_costs_nothing():
    assert ask('deployment.slug.matches("(a+)+$")', {"slug": "a" * 5000 + "b"}).value is False


def test_it_says_which_facts_it_reads():
    text = 'deployment.datasets.all(d, !d.contains_personal_data || d.residency_allowed) || deployment.state == "planned"'
    assert compile_expression(DEPLOYMENT, text).reads == (
        "datasets.contains_personal_data",
        "datasets.residency_allowed",
        "state",
    )


def test_many_threads_get_the_same_answers():
    wrong: list[Answer] = []

    def work(number: int) -> None:
        for turn in range(200):
            facts = {"silent_hours": number + turn}
            got = ask(f"deployment.silent_hours == {number + turn}", facts)
            if got != Answer(True):
                wrong.append(got)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


@given(st.text(max_size=80) | st.text(alphabet="deploymnt.s_()[]\"'=!&|<>0123 ", max_size=80))
@settings(max_examples=300, deadline=None)
def test_no_text_does_more_than_be_refused(text):
    try:
        program = compile_expression(DEPLOYMENT, text)
    except ExpressionError as refused:
        told = str(refused)
    else:
        told = str(program.ask({"deployment": CLOUD}))
    assert told


plain_json = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
names = st.sampled_from([fact.name for fact in VOCABULARY[DEPLOYMENT]])
EXPRESSIONS = (
    ON_CLOUD,
    'deployment.state != "retired" && size(deployment.datasets) > 0',
    "deployment.datasets.all(d, !d.contains_personal_data || d.residency_allowed)",
    "deployment.checks.unsupported_per_mille <= 50",
    "!deployment.heard || deployment.silent_hours >= 24",
)


@given(st.sampled_from(EXPRESSIONS), st.dictionaries(names, plain_json, max_size=6))
@settings(max_examples=300, deadline=None)
def test_no_facts_make_it_raise(text, facts):
    assert ask(text, facts).value in {True, False, None}


def scalars():
    for kind, facts in VOCABULARY.items():
        for path, fact in walk(facts, kind.value):
            if "[]" not in path and fact.type in {
                FactType.TEXT,
                FactType.NUMBER,
                FactType.YES_NO,
                FactType.TEXTS,
            }:
                yield pytest.param(kind, path, fact, id=path)


def demand(path: str, fact: Fact) -> str:
    match fact.type:
        case FactType.TEXT:
            return f'{path} != "{fact.allowed[0] if fact.allowed else "x"}"'
        case FactType.NUMBER:
            return f"{path} != 1"
        case FactType.YES_NO:
            return f"!{path}"
        case _:
            return f"size({path}) == 0"


@pytest.mark.parametrize(("kind", "path", "fact"), list(scalars()))
def test_a_policy_never_passes_on_a_fact_that_is_missing_or_unknown(kind, path, fact):
    """The law of the house, for every fact there is: absent or null, alone or in a group, it cannot be told."""
    program = Ready(None, compile_expression(kind, demand(path, fact)))
    steps = path.split(".")[1:]
    for facts in ({}, nested(steps, None), {steps[0]: {}} if len(steps) > 1 else {}):
        assert program.judge({kind.value: without_unknown(facts)}).outcome is Outcome.INDETERMINATE


def nested(steps: list[str], value: Any) -> dict[str, Any]:
    return {steps[0]: value if len(steps) == 1 else nested(steps[1:], value)}


@pytest.mark.parametrize(
    ("applies", "demanded", "outcome"),
    [
        (None, Answer(True), Outcome.PASS),
        (None, Answer(False), Outcome.FAIL),
        (None, Answer(None, "missing: x"), Outcome.INDETERMINATE),
        (Answer(True), Answer(True), Outcome.PASS),
        (Answer(True), Answer(False), Outcome.FAIL),
        (Answer(True), Answer(None), Outcome.INDETERMINATE),
        (Answer(False), None, Outcome.NOT_APPLICABLE),
        (Answer(None, "missing: x"), None, Outcome.INDETERMINATE),
        (Answer(True), None, Outcome.INDETERMINATE),
    ],
)
def test_two_answers_make_an_outcome(applies, demanded, outcome):
    assert judge(applies, demanded).outcome is outcome


@pytest.mark.parametrize(
    ("facts", "wrong"),
    [
        ({"state": "live", "silent_hours": 3}, []),
        ({"state": "alive"}, ["deployment.state"]),
        ({"stat": "live"}, ["deployment.stat"]),
        ({"silent_hours": True}, ["deployment.silent_hours"]),
        ({"silent_hours": 1.5}, ["deployment.silent_hours"]),
        ({"system": {"risk_class": "high", "riskclass": "high"}}, ["deployment.system.riskclass"]),
        ({"datasets": [{"classification": "public"}, {"class": 1}]}, ["deployment.datasets[1].class"]),
        ({"datasets": ["records"]}, ["deployment.datasets[0]"]),
        ({"declared_models": [1]}, ["deployment.declared_models"]),
        ({"silent_hours": None}, []),
        ([], ["deployment"]),
    ],
)
def test_facts_that_a_person_wrote_are_held_against_the_vocabulary(facts, wrong):
    assert problems(DEPLOYMENT, facts) == wrong


def test_a_fact_is_found_by_its_path():
    found = find(DEPLOYMENT, ("system", "risk_class"))
    assert found is not None
    assert "high" in found.allowed
    assert find(DEPLOYMENT, ("system", "nothing")) is None
