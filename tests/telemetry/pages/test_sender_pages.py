from __future__ import annotations

import pytest

from audit.models import Event
from tests.cast import ADA, AGNES, ODILE, PAUL, only_in

pytestmark = pytest.mark.database


def body_of(client, address, **words) -> str:
    response = client.get(address, words)
    assert response.status_code == 200
    return response.content.decode()


def address(sender, *rest: str) -> str:
    return "/".join(("/senders", sender.sender_id().hex(), *rest, ""))


def test_the_first_screen_shows_who_is_not_known_and_nobody_else(world, sign_in):
    body = body_of(sign_in(ODILE), "/discovered/")

    assert "shadow-bot" in body
    assert "gpt-x" in body
    assert "radiology-api" not in body


def test_a_role_in_some_units_is_told_why_the_unknown_are_not_shown(world, sign_in):
    body = body_of(sign_in(only_in(PAUL, world.estate.clinics)), "/discovered/")

    assert "shadow-bot" not in body
    assert "Unknown senders are shown to those who read the whole organisation" in body


def test_all_senders_say_how_they_were_resolved(world, sign_in):
    body = body_of(sign_in(ODILE), "/senders/")

    assert "shadow-bot" in body
    assert "radiology-api" in body
    assert world.estate.radiology_slug in body


def test_the_steps_of_senders_open_their_traces(world, sign_in):
    body = body_of(sign_in(ODILE), "/discovered/")
    traces = f"/traces/?sender={world.stranger.sender_id().hex()}"

    assert f"{traces}&amp;when=all" in body
    assert f"{traces}&amp;when=24h" in body


def test_senders_can_be_narrowed(world, sign_in):
    client = sign_in(ODILE)

    assert "radiology-api" not in body_of(client, "/senders/", known="unknown")
    assert "shadow-bot" not in body_of(client, "/senders/", deployment=str(world.estate.radiology_live))
    assert "shadow-bot" in body_of(client, "/senders/", q="SHADOW")


def test_one_sender_shows_what_it_says_and_what_it_did(world, sign_in):
    body = body_of(sign_in(ODILE), address(world.stranger))

    assert "shadow-bot" in body
    assert "os.type" in body
    assert "summarise mail" in body
    assert "Nobody has said yet what this sender is" in body


def test_a_sender_of_another_unit_does_not_exist(world, sign_in):
    client = sign_in(only_in(PAUL, world.estate.clinics))

    assert client.get(address(world.clinic)).status_code == 200
    assert client.get(address(world.shop)).status_code == 404
    assert client.get(address(world.stranger)).status_code == 404
    assert client.get("/senders/zz/").status_code == 404


def test_a_promoted_sender_explains_its_past(world, sign_in):
    client = sign_in(ADA)
    response = client.post(
        address(world.stranger, "assign"),
        {"deployment": str(world.estate.shop_live), "reason": "known since June"},
    )

    assert response.status_code == 302
    assert "summarise mail" in body_of(client, "/traces/", deployment=str(world.estate.shop_live))
    assert "shadow-bot" not in body_of(client, "/discovered/")
    assert Event.objects.filter(action="inventory.sender.promote", outcome="success").exists()


def test_a_dismissed_sender_leaves_the_list_with_a_reason_and_can_be_called_back(world, sign_in):
    client = sign_in(ADA)

    assert client.post(address(world.stranger, "dismiss"), {"reason": ""}).status_code == 200
    assert client.post(address(world.stranger, "dismiss"), {"reason": "a load test"}).status_code == 302
    assert "shadow-bot" not in body_of(client, "/discovered/")
    assert "summarise mail" in body_of(client, "/traces/", known="dismissed")
    assert client.post(address(world.stranger, "call-back"), {"reason": "not a test"}).status_code == 302
    assert "shadow-bot" in body_of(client, "/discovered/")


def test_several_senders_become_one_deployment(world, sign_in):
    client = sign_in(ADA)
    chosen = {"senders": [world.stranger.sender_id().hex()], "deployment": str(world.estate.shop_live)}

    assert "shadow-bot" in body_of(client, "/senders/assign/")
    assert client.post("/senders/assign/", {**chosen, "senders": []}).status_code == 200
    assert client.post("/senders/assign/", chosen).status_code == 302
    assert "shadow-bot" not in body_of(client, "/discovered/")


def test_an_auditor_sees_senders_and_changes_nothing(world, sign_in):
    client = sign_in(AGNES)

    assert "Dismiss" not in body_of(client, address(world.stranger))
    assert client.post(address(world.stranger, "dismiss"), {"reason": "x"}).status_code == 403


def test_the_french_pages_are_french(world, sign_in):
    client = sign_in(ODILE, language="fr")

    assert "Émetteurs découverts" in body_of(client, "/discovered/")
    assert "Ce qu’il dit de lui-même" in body_of(client, address(world.stranger))


@pytest.mark.usefixtures("mounted")
@pytest.mark.parametrize("where", ["/senders/", "/sessions/"])
def test_where_nothing_was_sent_the_first_step_is_shown(db, sign_in, where):
    body = body_of(sign_in(ODILE), where)

    assert "Nothing has been sent yet" in body
    assert "OTEL_EXPORTER_OTLP_ENDPOINT" in body
    assert "Every sender is known" not in body
