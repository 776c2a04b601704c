"""People and their rights: what each verb does, refuses, and leaves in the ledger."""

from __future__ import annotations

import json
import uuid

import pytest
from django.contrib.sessions.models import Session
from django.test import Client

from audit import queries as ledger
from audit.domain import read_disclosure
from audit.models import Disclosure, Event
from audit.panels import in_words
from console import queries, services
from console.models import RoleGrant, User
from inventory.models import Unit
from kernel.actor import Actor, ActorKind, Permission, Role, Source, system_actor
from kernel.errors import Conflict, Forbidden, Invalid, NotFound
from tests.cast import ADA, AGNES, ODILE, PASSWORD, PAUL, VICTOR, only_in

pytestmark = pytest.mark.django_db
SETUP = system_actor("set-up")


@pytest.fixture
def unit() -> Unit:
    return Unit.objects.create(name="Retail", slug="retail")


def person(actor: Actor = ADA, *, email: str = "nina@example.org", name: str = "Nina Petit") -> uuid.UUID:
    return services.create_person(actor, email=email, name=name, password=PASSWORD)


def administrator(email: str = "chief@example.org") -> uuid.UUID:
    made = person(SETUP, email=email, name="Chief")
    services.grant_role(SETUP, made, role=Role.ADMINISTRATOR, unit_id=None)
    return made


def actor_for(person_id: uuid.UUID) -> Actor:
    return queries.actor_for(User.objects.get(pk=person_id), source=Source())


def last_event(action: str) -> dict:
    event = Event.objects.filter(action=action).order_by("time", "id").last()
    assert event is not None, f"no {action} in the ledger"
    return json.loads(bytes(event.body))


def signed_in(email: str, password: str = PASSWORD) -> Client:
    client = Client()
    assert client.login(username=email, password=password)
    return client


def test_the_history_of_a_person_names_roles_units_and_preferences_in_words(unit: Unit) -> None:
    made = person()
    services.grant_role(ADA, made, role=Role.OFFICER, unit_id=unit.pk)
    told = in_words(ledger.history("console.person", str(made)))
    words = {change.path: change.after for entry in told for change in entry.changes}

    assert words["Role"] == "Governance officer"
    assert words["Unit"] == "Retail"
    assert words["Theme"] == "As the system"
    assert not [path for path in words if "_" in path]


# ---- accounts


def test_what_the_ledger_discloses_of_a_person_is_theirs_and_not_of_whoever_made_the_account() -> None:
    made = person()
    event = Event.objects.get(action="console.person.create")

    def said_of(subject: str) -> set[str]:
        found = Disclosure.objects.filter(event=event, subject_id=subject)
        return {read_disclosure(row.disclosure)[0] for row in found}

    assert said_of(str(made)) == {"target.label", "changes.name.after", "changes.email.after"}
    assert said_of(ADA.id) == {"actor.label", "actor.email"}


def test_a_new_person_can_sign_in_and_may_do_nothing() -> None:
    made = person()
    assert signed_in("nina@example.org")
    assert actor_for(made).grants == ()


def test_the_ledger_knows_that_a_person_was_made_and_keeps_the_name_apart() -> None:
    made = person()
    event = last_event("console.person.create")
    assert event["target"] == {"type": "console.person", "id": str(made)}
    assert event["actor"]["id"] == ADA.id
    assert b"Nina" not in bytes(Event.objects.get(pk=event["id"]).body)
    assert Disclosure.objects.filter(event_id=event["id"]).count() >= 3


def test_no_password_ever_reaches_the_ledger() -> None:
    made = person()
    services.set_password(ADA, made, password="another long pass phrase")
    bodies = b"".join(bytes(body) for body in Event.objects.values_list("body", flat=True))
    assert b"battery" not in bodies
    assert User.objects.get(pk=made).password.encode() not in bodies
    assert b"another long" not in bodies


def test_an_address_signs_in_one_person_whatever_its_case() -> None:
    person()
    with pytest.raises(Conflict, match="NINA"):
        person(email="NINA@example.org")


@pytest.mark.parametrize(
    ("fields", "bad"),
    [
        ({"email": "nina"}, "email"),
        ({"email": ""}, "email"),
        ({"name": "  "}, "name"),
        ({"password": "short"}, "password"),
        ({"password": "nina petit nina"}, "password"),
        ({"password": "password1234"}, "password"),
    ],
)
def test_what_is_wrong_with_a_new_person_is_said_by_field(fields: dict[str, str], bad: str) -> None:
    given = {"email": "nina@example.org", "name": "Nina Petit", "password": PASSWORD} | fields
    with pytest.raises(Invalid) as refused:
        services.create_person(ADA, **given)
    assert list(refused.value.fields) == [bad]
    assert not User.objects.exists()


