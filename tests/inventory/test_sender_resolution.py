"""What a sender is: rules, claims, places and keys, over time."""

from __future__ import annotations

import uuid
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.domain.environments import canonical_environment, contradicts, same_environment
from inventory.domain.senders import (
    Basis,
    DeploymentFacts,
    During,
    EndpointFacts,
    Register,
    SiteFacts,
    Statement,
    describe,
    matches,
    policy,
    resolve,
)
from kernel.contracts.ingest import CaptureMode, ResolutionState, SenderIdentity

KEY = uuid.UUID(int=1).bytes
OTHER_KEY = uuid.UUID(int=2).bytes
NANTES = SiteFacts(uuid.UUID(int=10), "Nantes", "private_data_centre")
LYON = SiteFacts(uuid.UUID(int=11), "Lyon", "retail_edge")
SERVER = EndpointFacts(uuid.UUID(int=20), "Server", site=NANTES)
TRIAGE = DeploymentFacts(uuid.UUID(int=30), "Triage", "production", capture_mode=CaptureMode.REDACT)
CHAT = DeploymentFacts(uuid.UUID(int=31), "Chat", "test")


def identity(name: str = "triage-api", **parts: str) -> SenderIdentity:
    silent = {"service_namespace": "", "environment": "", "place": "", "claimed_deployment": ""}
    return SenderIdentity(key_id=KEY, service_name=name, **{**silent, **parts})


def rule(number: int = 1, **parts: object) -> Statement:
    return Statement(Basis.RULE, id=uuid.UUID(int=1000 + number), **parts)  # type: ignore[arg-type]  # a table's cells


@pytest.mark.parametrize(
    ("patterns", "said", "fits"),
    [
        ({}, {}, True),
        ({"service_name": "triage-api"}, {}, True),
        ({"service_name": "triage"}, {}, False),
        ({"service_name": "triage-*"}, {}, True),
        ({"service_name": "*-api"}, {}, True),
        ({"service_name": "triage?api"}, {}, True),
        ({"service_name": "[t]riage-api"}, {}, False),
        ({"service_name": "[x]*"}, {"name": "[x]y"}, True),
        ({"service_namespace": "claims"}, {}, False),
        ({"service_namespace": "claims"}, {"service_namespace": "claims"}, True),
        ({"environment": "production"}, {"environment": "prod"}, True),
        ({"environment": "production"}, {"environment": "PRD"}, True),
        ({"environment": "production"}, {"environment": "qa"}, False),
        ({"environment": "production"}, {}, False),
        ({"environment": "blue"}, {"environment": "Blue"}, True),
        ({"place": "nantes"}, {"place": "nantes"}, True),
        ({"place": "nantes"}, {"place": "lyon"}, False),
        ({"claimed_deployment": "a"}, {"claimed_deployment": "a"}, True),
        ({"key_id": KEY}, {}, True),
        ({"key_id": OTHER_KEY}, {}, False),
    ],
)
def test_a_rule_fits_what_it_says(patterns: dict, said: dict, fits: bool) -> None:
    assert matches(rule(**patterns), identity(**said)) is fits


@pytest.mark.parametrize(
    ("weaker", "stronger"),
    [
        ({"service_name": "triage-*"}, {"service_name": "triage-api"}),
        ({"service_name": "*"}, {"service_name": "triage-*"}),
        ({"service_namespace": "claims"}, {"service_name": "triage-api"}),
        ({"key_id": KEY}, {"environment": "production"}),
        ({"environment": "production"}, {"place": "nantes"}),
        ({"service_name": "triage-api"}, {"service_name": "triage-*", "priority": 1}),
        ({"service_name": "triage-api", "priority": -1}, {"service_name": "triage-*"}),
    ],
)
def test_the_closer_rule_wins_unless_priority_says_otherwise(weaker: dict, stronger: dict) -> None:
    sender = identity(service_namespace="claims", environment="prod", place="nantes")
    rules = (rule(1, **stronger, deployment=TRIAGE), rule(2, **weaker, deployment=CHAT))
    (found,) = resolve(sender, Register(rules=rules))
    assert found.deployment_id == TRIAGE.id


def test_of_two_rules_alike_the_newer_one_wins() -> None:
    rules = (rule(1, service_name="*", deployment=CHAT), rule(2, service_name="*", deployment=TRIAGE))
    assert resolve(identity(), Register(rules=rules))[0].deployment_id == TRIAGE.id


def test_a_sender_that_nothing_explains_is_unknown() -> None:
    assert resolve(identity(), Register()) == ()
    assert not policy(identity(), Register(), now_ns=0).resolved
    assert policy(identity(), Register(), now_ns=0).capture_mode is CaptureMode.HASHED


