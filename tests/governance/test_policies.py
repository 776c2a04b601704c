"""Policies as people write, edit, switch and retire them."""

from __future__ import annotations

from typing import Any

import pytest

from audit.models import Event
from governance.domain.policies import Mode
from governance.domain.starter import STARTER
from governance.models import Policy, PolicyVersion
from governance.services import policies as services
from kernel.errors import Conflict, Forbidden, Invalid
from tests.cast import ADA, AGNES, ODILE, PAUL, only_in

pytestmark = pytest.mark.database

OWNED: dict[str, Any] = {
    "name": "Systems have an owner",
    "sentence": "A person answers for every system.",
    "breach": "Nobody answers for it",
    "subject": "system",
    "expression": "system.has_owner",
    "examples": [
        {"name": "Owned", "facts": {"has_owner": True}, "expect": "pass"},
        {"name": "Orphaned", "facts": {"has_owner": False}, "expect": "fail"},
    ],
}


def events(verb: str) -> int:
    return Event.objects.filter(action=f"governance.policy.{verb}", outcome="success").count()


def write(**parts: Any) -> Policy:
    return Policy.objects.get(pk=services.write_policy(ODILE, **{**OWNED, **parts}))


def switch(policy: Policy, mode: Mode, reason: str = "decided by the board") -> Policy:
    services.switch_policy(ODILE, policy.pk, mode=mode, version=None, reason=reason)
    policy.refresh_from_db()
    return policy


def test_a_policy_begins_switched_off_with_its_first_version(db):
    policy = write()
    assert (policy.slug, policy.mode, policy.revision) == ("systems-have-an-owner", "off", 1)
    version = PolicyVersion.objects.get(policy=policy)
    assert (version.number, version.written_by) == (1, ODILE.id)
    assert version.definition["expression"] == "system.has_owner"
    assert events("write") == 1


@pytest.mark.parametrize("actor", [PAUL, AGNES])
def test_only_who_manages_policies_writes_them(db, actor):
    with pytest.raises(Forbidden):
        services.write_policy(actor, **OWNED)
    assert not Policy.objects.exists()


def test_a_policy_of_a_unit_is_for_those_of_the_unit(estate):
    clinical = only_in(ODILE, estate.clinics)
    made = services.write_policy(clinical, **OWNED, unit=estate.clinics)
    assert Policy.objects.get(pk=made).unit_id == estate.clinics
    with pytest.raises(Forbidden):
        services.write_policy(clinical, **{**OWNED, "name": "Everywhere"})


@pytest.mark.parametrize(
    ("parts", "field", "said"),
    [
        ({"expression": "system.has_an_owner"}, "expression", "There is no fact “has_an_owner” in “system”."),
        ({"expression": ""}, "expression", "There is no expression."),
        ({"applies_when": 'system.risk_class == "hihg"'}, "applies_when", "“hihg” is no value of"),
        ({"expression": "true || " * 300 + "true"}, "expression", "2000 are allowed"),
        ({"subject": "span"}, "subject", "There are no facts about this."),
        ({"sentence": ""}, "sentence", ""),
        ({"examples": [{"name": "x", "facts": [], "expect": "pass"}]}, "examples", "An example has a name"),
        ({"examples": [{"name": "x", "facts": {}, "expect": "maybe"}]}, "examples", "An example has a name"),
        ({"examples": [{"name": " ", "facts": {}, "expect": "pass"}]}, "examples", "a name of its own"),
    ],
)
def test_what_cannot_be_understood_is_not_kept(db, parts, field, said):
    with pytest.raises(Invalid) as refused:
        services.write_policy(ODILE, **{**OWNED, **parts})
    assert said in " ".join(str(text) for text in refused.value.fields[field])
    assert not Policy.objects.exists()


