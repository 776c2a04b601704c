from __future__ import annotations

import re

import pytest
from django.test import RequestFactory

from inventory import queries as inventory
from inventory import services
from kernel.contracts.ingest import Resolution, ResolutionState
from telemetry.domain import Reason, Signal
from telemetry.panels import deployment, overview, things
from telemetry.search import senders as find_senders
from telemetry.search import sessions as find_sessions
from telemetry.search import traces as find_traces
from telemetry.services.estate import gaps
from telemetry.store import Batch
from telemetry.tables.compare import Difference, compare
from tests.cast import AGNES, ODILE, PAUL, VICTOR, only_in
from tests.inventory.estate import BUILDER
from tests.telemetry.seeding import NOW

pytestmark = pytest.mark.database


def body_of(client, address, **words) -> str:
    response = client.get(address, words)
    assert response.status_code == 200
    return response.content.decode()


@pytest.fixture
def refused(world):
    batch = Batch(key_id=world.estate.clinic_key.id.bytes, signal=Signal.TRACES, received_ns=NOW, received=9)
    batch.rejections.add(Reason.NOT_AI, "GET /health", count=8)
    batch.rejections.add(Reason.BAD_TIME, "<script>alert(1)</script>", count=1)
    other = Batch(key_id=world.estate.key.id.bytes, signal=Signal.LOGS, received_ns=NOW, received=3)
    other.rejections.add(Reason.NO_SPAN_CONTEXT, "gen_ai.choice", count=3)
    world.seed.store.write([batch, other])


# ---- ingest


@pytest.mark.parametrize("period", ["1h", "24h", "7d", "30d", "nonsense"])
def test_what_was_turned_away_is_explained_with_what_to_do(world, refused, sign_in, period):
    body = body_of(sign_in(ODILE), "/ingest/", when=period)

    assert "Set the start in nanoseconds since 1970" in body
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in body
    assert "as intended" in body
    assert "balances" in body


def test_accounts_of_one_key(world, refused, sign_in):
    body = body_of(sign_in(ODILE), "/ingest/", key=world.estate.key.id.hex)

    assert "A log record without trace and span ID" in body
    assert "Set the start in nanoseconds" not in body


def test_a_role_in_the_clinics_sees_the_accounts_of_the_clinics_keys_alone(world, refused, sign_in):
    client = sign_in(only_in(PAUL, world.estate.clinics))
    body = body_of(client, "/ingest/")

    assert "Set the start in nanoseconds" in body
    assert "A log record without trace and span ID" not in body
    assert "A log record without" not in body_of(client, "/ingest/", key=world.estate.key.id.hex)


def test_the_accounts_are_not_for_strangers(world, sign_in):
    assert sign_in(VICTOR).get("/ingest/").status_code == 403


# ---- sessions


def test_sessions_lead_to_their_traces(world, sign_in):
    world.seed.write(world.clinic, world.seed.trace(world.clinic, session_id="visit-7"))
    client = sign_in(ODILE)

    assert "session=visit-7" in body_of(client, "/sessions/")
    assert "visit-7" not in body_of(client, "/sessions/", deployment=str(world.estate.shop_live))
    assert body_of(client, "/traces/", session="visit-7").count("data-row") == 1


def test_a_session_of_one_trace_has_no_time_between_its_first_and_its_last(world, sign_in):
    world.seed.write(world.clinic, world.seed.trace(world.clinic, session_id="visit-7"))
    body = body_of(sign_in(ODILE), "/sessions/", q="visit-7")

    assert "one trace" in body
    assert "0 ms" not in body


# ---- panels


def request_of(actor):
    request = RequestFactory().get("/")
    request.actor = actor
    return request


def test_a_deployment_shows_declared_beside_observed(world):
    detail = inventory.deployment_detail(ODILE, world.estate.radiology_live)

    html = deployment.observed(request_of(ODILE), detail)

    assert "weights-7b" in html
    assert "declared" in html
    assert "Nantes clinic" in html
    assert html.count("not declared") >= 1  # content was full, the declared mode is redact


def test_the_traffic_of_a_system_opens_the_traces_of_its_deployments(world):
    detail = inventory.system_detail(ODILE, world.estate.radiology)

    html = things.traffic(things.system)(request_of(ODILE), detail)

    assert f'href="/traces/?deployment={world.estate.radiology_live}&amp;' in html