def test_rules_divide_the_time_line() -> None:
    rules = (
        rule(1, service_name="triage-api", deployment=CHAT, until_ns=100),
        rule(2, service_name="triage-api", deployment=TRIAGE, from_ns=200),
        rule(3, service_name="*", site=LYON),
    )
    found = resolve(identity(), Register(rules=rules))
    assert [(one.valid_from_ns, one.valid_until_ns, one.deployment_name, one.site_name) for one in found] == [
        (None, 100, "Chat", "Lyon"),
        (100, 200, None, "Lyon"),
        (200, None, "Triage", "Lyon"),
    ]


def test_a_rule_for_one_key_is_told_by_the_part_of_the_key_that_people_see() -> None:
    told = describe(rule(key_id=KEY, key_public_id="EFOLQE0u", service_name="triage-api"))
    assert told == "service.name=triage-api, key=EFOLQE0u"


def test_a_claim_names_the_deployment() -> None:
    register = Register(claims={"triage/production": TRIAGE})
    (found,) = resolve(identity(claimed_deployment="triage/production"), register)
    assert found.deployment_name == "Triage"
    assert found.rule_id is None
    assert "claimed" in found.how


def test_a_test_run_that_claims_production_is_not_production() -> None:
    register = Register(claims={"triage": TRIAGE})
    assert resolve(identity(claimed_deployment="triage", environment="staging"), register) == ()
    assert resolve(identity(claimed_deployment="triage", environment="prod"), register)
    assert resolve(identity(claimed_deployment="triage", environment="blue"), register)


def test_a_rule_is_believed_before_a_claim_and_a_claim_before_a_key() -> None:
    key = Statement(Basis.KEY, key_id=KEY, deployment=CHAT)
    register = Register(claims={"triage": TRIAGE}, keys={KEY: key})
    claiming = identity(claimed_deployment="triage", environment="blue")
    assert resolve(claiming, register)[0].deployment_name == "Triage"
    assert resolve(identity(), register)[0].deployment_name == "Chat"
    ruled = Register(rules=(rule(service_name="*", deployment=CHAT),), claims={"triage": TRIAGE})
    assert resolve(claiming, ruled)[0].deployment_name == "Chat"


def test_each_part_is_decided_by_whoever_knows_it() -> None:
    register = Register(
        rules=(rule(service_name="triage-*", endpoint=SERVER),),
        claims={"triage": TRIAGE},
        places={"lyon": LYON},
    )
    (found,) = resolve(identity(claimed_deployment="triage", place="lyon"), register)
    assert (found.deployment_name, found.endpoint_name, found.site_name, found.tier) == (
        "Triage",
        "Server",
        "Lyon",
        "retail_edge",
    )


def test_the_only_place_of_a_deployment_is_where_its_sender_is_and_it_may_move() -> None:
    moved = DeploymentFacts(
        uuid.UUID(int=32), "Moved", "production", places=(During(NANTES, None, 50), During(LYON, 50, None))
    )
    found = resolve(identity(), Register(rules=(rule(service_name="*", deployment=moved),)))
    assert [(one.site_name, one.valid_until_ns) for one in found] == [("Nantes", 50), ("Lyon", None)]


def test_of_two_places_none_is_guessed() -> None:
    twice = DeploymentFacts(uuid.UUID(int=33), "Twice", "production", places=(During(NANTES), During(LYON)))
    (found,) = resolve(identity(), Register(rules=(rule(service_name="*", deployment=twice),)))
    assert found.site_id is None


def test_a_sender_that_is_an_endpoint_is_where_the_endpoint_stands() -> None:
    (found,) = resolve(identity(), Register(rules=(rule(service_name="*", endpoint=SERVER),)))
    assert (found.deployment_id, found.endpoint_name, found.site_name) == (None, "Server", "Nantes")


def test_a_dismissed_sender_stays_dismissed_until_a_rule_explains_it() -> None:
    dismissed = frozenset({identity().sender_id()})
    (found,) = resolve(identity(), Register(dismissed=dismissed))
    assert found.state is ResolutionState.DISMISSED
    rules = (rule(service_name="*", deployment=TRIAGE, from_ns=10),)
    states = [one.state for one in resolve(identity(), Register(rules=rules, dismissed=dismissed))]
    assert states == [ResolutionState.DISMISSED, ResolutionState.RESOLVED]


def test_the_policy_is_that_of_the_deployment_now() -> None:
    register = Register(rules=(rule(service_name="*", deployment=TRIAGE, from_ns=100),))
    assert policy(identity(), register, now_ns=100).capture_mode is CaptureMode.REDACT
    assert policy(identity(), register, now_ns=99).capture_mode is CaptureMode.HASHED


def test_a_retired_deployment_keeps_no_text() -> None:
    retired = DeploymentFacts(
        uuid.UUID(int=34), "Old", "production", capture_mode=CaptureMode.FULL, retired=True
    )
    found = policy(identity(), Register(rules=(rule(service_name="*", deployment=retired),)), now_ns=0)
    assert (found.resolved, found.capture_mode) == (True, CaptureMode.HASHED)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("prod", "production"),
        ("  Live ", "production"),
        ("uat", "test"),
        ("canary", "pilot"),
        ("blue", None),
        ("", None),
    ],
)
def test_environments_have_many_names(said: str, meant: str | None) -> None:
    assert canonical_environment(said) == meant


