from __future__ import annotations

import csv
import io

import pytest

from audit.models import Event
from tests.cast import ADA, AGNES, ODILE, PAUL, VICTOR, only_in

pytestmark = pytest.mark.database


def page(client, address="/traces/", **words):
    return client.get(address, words)


def names(response) -> str:
    return response.content.decode()


def test_the_list_shows_every_trace_with_what_its_sender_is(world, sign_in):
    body = names(page(sign_in(ODILE)))

    assert "draft_report" in body
    assert "find product" in body
    assert "summarise mail" in body
    assert "Radiology drafts" in body
    assert "not registered" in body


def test_somebody_without_a_role_is_refused(world, sign_in):
    assert page(sign_in(VICTOR)).status_code == 403


def test_nobody_signed_in_is_sent_to_the_door(world, client):
    response = page(client)

    assert response.status_code == 302
    assert "/sign-in/" in response["Location"]


def test_a_role_in_the_clinics_shows_the_clinics_alone(world, sign_in):
    body = names(page(sign_in(only_in(PAUL, world.estate.clinics))))

    assert "draft_report" in body
    assert "find product" not in body
    assert "summarise mail" not in body


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ({"model": "gpt-x"}, ["summarise mail"]),
        ({"status": "error"}, ["draft_report"]),
        ({"tier": "retail_edge"}, ["find product"]),
        ({"known": "unknown"}, ["summarise mail"]),
        ({"known": "resolved"}, ["draft_report", "find product"]),
        ({"tokens_min": "1000"}, ["draft_report"]),
        ({"latency_min": "2.5"}, ["draft_report"]),
        ({"q": "PRODUCT"}, ["find product"]),
    ],
)
def test_filters_in_the_address_narrow_the_list(world, sign_in, words, expected):
    body = names(page(sign_in(ADA), **words))

    for name in ("draft_report", "find product", "summarise mail"):
        assert (name in body) is (name in expected), name


def test_filters_by_deployment_and_site(world, sign_in):
    client = sign_in(ADA)

    by_deployment = names(page(client, deployment=str(world.estate.radiology_live)))
    by_site = names(page(client, site=str(world.estate.shop)))

    assert ("draft_report" in by_deployment, "find product" in by_deployment) == (True, False)
    assert ("draft_report" in by_site, "find product" in by_site) == (False, True)


def test_a_deployment_that_sent_nothing_leaves_an_empty_list_and_not_all_traces(world, sign_in):
    from inventory import services
    from tests.inventory.estate import BUILDER

    silent = services.register_deployment(
        BUILDER, system=world.estate.radiology, name="Silent one", environment="test"
    )
    body = names(page(sign_in(ADA), deployment=str(silent)))

    assert "draft_report" not in body
    assert "Silent one" in body


def test_the_csv_is_on_record_before_it_is_handed_out(world, sign_in):
    response = page(sign_in(AGNES), export="csv", when="24h")
    rows = list(csv.reader(io.StringIO(b"".join(response.streaming_content).decode("utf-8-sig"))))

    assert len(rows) == 4
    assert Event.objects.filter(action="telemetry.traces.export", outcome="success").count() == 1


def test_the_json_holds_the_same_traces(world, sign_in):
    found = page(sign_in(AGNES), export="json").json()

    assert {trace["name"] for trace in found["traces"]} == {"draft_report", "find product", "summarise mail"}
    assert found["complete"]


def test_the_french_page_is_french(world, sign_in):
    body = names(page(sign_in(ODILE, language="fr")))

    assert 'lang="fr"' in body
    assert "Durée" in body
    assert "Started" not in body


def test_the_list_asks_the_register_and_the_record_a_bounded_number_of_times(
    world, sign_in, django_assert_max_num_queries
):
    client = sign_in(ODILE)
    page(client)

    with django_assert_max_num_queries(17):
        page(client)
