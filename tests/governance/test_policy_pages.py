"""The pages of policies: what is demanded, whether it holds, and an editor that answers while one types."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from governance.domain.policies import Mode, Trigger
from governance.domain.starter import STARTER
from governance.models import Policy
from governance.services import evaluation
from governance.services import policies as services
from tests.cast import ADA, AGNES, ODILE, PAUL, only_in
from tests.governance.test_policies import OWNED
from tests.telemetry.pages.conftest import mounted, sign_in, world

__all__ = ["mounted", "sign_in", "world"]

pytestmark = pytest.mark.database

LIST = "/policies/"
CHECK = "/policies/check/"


def shown(client: Client, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status
    return answer.content.decode()


def page_of(slug: str, **query: str) -> str:
    address = reverse("governance:policy", args=[Policy.objects.get(slug=slug).pk])
    return f"{address}?outcome={query['outcome']}" if query else address


def in_force(*slugs: str) -> None:
    services.install_starter(ADA)
    for slug in slugs:
        services.switch_policy(
            ADA, Policy.objects.get(slug=slug).pk, mode=Mode.IN_FORCE, version=None, reason="tried"
        )
    evaluation.evaluate(Trigger.POLICY)


def check(client: Client, **fields: Any) -> str:
    given = {"subject": "deployment", "expression": "", "applies_when": "", "examples": "[]", **fields}
    answer = client.post(CHECK, given)
    assert answer.status_code == 200
    return answer.content.decode()


def test_an_empty_list_teaches_and_offers_the_starter_set(sign_in):
    client = sign_in(ODILE)
    text = shown(client, LIST)
    assert "No policy is in force" in text
    assert "Write down the starter set" in text
    assert client.post(reverse("governance:policy_starter"), follow=True).status_code == 200
    assert Policy.objects.count() == len(STARTER)
    assert "Write down the starter set" not in shown(client, LIST)


def test_the_list_counts_and_its_numbers_are_doors(world, sign_in):
    in_force("unknown-senders", "confidential-off-public-cloud")
    text = shown(sign_in(ODILE), LIST)
    assert "No policy is in force" not in text
    assert f'href="{page_of("unknown-senders")}?outcome=fail#subjects"' in text
    assert "not evaluated" in text  # those that are off


def test_a_page_says_of_how_many_and_names_them(world, sign_in):
    in_force("unknown-senders")
    client = sign_in(ODILE)
    text = shown(client, page_of("unknown-senders"))
    assert "Of 3: 2 hold, 1 do not, 0 cannot be told, 0 are not concerned." in text
    assert "shadow-bot" in text
    assert "radiology-api" not in text
    assert "radiology-api" in shown(client, page_of("unknown-senders", outcome="pass"))
    assert "sender.state" in text


def test_what_cannot_be_told_says_what_is_not_known(world, sign_in):
    in_force("undeclared-personal-data")
    text = shown(sign_in(ODILE), page_of("undeclared-personal-data", outcome="indeterminate"))
    assert "not known: checks.outputs_with_personal_data" in text


def test_a_reader_of_one_unit_sees_its_subjects_alone(world, sign_in):
    in_force("confidential-off-public-cloud")
    text = shown(
        sign_in(only_in(PAUL, world.estate.shops)),
        page_of("confidential-off-public-cloud", outcome="not_applicable"),
    )
    assert "Of 1:" in text
    assert "Radiology" not in text


def test_a_policy_of_another_unit_is_not_there(world, sign_in):
    made = services.write_policy(ODILE, **OWNED, unit=world.estate.clinics)
    client = sign_in(only_in(PAUL, world.estate.shops))
    shown(client, reverse("governance:policy", args=[made]), 404)
    assert "Systems have an owner" not in shown(client, LIST)


def test_it_is_told_in_french(world, sign_in):
    in_force("unknown-senders")
    text = shown(sign_in(ODILE, language="fr"), page_of("unknown-senders"))
    assert "Pas d’émetteur inconnu" in text
    assert "Tout ce qui a émis de la télémétrie" in text
    assert "En vigueur" in text


@pytest.mark.parametrize("actor", [PAUL, AGNES])
def test_who_reads_may_not_write(db, sign_in, actor):
    client = sign_in(actor)
    assert "Write a policy" not in shown(client, LIST)
    shown(client, "/policies/new/", 403)
    assert client.post(CHECK, {}).status_code == 403


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"expression": 'deployment.state == "live"'}, "understood"),
        ({"expression": 'deployment.state == "live"'}, "state of the deployment"),
        ({"expression": "deployment.sate == 1"}, "There is no fact “sate” in “deployment”."),
        ({"expression": "deployment.heard", "applies_when": "1 +"}, "It ends too early"),
        ({"expression": "deployment.heard", "examples": "[{"}, "This is no JSON"),
        ({"expression": "deployment.heard", "examples": '{"a": 1}'}, "An example has a name"),
        ({"expression": "deployment.heard", "subject": "moon"}, "Choose first what it speaks of."),
        ({"expression": "deployment.heard"}, "None yet. It needs one that passes and one that fails"),
        ({"expression": "x" * 5000}, "2000 are allowed"),
        ({"expression": "<script>alert(1)</script>"}, "&lt;script&gt;alert(1)&lt;/script&gt;"),
    ],
)
def test_the_editor_answers_while_one_types(db, sign_in, fields, said):
    if "script" in fields.get("expression", ""):
        said = "does not belong here"
    text = check(sign_in(ODILE), **fields)
    assert said in text
    assert "<script>" not in text


def test_examples_are_tried_as_they_are_typed(db, sign_in):
    examples = [
        {"name": "Right", "facts": {"heard": True}, "expect": "pass"},
        {"name": "Wrong", "facts": {"heard": False}, "expect": "pass"},
        {"name": "Typo", "facts": {"herd": True}, "expect": "indeterminate"},
    ]
    text = check(sign_in(ODILE), expression="deployment.heard", examples=json.dumps(examples))
    assert "Something is not right yet." in text
    assert "no such fact or value: deployment.herd" in text
    assert text.count('class="differs"') == 2


def test_it_is_tried_on_the_estate_and_nothing_is_kept(world, sign_in):
    text = check(sign_in(ODILE), subject="sender", expression='sender.state != "unknown"', rehearse="1")
    assert "It would open 1. Of 3 that you may see, 2 hold" in text
    assert "shadow-bot" in text
    assert not Policy.objects.exists()


def test_a_policy_is_written_edited_switched_and_retired_by_hand(world, sign_in):
    client = sign_in(ODILE)
    form = {**OWNED, "severity": "low", "kind": "condition", "examples": json.dumps(OWNED["examples"])}
    bad = client.post("/policies/new/", {**form, "expression": "system.owner"})
    assert bad.status_code == 422
    assert "There is no fact “owner” in “system”." in bad.content.decode()
    assert client.post("/policies/new/", form).status_code == 302
    row = Policy.objects.get()

    edit = reverse("governance:policy_edit", args=[row.pk])
    assert "Systems have an owner" in shown(client, edit)
    changed = {**form, "severity": "high", "version": row.version, "reason": "graver than we thought"}
    assert client.post(edit, changed).status_code == 302
    row.refresh_from_db()
    assert (row.severity, row.revision, row.subject) == ("high", 2, "system")

    switch = reverse("governance:policy_switch", args=[row.pk])
    assert client.post(switch, {"mode": "in_force", "version": row.version}).status_code == 422
    assert (
        client.post(switch, {"mode": "in_force", "reason": "agreed", "version": row.version}).status_code
        == 302
    )
    row.refresh_from_db()
    assert row.mode == "in_force"

    client.post(switch, {"mode": "off", "reason": "a mistake", "version": row.version})
    row.refresh_from_db()
    retire = reverse("governance:policy_retire", args=[row.pk])
    assert client.post(retire, {"reason": "a mistake", "version": row.version}).status_code == 302
    assert "Systems have an owner" not in shown(client, LIST)
    assert "Retired" in shown(client, reverse("governance:policy", args=[row.pk]))


def test_checking_without_scripts_saves_nothing(db, sign_in):
    form = {
        **OWNED,
        "severity": "low",
        "kind": "condition",
        "examples": json.dumps(OWNED["examples"]),
        "check": "1",
    }
    answer = sign_in(ODILE).post("/policies/new/", form)
    assert answer.status_code == 200
    assert "all examples come out as expected" in answer.content.decode()
    assert not Policy.objects.exists()


def test_the_search_finds_policies(db, sign_in):
    services.install_starter(ADA)
    assert "No unknown senders" in shown(sign_in(ODILE), "/search/?q=unknown+senders")