@pytest.mark.parametrize("actor", [ODILE, PAUL, AGNES, VICTOR], ids=lambda actor: actor.label)
def test_only_administrators_manage_people(actor: Actor, unit: Unit) -> None:
    made = person()
    grant = services.grant_role(ADA, made, role=Role.AUDITOR, unit_id=unit.pk)
    attempts = (
        lambda: person(actor, email="other@example.org"),
        lambda: services.rename_person(actor, made, name="X"),
        lambda: services.set_password(actor, made, password="another long pass phrase"),
        lambda: services.deactivate(actor, made, reason="because"),
        lambda: services.reactivate(actor, made, reason="because"),
        lambda: services.grant_role(actor, made, role=Role.AUDITOR, unit_id=None),
        lambda: services.revoke_role(actor, grant),
    )
    for attempt in attempts:
        with pytest.raises(Forbidden):
            attempt()
    assert Event.objects.filter(outcome="denied", actor_id=actor.id).count() == len(attempts)


def test_a_person_who_does_not_exist_is_not_found() -> None:
    with pytest.raises(NotFound):
        services.deactivate(ADA, uuid.uuid4(), reason="because")


# ---- passwords and sessions


def test_a_new_password_ends_every_session_of_the_person() -> None:
    made = person()
    client = signed_in("nina@example.org")
    person(email="other@example.org")
    other = signed_in("other@example.org")
    services.set_password(ADA, made, password="another long pass phrase")
    assert "_auth_user_id" not in client.session
    assert "_auth_user_id" in other.session
    assert not Client().login(username="nina@example.org", password=PASSWORD)


def test_oneself_needs_the_present_password_for_a_new_one() -> None:
    nina = actor_for(person())
    with pytest.raises(Invalid) as refused:
        services.set_password(nina, uuid.UUID(nina.id), password="another long pass phrase", current="wrong")
    assert list(refused.value.fields) == ["current"]
    services.set_password(nina, uuid.UUID(nina.id), password="another long pass phrase", current=PASSWORD)
    assert Client().login(username="nina@example.org", password="another long pass phrase")


def test_an_administrator_of_a_unit_cannot_take_over_an_administrator_of_all(unit: Unit) -> None:
    chief = administrator()
    with pytest.raises(Forbidden):
        services.set_password(only_in(ADA, unit.pk), chief, password="another long pass phrase")


def test_a_closed_account_is_out_at_once_and_stays_out_after_it_was_opened_again() -> None:
    made = person()
    client = signed_in("nina@example.org")
    services.deactivate(ADA, made, reason="left the company")
    assert not Session.objects.filter(pk=client.session.session_key).exists()
    assert not Client().login(username="nina@example.org", password=PASSWORD)
    assert actor_for(made).grants == ()
    services.reactivate(ADA, made, reason="came back")
    assert "_auth_user_id" not in client.session
    assert Client().login(username="nina@example.org", password=PASSWORD)


def test_closing_a_closed_account_leaves_no_second_event() -> None:
    made = person()
    for _ in range(2):
        services.deactivate(ADA, made, reason="left the company")
    assert Event.objects.filter(action="console.person.deactivate").count() == 1


# ---- roles


def test_a_role_in_a_unit_holds_there_and_below(unit: Unit) -> None:
    made = person()
    below = Unit.objects.create(name="Shops", slug="shops", parent=unit)
    services.grant_role(ADA, made, role=Role.OFFICER, unit_id=unit.pk)
    nina = actor_for(made)
    assert nina.may(Permission.REGISTER_EDIT, unit=unit.pk)
    assert nina.may(Permission.REGISTER_EDIT, unit=below.pk)
    assert not nina.may(Permission.REGISTER_EDIT, unit=None)


def test_reading_content_is_granted_apart_and_changed_by_granting_again() -> None:
    made = person()
    first = services.grant_role(ADA, made, role=Role.AUDITOR, unit_id=None)
    assert not actor_for(made).may(Permission.CONTENT_READ, unit=None)
    second = services.grant_role(
        ADA, made, role=Role.AUDITOR, unit_id=None, read_content=True, reason="case 12"
    )
    assert first == second
    assert actor_for(made).may(Permission.CONTENT_READ, unit=None)
    event = last_event("console.role.grant")
    assert event["changes"] == [{"path": "read_content", "before": False, "after": True}]


def test_nobody_gives_themselves_the_right_to_read_content(unit: Unit) -> None:
    chief = administrator()
    oneself = actor_for(chief)
    for role, unit_id in ((Role.ADMINISTRATOR, None), (Role.AUDITOR, unit.pk)):
        with pytest.raises(Forbidden, match="themselves"):
            services.grant_role(
                oneself, chief, role=role, unit_id=unit_id, read_content=True, reason="curious"
            )
    assert not actor_for(chief).may(Permission.CONTENT_READ, unit=unit.pk)
    refused = Event.objects.filter(action="console.role.grant", outcome="denied")
    assert set(refused.values_list("target_id", flat=True)) == {str(chief)}
    services.grant_role(oneself, chief, role=Role.AUDITOR, unit_id=None)