def test_a_deployment_that_nobody_heard_is_said_to_be_silent(world):

    silent = services.register_deployment(
        BUILDER, system=world.estate.radiology, name="Silent", environment="test"
    )
    detail = inventory.deployment_detail(ODILE, silent)

    assert "never heard" in deployment.observed(request_of(ODILE), detail)
    assert "never heard" in things.traffic(things.deployment)(request_of(ODILE), detail)
    assert things.recent(things.deployment)(request_of(ODILE), detail) is None


@pytest.mark.parametrize(
    ("kind", "thing", "find"),
    [
        ("site_detail", "clinic", things.site),
        ("system_detail", "radiology", things.system),
        ("endpoint_detail", "server", things.endpoint),
        ("deployment_detail", "radiology_live", things.deployment),
    ],
)
def test_things_of_the_register_show_traffic_and_traces(world, kind, thing, find):
    subject = getattr(inventory, kind)(ODILE, getattr(world.estate, thing)).row
    request = request_of(ODILE)

    assert "live" in things.traffic(find)(request, subject)
    assert "draft_report" in things.recent(find)(request, subject)


@pytest.mark.parametrize(
    ("kind", "thing", "find"),
    [
        ("site_detail", "clinic", things.site),
        ("endpoint_detail", "server", things.endpoint),
        ("deployment_detail", "radiology_live", things.deployment),
    ],
)
def test_the_senders_of_a_thing_are_a_door_to_as_many(world, sign_in, kind, thing, find):
    subject = getattr(inventory, kind)(ODILE, getattr(world.estate, thing)).row
    panel = things.traffic(find)(request_of(ODILE), subject)

    door = re.search(r'href="(/senders/\?[^"]+)">1</a>', panel)
    assert door is not None
    body = body_of(sign_in(ODILE), door[1].replace("&amp;", "&"))
    assert "radiology-api" in body
    assert "shadow-bot" not in body
    assert re.search(r'href="/traces/\?[^"]+when=24h">\d', panel)


def test_steps_and_errors_of_who_uses_a_model_are_doors(world):
    panel = things.model_use(request_of(ODILE), inventory.model_detail(ODILE, world.estate.model).row)

    assert re.search(r'class="door" href="/traces/\?sender=[^"]+when=30d">\d', panel)
    assert re.search(r'class="door" href="/traces/\?sender=[^"]+status=error">\d', panel)


def test_what_was_never_heard_is_not_called_dark(world):
    services.place_deployment(
        BUILDER,
        deployment=services.register_deployment(
            BUILDER, system=world.estate.radiology, name="Silent", environment="test"
        ),
        site=world.estate.clinic,
    )
    lanes = overview.estate_by_tier(request_of(ODILE), None)

    assert "1 never heard" in lanes
    assert "1 dark" not in lanes


def test_an_endpoint_a_model_and_a_dataset_show_what_was_observed_of_them(world):
    request = request_of(ODILE)

    assert "weights-7b" in things.endpoint_models(
        request, inventory.endpoint_detail(ODILE, world.estate.server)
    )
    assert "radiology-api" in things.model_use(request, inventory.model_detail(ODILE, world.estate.model).row)
    version = inventory.model_version_detail(ODILE, world.estate.model_version)
    assert "radiology-api" in things.model_use(request, version.row)
    assert "not observed" in things.dataset_use(
        request, inventory.dataset_detail(ODILE, world.estate.records)
    )


def test_the_overview_counts_lanes_unknown_senders_and_what_came(world, refused):
    request = request_of(ODILE)

    assert overview.estate_by_tier(request, None).count("<tr>") == 10
    assert "shadow-bot" in overview.unregistered(request, None)
    assert "The start time was missing" in overview.ingest_health(request, None)
    assert "Unregistered senders" in overview.unregistered_figure(request, None)
    assert ">7<" in overview.traffic_figure(request, None)
    assert ">1<" in overview.error_figure(request, None)


def test_who_reads_one_unit_is_not_told_how_many_are_unknown(world):
    request = request_of(only_in(PAUL, world.estate.clinics))

    assert overview.unregistered(request, None) is None
    assert overview.unregistered_figure(request, None) is None
    assert "Retail edge" in overview.estate_by_tier(request, None)


# ---- search


def test_search_finds_traces_sessions_and_senders_within_what_the_reader_may_see(world):
    shop_trace = world.shop_trace.hex()
    clinics_only = only_in(PAUL, world.estate.clinics)
    world.seed.write(world.clinic, world.seed.trace(world.clinic, session_id="visit-7"))

    assert [hit.title for hit in find_traces(ODILE, shop_trace[:7], 5)] == ["find product"]
    assert find_traces(clinics_only, shop_trace, 5) == []
    assert find_traces(ODILE, "not hex", 5) == find_traces(ODILE, "ab", 5) == []
    assert [hit.title for hit in find_sessions(ODILE, "visit-7", 5)] == ["visit-7"]
    assert [hit.title for hit in find_senders(ODILE, "shadow", 5)] == ["shadow-bot"]
    assert find_senders(clinics_only, "shadow", 5) == []


