"""The register under `/api/v1`: the same verbs, ETags, problem details, nothing without signing in."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from audit.models import Event
from console.api import api
from console.models import RoleGrant, User
from inventory import queries
from kernel.actor import Role
from tests.cast import ADA, PASSWORD
from tests.inventory.estate import Estate

pytestmark = pytest.mark.django_db


class Caller:
    """Somebody at the API, signed in as on the pages."""

    def __init__(self, role: Role | None, *, unit: uuid.UUID | None = None) -> None:
        self.user = User(email=f"{uuid.uuid4()}@example.org", name="Caller")
        self.user.set_password(PASSWORD)
        self.user.save()
        if role is not None:
            RoleGrant.objects.create(user=self.user, role=role.value, unit_id=unit)
        self.client = Client()
        self.client.force_login(self.user)

    def __call__(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        return self.client.generic(
            method,
            f"/api/v1/{path}",
            json.dumps(body) if body is not None else "",
            content_type="application/json",
            headers=headers,
        )


@pytest.fixture
def ada(db: None) -> Caller:
    return Caller(Role.ADMINISTRATOR)


def problem(response: Any, status: int) -> dict[str, Any]:
    assert response.status_code == status, response.content
    assert response["Content-Type"] == "application/problem+json"
    body = response.json()
    assert body["status"] == status
    assert body["detail"]
    assert body["request_id"] == response["X-Request-Id"]
    return body


def test_a_system_is_registered_read_edited_and_retired(ada: Caller) -> None:
    made = ada("POST", "systems", {"name": "Triage", "persons_affected": ["patients"], "reason": "new"})
    assert made.status_code == 201
    assert made["ETag"] == '"1"'
    path = f"systems/{made.json()['id']}"
    read = ada("GET", path)
    assert read["ETag"] == '"1"'
    assert read.json()["row"]["persons_affected"] == ["patients"]
    edited = ada("PATCH", path, {"purpose": "Sorts"}, **{"If-Match": read["ETag"]})
    assert (edited.status_code, edited["ETag"]) == (200, '"2"')
    assert ada("GET", path).json()["row"]["name"] == "Triage"
    gone = ada("POST", f"{path}/retire", {"reason": "over"}, **{"If-Match": '"2"'})
    assert gone.status_code == 200
    assert ada("GET", path).json()["row"]["state"] == "retired"
    event = Event.objects.get(action="inventory.system.retire")
    assert json.loads(bytes(event.body))["source"]["channel"] == "api"


def test_an_edit_says_which_version_it_changes(ada: Caller, estate: Estate) -> None:
    path = f"systems/{estate.radiology}"
    assert problem(ada("PATCH", path, {"purpose": "x"}), 428)["code"] == "if_match_missing"
    assert problem(ada("PATCH", path, {"purpose": "x"}, **{"If-Match": '"1"'}), 412)["code"] == "stale"
    problem(ada("PATCH", path, {"purpose": "x"}, **{"If-Match": "latest"}), 422)
    assert ada("PATCH", path, {"purpose": "x"}, **{"If-Match": '"4"'}).status_code == 200


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "name"),
        ({"name": ""}, "name"),
        ({"name": "x", "nonsense": 1}, "nonsense"),
        ({"name": "x", "state": "live"}, "state"),
        ({"name": "x", "decision_impact": "total"}, "decision_impact"),
        ({"name": "x", "unit": "nowhere"}, "unit"),
        ({"name": "x", "unit": str(uuid.uuid4())}, "unit"),
        ({"name": "x", "persons_estimate": "many"}, "persons_estimate"),
    ],
)
def test_bad_input_is_answered_with_its_fields(body: dict, field: str, ada: Caller) -> None:
    assert field in problem(ada("POST", "systems", body), 422)["errors"]


def test_no_json_is_a_bad_request(ada: Caller) -> None:
    response = ada.client.post("/api/v1/systems", "{", content_type="application/json")
    assert problem(response, 400)


def test_a_body_that_is_too_large_is_no_defect(ada: Caller) -> None:
    body = json.dumps({"name": "x" * 3_000_000})
    response = ada.client.post("/api/v1/systems", body, content_type="application/json")
    assert problem(response, 413)["code"] == "too_large"


def test_a_list_is_filtered_paged_and_counted(ada: Caller, estate: Estate) -> None:
    page = ada("GET", "systems?limit=1&order=-name").json()
    assert [row["name"] for row in page["items"]] == ["Shop assistant"]
    assert page["total"] == 2
    assert ada("GET", "systems?state=live&tier=workstation").json()["total"] == 1
    assert ada("GET", f"deployments?site={estate.shop}&state=live&state=paused").json()["total"] == 1
    problem(ada("GET", "systems?limit=100000"), 422)
    problem(ada("GET", "systems?order=owner__password"), 422)
    problem(ada("GET", "systems?owner=nobody"), 422)


def test_every_list_and_every_detail_answers(ada: Caller, estate: Estate) -> None:
    things = {
        "units": estate.clinics,
        "entities": estate.vendor,
        "sites": estate.clinic,
        "fleets": estate.fleet,
        "systems": estate.radiology,
        "datasets": estate.records,
        "dataset-versions": estate.records_2026,
        "models": estate.model,
        "model-versions": estate.model_version,
        "endpoints": estate.server,
        "deployments": estate.radiology_live,
        "sender-rules": estate.rule,
        "keys": estate.key.id,
    }
    for path, thing in things.items():
        assert ada("GET", path).status_code == 200, path
        assert ada("GET", f"{path}/{thing}").status_code == 200, path
        problem(ada("GET", f"{path}/{uuid.uuid4()}"), 404)
    for path in (
        "sender-dismissals",
        "questions/systems-touching?special_category=health",
        "questions/estate-by-tier",
    ):
        assert ada("GET", path).status_code == 200, path


def test_nobody_is_let_in_without_signing_in(db: None) -> None:
    client = Client()
    for method, path, _view in routes():
        where = path.replace("{row_id}", str(uuid.uuid4()))
        response = client.generic(method, f"/api/v1{where}", "{}", content_type="application/json")
        assert problem(response, 401)["code"] == "not_signed_in", path


def test_a_change_from_another_site_is_refused(ada: Caller) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(ada.user)
    response = strict.post("/api/v1/models", {"name": "x"}, content_type="application/json")
    assert problem(response, 403)


def test_somebody_without_rights_changes_nothing(estate: Estate) -> None:
    auditor = Caller(Role.AUDITOR)
    problem(auditor("POST", "systems", {"name": "x"}), 403)
    problem(auditor("POST", "keys", {"name": "x"}), 403)
    problem(
        auditor(
            "POST",
            f"deployments/{estate.radiology_live}/state",
            {"to": "paused", "reason": "x"},
            **{"If-Match": '"1"'},
        ),
        403,
    )
    problem(Caller(None)("GET", "systems"), 403)


def test_other_units_are_not_there(estate: Estate) -> None:
    shopkeeper = Caller(Role.ADMINISTRATOR, unit=estate.shops)
    problem(shopkeeper("GET", f"systems/{estate.radiology}"), 404)
    problem(shopkeeper("PATCH", f"systems/{estate.radiology}", {"name": "x"}, **{"If-Match": '"4"'}), 404)
    problem(shopkeeper("POST", f"keys/{estate.clinic_key.id}/revoke", {"reason": "x"}), 404)
    problem(shopkeeper("POST", f"placements/{estate.placement}/end", {}), 404)
    assert shopkeeper("GET", "systems").json()["total"] == 1


def test_states_classes_relations_and_keys(ada: Caller, estate: Estate) -> None:
    system = f"systems/{estate.radiology}"
    high = {"risk_class": "high", "annex_iii_points": ["5(c)"], "reason": "care"}
    assert ada("POST", f"{system}/classify", high, **{"If-Match": '"4"'}).status_code == 200
    moved = ada("POST", f"{system}/state", {"to": "suspended", "reason": "x"}, **{"If-Match": '"5"'})
    assert moved.json() == {"version": 6}
    assert problem(
        ada("POST", f"{system}/state", {"to": "proposed", "reason": "x"}, **{"If-Match": '"6"'}), 409
    )
    placed = ada("POST", "placements", {"deployment": str(estate.radiology_live), "fleet": str(estate.fleet)})
    assert placed.status_code == 201
    assert ada("POST", f"placements/{placed.json()['id']}/end", {}).status_code == 200
    made = ada("POST", "keys", {"name": "Ward", "scope": "unit", "unit": str(estate.clinics)})
    assert made.status_code == 201
    assert made.json()["token"].startswith("ttl_ep_")
    assert made.json()["token"] not in ada("GET", f"keys/{made.json()['id']}").content.decode()
    assert ada("POST", f"keys/{made.json()['id']}/rotate", {"overlap_hours": 1}).status_code == 201
    assert ada("POST", f"keys/{made.json()['id']}/revoke", {"reason": "leaked"}).status_code == 200


def test_senders_are_promoted_merged_dismissed(ada: Caller, estate: Estate) -> None:
    who = {"key": str(estate.clinic_key.id), "service_name": "shadow"}
    to = str(estate.radiology_live)
    assert ada("POST", "senders/dismiss", {"sender": who, "reason": "a test"}).status_code == 201
    (row,) = ada("GET", "sender-dismissals").json()["items"]
    assert row["sender_id"] == estate.sender("shadow").sender_id().hex()
    assert ada("POST", f"sender-dismissals/{row['id']}/end", {}).status_code == 204
    assert ada("POST", "senders/promote", {"sender": who, "deployment": to}).status_code == 201
    assert (
        ada("POST", "senders/merge", {"senders": [who | {"place": "x"}], "deployment": to}).status_code == 201
    )
    assert queries.sender_resolver()(estate.sender("shadow"))[0].deployment_id == estate.radiology_live


def test_the_simple_form(ada: Caller, estate: Estate) -> None:
    body = {
        "system": {"name": "Weld inspection"},
        "model": {"name": "Weldnet", "version": "2"},
        "place": str(estate.shop),
    }
    made = ada("POST", "register-simple", body)
    assert made.status_code == 201, made.content
    assert (
        queries.deployment_detail(ADA, uuid.UUID(made.json()["deployment"])).row.system.name
        == "Weld inspection"
    )


def test_a_defect_is_told_without_its_detail(ada: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_args: object, **_kwargs: object) -> None:
        raise RuntimeError("password=hunter2")

    monkeypatch.setattr("inventory.api.routes.queries.estate_by_tier", broken)
    answer = problem(ada("GET", "questions/estate-by-tier"), 500)
    assert "hunter2" not in json.dumps(answer)


def routes() -> list[tuple[str, str, str]]:
    """Every address of the API: method, path, operation."""
    described = api.get_openapi_schema(path_prefix="")
    return [
        (method.upper(), "/" + path.lstrip("/"), operation["operationId"])
        for path, operations in described["paths"].items()
        for method, operation in operations.items()
    ]


def test_every_address_asks_who_calls_and_has_a_name_of_its_own() -> None:
    described = api.get_openapi_schema(path_prefix="")
    operations = [one for path in described["paths"].values() for one in path.values()]
    assert len(operations) > 80
    assert all(one["security"] for one in operations)
    names = [one["operationId"] for one in operations]
    assert len(set(names)) == len(names)
    assert described["openapi"].startswith("3.1")


def test_the_description_in_the_repository_is_what_the_code_says() -> None:
    call_command("openapi", check=True)
