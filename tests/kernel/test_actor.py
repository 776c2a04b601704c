"""Who may do what, where."""

from __future__ import annotations

import uuid

import pytest

from kernel.actor import Grant, Permission, Role, system_actor
from kernel.errors import Forbidden
from tests.cast import ADA, AGNES, EVERYONE, ODILE, PAUL, VICTOR, only_in, reading_content

RETAIL, HEALTH = uuid.uuid4(), uuid.uuid4()

RIGHTS = {
    ADA: set(Permission) - {Permission.CONTENT_READ},
    ODILE: {
        Permission.REGISTER_READ, Permission.REGISTER_EDIT, Permission.ESTATE_EDIT, Permission.TELEMETRY_READ,
        Permission.GUARDRAILS_MANAGE, Permission.PRICES_MANAGE, Permission.POLICIES_MANAGE, Permission.VIOLATIONS_WORK,
        Permission.APPROVALS_DECIDE, Permission.AUDIT_READ, Permission.EXPORT,
    },
    PAUL: {
        Permission.REGISTER_READ, Permission.ESTATE_EDIT, Permission.KEYS_MANAGE, Permission.TELEMETRY_READ,
        Permission.VIOLATIONS_WORK, Permission.EXPORT,
    },
    AGNES: {Permission.REGISTER_READ, Permission.TELEMETRY_READ, Permission.AUDIT_READ, Permission.EXPORT},
    VICTOR: set(),
}  # fmt: skip


@pytest.mark.parametrize("permission", list(Permission))
@pytest.mark.parametrize("actor", EVERYONE, ids=lambda actor: actor.label)
def test_each_part_has_its_rights_and_no_others(actor, permission: Permission) -> None:
    assert actor.may(permission, unit=None) is (permission in RIGHTS[actor])


@pytest.mark.parametrize("actor", EVERYONE, ids=lambda actor: actor.label)
def test_no_role_reads_content_by_itself(actor) -> None:
    assert not actor.may(Permission.CONTENT_READ, unit=None)
    assert reading_content(actor).may(Permission.CONTENT_READ, unit=None) is bool(actor.grants)


def test_a_role_in_a_unit_holds_there_alone() -> None:
    odile = only_in(ODILE, HEALTH)
    assert odile.may(Permission.REGISTER_EDIT, unit=HEALTH)
    assert not odile.may(Permission.REGISTER_EDIT, unit=RETAIL)
    assert odile.may_somewhere(Permission.REGISTER_EDIT)
    assert odile.units(Permission.REGISTER_EDIT) == {HEALTH}


def test_what_belongs_to_no_unit_asks_for_a_role_over_all() -> None:
    assert not only_in(ODILE, HEALTH, RETAIL).may(Permission.REGISTER_EDIT, unit=None)
    assert ODILE.may(Permission.REGISTER_EDIT, unit=None)


def test_a_role_over_all_holds_in_every_unit() -> None:
    assert ODILE.units(Permission.REGISTER_EDIT) is None
    assert ODILE.may(Permission.REGISTER_EDIT, unit=uuid.uuid4())


def test_a_role_over_no_unit_gives_nothing() -> None:
    nobody = only_in(ADA)
    assert not nobody.may_somewhere(Permission.PEOPLE_MANAGE)
    assert nobody.units(Permission.PEOPLE_MANAGE) == frozenset()


def test_grants_add_up_without_mixing() -> None:
    actor = only_in(ODILE, HEALTH)
    both = type(actor)(
        kind=actor.kind, id=actor.id, grants=(*actor.grants, Grant(Role.ENGINEER, frozenset({RETAIL})))
    )
    assert both.units(Permission.ESTATE_EDIT) == {HEALTH, RETAIL}
    assert both.units(Permission.KEYS_MANAGE) == {RETAIL}


def test_a_refusal_says_which_right_is_missing_and_what_to_do() -> None:
    with pytest.raises(Forbidden, match=r"keys\.manage.*administrator"):
        VICTOR.require(Permission.KEYS_MANAGE, unit=None)
    with pytest.raises(Forbidden):
        VICTOR.require_somewhere(Permission.KEYS_MANAGE)


def test_the_installation_itself_reads_no_content() -> None:
    assert not system_actor("sweep").may(Permission.CONTENT_READ, unit=None)