def test_silence_contradicts_nothing() -> None:
    assert not contradicts("", "production")
    assert not contradicts("blue", "production")
    assert contradicts("dev", "production")
    assert same_environment("blue", "BLUE")


moments = st.none() | st.integers(min_value=0, max_value=50)
statements = st.builds(
    lambda number, start, length, priority, deployment, name: rule(
        number,
        service_name=name,
        priority=priority,
        from_ns=start,
        until_ns=None if length is None else (start or 0) + length + 1,
        deployment=deployment,
    ),
    st.integers(0, 10_000),
    moments,
    moments,
    st.integers(-2, 2),
    st.sampled_from([TRIAGE, CHAT]),
    st.sampled_from(["triage-api", "triage-*", "*", ""]),
)


@given(st.lists(statements, max_size=8, unique_by=lambda one: one.id))
def test_intervals_never_overlap_and_never_come_twice(rules: list[Statement]) -> None:
    found = resolve(identity(), Register(rules=tuple(rules)))
    for before, after in pairwise(found):
        assert before.valid_until_ns is not None
        assert after.valid_from_ns is not None
        assert before.valid_until_ns <= after.valid_from_ns
        if before.valid_until_ns == after.valid_from_ns:
            assert (before.deployment_id, before.rule_id) != (after.deployment_id, after.rule_id)


@given(st.lists(statements, max_size=8, unique_by=lambda one: one.id), st.integers(-1, 120))
def test_the_time_line_agrees_with_asking_for_one_moment(rules: list[Statement], moment: int) -> None:
    speaking = [one for one in rules if one.holds_at(moment)]
    best = max(speaking, key=Statement.rank, default=None)
    found = [
        one
        for one in resolve(identity(), Register(rules=tuple(rules)))
        if (one.valid_from_ns is None or one.valid_from_ns <= moment)
        and (one.valid_until_ns is None or moment < one.valid_until_ns)
    ]
    assert [one.deployment_id for one in found] == ([best.deployment.id] if best and best.deployment else [])


@given(st.lists(statements, max_size=6, unique_by=lambda one: one.id), st.randoms(use_true_random=False))
def test_the_order_of_rules_does_not_matter(rules: list[Statement], random) -> None:
    shuffled = list(rules)
    random.shuffle(shuffled)
    assert resolve(identity(), Register(rules=tuple(rules))) == resolve(
        identity(), Register(rules=tuple(shuffled))
    )


@given(st.text(max_size=40), st.text(max_size=40))
def test_no_pattern_breaks_the_matching(pattern: str, name: str) -> None:
    matches(rule(service_name=pattern), identity(name))
    if not set(pattern) & set("*?") and pattern:
        assert matches(rule(service_name=pattern), identity(name)) is (pattern == name)


def test_no_rule_takes_a_sender_that_claims_one_units_deployment_to_anothers() -> None:
    """Not by its priority, not by its key, and not where the claim itself leaves a choice."""
    here, elsewhere = uuid.UUID(int=40), uuid.UUID(int=41)
    triage, chat = replace(TRIAGE, unit_id=here), replace(CHAT, unit_id=elsewhere)
    taking = rule(key_id=KEY, deployment=chat, priority=32767)
    register = Register(rules=(taking,), claims={"triage": triage}, bearers={"triage": here, "two": here})
    (found,) = resolve(identity(claimed_deployment="triage"), register)
    assert (found.deployment_name, found.unit_id) == ("Triage", here)
    assert (
        policy(identity(claimed_deployment="triage"), register, now_ns=0).capture_mode is CaptureMode.REDACT
    )
    assert resolve(identity(claimed_deployment="two"), register) == ()
    assert resolve(identity(), register)[0].deployment_name == "Chat"
    within = replace(register, bearers={"triage": elsewhere})
    assert resolve(identity(claimed_deployment="triage"), within)[0].deployment_name == "Chat"


def test_of_several_endpoints_that_a_deployment_uses_the_one_at_the_sender_s_place_is_meant() -> None:
    box = EndpointFacts(uuid.UUID(int=21), "Box", site=LYON)
    both = replace(CHAT, uses=(During(SERVER), During(box)))
    rules = (rule(1, service_name="*", deployment=both),)
    here = Register(rules=(*rules, rule(2, service_name="*", site=LYON)))
    nowhere = Register(rules=rules)
    elsewhere = Register(
        rules=(*rules, rule(3, service_name="*", site=SiteFacts(uuid.UUID(int=12), "Brest", "hpc")))
    )
    assert [item.endpoint_id for item in resolve(identity(), here)] == [box.id]
    assert [item.endpoint_id for item in resolve(identity(), nowhere)] == [None]
    assert [item.endpoint_id for item in resolve(identity(), elsewhere)] == [None]