def test_the_right_to_read_content_is_given_for_a_reason() -> None:
    made = person()
    for held in (False, True):
        if held:
            services.grant_role(ADA, made, role=Role.AUDITOR, unit_id=None)
        with pytest.raises(Invalid) as refused:
            services.grant_role(ADA, made, role=Role.AUDITOR, unit_id=None, read_content=True, reason=" ")
        assert list(refused.value.fields) == ["reason"]
        assert not actor_for(made).may(Permission.CONTENT_READ, unit=None)
    services.grant_role(ADA, made, role=Role.AUDITOR, unit_id=None, read_content=True, reason="case 12")
    services.grant_role(ADA, made, role=Role.AUDITOR, unit_id=None, read_content=True)
    assert actor_for(made).may(Permission.CONTENT_READ, unit=None)


def test_granting_what_is_granted_leaves_no_event() -> None:
    made = person()
    for _ in range(2):
        services.grant_role(ADA, made, role=Role.AUDITOR, unit_id=None)
    assert Event.objects.filter(action="console.role.grant").count() == 1


def test_an_administrator_of_a_unit_gives_roles_there_alone(unit: Unit) -> None:
    made, elsewhere = person(), Unit.objects.create(name="Yards", slug="yards")
    ada_there = only_in(ADA, unit.pk)
    services.grant_role(ada_there, made, role=Role.ENGINEER, unit_id=unit.pk)
    for unit_id in (elsewhere.pk, None):
        with pytest.raises(Forbidden):
            services.grant_role(ada_there, made, role=Role.ENGINEER, unit_id=unit_id)


def test_a_role_in_a_unit_that_is_not_there_is_not_given() -> None:
    with pytest.raises(NotFound):
        services.grant_role(ADA, person(), role=Role.OFFICER, unit_id=uuid.uuid4())


def test_a_role_that_was_taken_away_is_gone_and_on_record() -> None:
    made = person()
    grant = services.grant_role(ADA, made, role=Role.OFFICER, unit_id=None)
    services.revoke_role(ADA, grant, reason="moved to another team")
    assert actor_for(made).grants == ()
    changes = {change["path"]: change for change in last_event("console.role.revoke")["changes"]}
    assert changes["role"] == {"path": "role", "before": "officer", "after": None}
    with pytest.raises(NotFound):
        services.revoke_role(ADA, grant)


# ---- the last administrator


def test_the_last_administrator_cannot_lose_the_role() -> None:
    chief = administrator()
    grant = RoleGrant.objects.get(user_id=chief)
    with pytest.raises(Conflict, match="last administrator"):
        services.revoke_role(ADA, grant.pk)
    assert RoleGrant.objects.filter(pk=grant.pk).exists()


def test_the_last_administrator_cannot_be_closed_out() -> None:
    chief = administrator()
    with pytest.raises(Conflict, match="last administrator"):
        services.deactivate(ADA, chief, reason="because")
    assert User.objects.get(pk=chief).is_active


def test_one_of_two_administrators_can_go() -> None:
    chief, second = administrator(), administrator("second@example.org")
    services.deactivate(ADA, chief, reason="left")
    with pytest.raises(Conflict):
        services.deactivate(ADA, second, reason="left too")


def test_an_administrator_of_a_unit_does_not_count_as_the_last(unit: Unit) -> None:
    chief = administrator()
    nina = person()
    grant = services.grant_role(ADA, nina, role=Role.ADMINISTRATOR, unit_id=unit.pk)
    with pytest.raises(Conflict):
        services.deactivate(ADA, chief, reason="because")
    services.revoke_role(ADA, grant)


# ---- preferences and sign-ins


def test_preferences_are_ones_own() -> None:
    nina = actor_for(person())
    services.change_preferences(nina, language="fr", theme="dark", single_key_shortcuts=False)
    kept = User.objects.get(pk=nina.id)
    assert (kept.language, kept.theme, kept.single_key_shortcuts) == ("fr", "dark", False)
    with pytest.raises(Invalid):
        services.change_preferences(nina, language="fr", theme="pink", single_key_shortcuts=True)
    with pytest.raises(Forbidden):
        services.change_preferences(SETUP, language="fr", theme="dark", single_key_shortcuts=True)


def test_signing_in_and_out_is_on_record(client: Client) -> None:
    made = person()
    client.login(username="nina@example.org", password=PASSWORD)
    client.logout()
    for action in ("console.session.start", "console.session.end"):
        assert last_event(action)["target"]["id"] == str(made)


def test_a_refused_sign_in_is_on_record_without_the_password() -> None:
    made = person()
    assert not Client().login(username="Nina@example.org", password="guessed by somebody")
    event = last_event("console.session.refuse")
    assert event["outcome"] == "failure"
    assert event["target"]["id"] == str(made)
    assert event["actor"] == {"type": ActorKind.USER.value, "id": "anonymous"}
    for text in Disclosure.objects.values_list("disclosure", flat=True):
        assert "guessed" not in text


def test_a_sign_in_as_nobody_we_know_is_on_record_too() -> None:
    assert not Client().login(username="mallory@example.org", password="x")
    assert last_event("console.session.refuse")["target"]["id"] == "unknown"