def test_an_edit_is_a_new_version_and_the_old_one_stays(db):
    policy = write()
    services.edit_policy(
        ODILE, policy.pk, version=policy.version, reason="clearer", sentence="Somebody answers for it."
    )
    policy.refresh_from_db()
    assert (policy.revision, policy.sentence) == (2, "Somebody answers for it.")
    assert [row.definition["sentence"] for row in policy.versions.order_by("number")] == [
        "A person answers for every system.",
        "Somebody answers for it.",
    ]


def test_saving_what_was_there_makes_no_version(db):
    policy = write()
    services.edit_policy(ODILE, policy.pk, version=policy.version, **OWNED)
    policy.refresh_from_db()
    assert (policy.revision, policy.version, events("edit")) == (1, 1, 0)


def test_two_who_edit_at_once_do_not_overwrite_each_other(db):
    policy = write()
    services.edit_policy(ODILE, policy.pk, version=1, sentence="First.")
    with pytest.raises(Conflict, match="Somebody else has changed this"):
        services.edit_policy(ADA, policy.pk, version=1, sentence="Second.")


@pytest.mark.parametrize(
    ("examples", "said"),
    [
        ([], "at least one example that passes and one that fails"),
        (OWNED["examples"][:1], "at least one example that passes and one that fails"),
        ([*OWNED["examples"], {"name": "Wrong", "facts": {"has_owner": True}, "expect": "fail"}], "“Wrong” comes to “pass”"),
        ([*OWNED["examples"], {"name": "Typo", "facts": {"owner": 1, "has_owner": True}, "expect": "pass"}], "system.owner"),
    ],
)  # fmt: skip
def test_no_policy_is_switched_on_whose_examples_do_not_hold(db, examples, said):
    policy = write(examples=examples)
    for mode in (Mode.SHADOW, Mode.IN_FORCE):
        with pytest.raises(Invalid) as refused:
            switch(policy, mode)
        assert said in str(refused.value.fields["examples"][0])
    policy.refresh_from_db()
    assert policy.mode == "off"


def test_switching_wants_a_reason_and_writes_an_event(db):
    policy = write()
    with pytest.raises(Invalid, match="Say why"):
        switch(policy, Mode.IN_FORCE, " ")
    assert switch(policy, Mode.IN_FORCE).mode == "in_force"
    assert policy.mode_since is not None
    assert events("switch") == 1


def test_what_is_in_force_is_not_edited_into_something_that_its_examples_contradict(db):
    policy = switch(write(), Mode.IN_FORCE)
    with pytest.raises(Invalid, match="Its own examples"):
        services.edit_policy(ODILE, policy.pk, version=None, expression="!system.has_owner")
    policy.refresh_from_db()
    assert (policy.expression, policy.revision) == ("system.has_owner", 1)


def test_a_policy_is_retired_only_when_it_is_off(db):
    policy = switch(write(), Mode.SHADOW)
    with pytest.raises(Conflict, match="Switch it off first"):
        services.retire_policy(ODILE, policy.pk, version=None, reason="no longer wanted")
    switch(policy, Mode.OFF)
    services.retire_policy(ODILE, policy.pk, version=None, reason="no longer wanted")
    policy.refresh_from_db()
    assert policy.retired_at is not None


def test_what_it_speaks_of_stays(db):
    policy = write()
    with pytest.raises(Conflict):
        services.edit_policy(
            ODILE, policy.pk, version=None, subject="deployment", expression="deployment.heard", examples=[]
        )


def test_the_starter_set_is_written_once_and_off(db):
    assert services.install_starter(ODILE) == len(STARTER)
    assert set(Policy.objects.values_list("mode", flat=True)) == {"off"}
    assert services.install_starter(ODILE) == 0
    assert Policy.objects.count() == len(STARTER) == PolicyVersion.objects.count()
    assert events("install_starter") >= 1


def test_the_demonstration_has_it_switched_on(db):
    services.install_starter(ADA, switched_on=True)
    modes = dict(Policy.objects.values_list("slug", "mode"))
    assert modes == {starter.key: starter.mode.value for starter in STARTER}


def test_a_stranger_installs_nothing(db):
    with pytest.raises(Forbidden):
        services.install_starter(PAUL)