# ---- API


def test_the_api_gives_the_same_traces_as_the_page(world, sign_in):
    found = sign_in(AGNES).get("/api/v1/traces", {"limit": 2}).json()
    rest = sign_in(ODILE).get("/api/v1/traces", {"limit": 2, "cursor": found["cursor"]}).json()

    assert (found["count"], found["count_is_exact"]) == (3, True)
    assert {item["name"] for item in found["items"] + rest["items"]} == {
        "draft_report",
        "find product",
        "summarise mail",
    }


def test_the_api_is_scoped_like_the_pages(world, sign_in):
    client = sign_in(only_in(PAUL, world.estate.clinics))

    assert [item["name"] for item in client.get("/api/v1/traces").json()["items"]] == ["draft_report"]
    assert client.get(f"/api/v1/traces/{world.shop_trace.hex()}").status_code == 404
    assert client.get(f"/api/v1/senders/{world.stranger.sender_id().hex()}").status_code == 404
    assert client.get("/api/v1/senders").json()["count"] == 1


def test_the_api_tells_one_trace_one_sender_and_the_accounts(world, refused, sign_in):
    client = sign_in(ODILE)
    trace = client.get(f"/api/v1/traces/{world.radiology_trace.hex()}").json()
    sender = client.get(f"/api/v1/senders/{world.clinic.sender_id().hex()}").json()
    accounts = client.get("/api/v1/ingest").json()

    assert len(trace["spans"]) == 3
    assert "normal" not in str(trace)
    assert sender["state"] == "resolved"
    assert sender["resolutions"][0]["deployment"]["id"] == str(world.estate.radiology_live)
    assert {item["reason"] for item in accounts["rejections"]} == {"not_ai", "bad_time", "no_span_context"}


@pytest.mark.parametrize(
    ("words", "status"),
    [
        ({"since": "2026-02-01T08:00:00"}, 422),
        ({"since": "2026-02-02T08:00:00Z", "until": "2026-02-01T08:00:00Z"}, 422),
        ({"since": "9999-12-30T00:00:00Z", "until": "9999-12-31T00:00:00Z"}, 422),
        ({"until": "0001-01-01T00:00:00Z"}, 422),
        ({"since": "1970-01-01T00:00:00+14:00", "until": "1970-02-01T00:00:00Z"}, 200),
        ({"status": "error"}, 200),
        ({"known": "unknown"}, 200),
        ({"cursor": "nonsense"}, 200),
        ({"min_tokens": "99999999999999999999999"}, 422),
    ],
)
def test_the_api_refuses_what_it_does_not_understand(world, sign_in, words, status):
    assert sign_in(ODILE).get("/api/v1/traces", words).status_code == status


def test_the_api_is_not_for_strangers(world, sign_in, client):
    assert client.get("/api/v1/traces").status_code == 401
    stranger = sign_in(VICTOR)
    assert stranger.get("/api/v1/traces").status_code == 403
    assert stranger.get("/api/v1/ingest").status_code == 403


# ---- rules without a database


def resolution(from_ns, until_ns):
    return Resolution(ResolutionState.RESOLVED, valid_from_ns=from_ns, valid_until_ns=until_ns)


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ([], [(None, None)]),
        ([(None, None)], []),
        ([(10, None)], [(None, 10)]),
        ([(None, 10)], [(10, None)]),
        ([(10, 20), (30, 40)], [(None, 10), (20, 30), (40, None)]),
        ([(30, 40), (10, 35)], [(None, 10), (40, None)]),
        ([(None, 20), (20, None)], []),
    ],
)
def test_what_nobody_explains_are_the_gaps_between_resolutions(told, expected):
    found = gaps(b"s" * 16, [resolution(*window) for window in told])

    assert [(window.from_ns, window.until_ns) for window in found] == expected


def test_declared_and_observed_names_meet_whatever_their_case():
    found = compare(
        "Models",
        declared={"Weights-7B": "Weights 7", "w7": "Weights 7", "old": "Old"},
        observed={"weights-7b": 5, "x": 1},
    )

    assert [(line.name, line.difference) for line in found.lines] == [
        ("weights-7b", Difference.AGREES),
        ("x", Difference.NOT_DECLARED),
        ("Old", Difference.NOT_OBSERVED),
    ]
    assert found.differs
