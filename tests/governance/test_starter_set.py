"""Every policy of the starter set says what it means: its examples prove it."""

from __future__ import annotations

import pytest

from governance.domain.facts import problems
from governance.domain.policies import Mode, Outcome, SubjectKind
from governance.domain.starter import STARTER
from governance.queries.rules import ready, rule_of, try_examples

DEMANDED = {
    "confidential-off-public-cloud",
    "personal-data-residency",
    "high-risk-approved",
    "unknown-senders",
    "unsupported-answers",
    "undeclared-personal-data",
    "retired-still-talking",
    "budget-kept",
    "capture-within-classification",
    "undeclared-model",
}

every = pytest.mark.parametrize("starter", STARTER, ids=lambda starter: starter.key)


def test_the_set_is_complete():
    assert {starter.key for starter in STARTER} == DEMANDED


@every
def test_its_examples_come_out_as_expected(starter):
    rule = rule_of(starter.fields())

    assert [(one.example.name, one.judgement.outcome) for one in try_examples(rule)] == [
        (example.name, example.expect) for example in rule.examples
    ]


@every
def test_its_examples_use_declared_facts_alone(starter):
    rule = rule_of(starter.fields())
    assert [problems(rule.subject, example.facts) for example in rule.examples] == [[] for _ in rule.examples]


@every
def test_it_brings_a_case_that_passes_and_one_that_fails(starter):
    assert {Outcome.PASS, Outcome.FAIL} <= {example.expect for example in rule_of(starter.fields()).examples}


@every
def test_it_is_said_in_both_languages(starter):
    for words in starter.texts.values():
        assert words.en
        assert words.fr
        assert words.en != words.fr


@every
def test_it_knows_nothing_of_a_subject_without_facts(starter):
    """No policy may pass what it knows nothing of."""
    rule = rule_of(starter.fields())
    outcome = ready(rule).judge({rule.subject.value: {}}).outcome
    assert outcome is Outcome.INDETERMINATE


def test_only_what_is_not_calibrated_begins_in_shadow():
    assert [starter.key for starter in STARTER if starter.mode is not Mode.IN_FORCE] == [
        "unsupported-answers"
    ]


def test_all_of_them_speak_of_subjects_with_facts():
    assert {starter.rule["subject"] for starter in STARTER} <= set(SubjectKind)
