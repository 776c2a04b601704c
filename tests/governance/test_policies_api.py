"""Policies over the API: the same verbs, the same rights, the same answers as on the pages."""

from __future__ import annotations

import json
from typing import Any

import pytest

from governance.domain.policies import Mode, Trigger
from governance.models import Policy
from governance.services import evaluation
from governance.services import policies as services
from tests.cast import ADA, AGNES, ODILE, PAUL
from tests.governance.test_policies import OWNED
from tests.telemetry.pages.conftest import mounted, sign_in, world

__all__ = ["mounted", "sign_in", "world"]

pytestmark = pytest.mark.database


def send(client: Any, verb: str, path: str, body: dict[str, Any], **headers: str) -> Any:
    method = getattr(client, verb)
    return method(
        f"/api/v1/policies{path}", json.dumps(body), content_type="application/json", headers=headers
    )


def test_a_policy_lives_its_life_over_the_api(world, sign_in):
    client = sign_in(ODILE)
    made = send(client, "post", "", OWNED)
    assert made.status_code == 201, made.content
    here = f"/{made.json()['id']}"
    read = client.get(f"/api/v1/policies{here}")
    assert (read.json()["mode"], read.json()["examples"]) == ("off", OWNED["examples"])

    edited = send(
        client, "patch", here, {"severity": "high", "reason": "graver"}, **{"If-Match": read["ETag"]}
    )
    assert edited.json()["version"] == 2
    stale = send(client, "patch", here, {"severity": "low"}, **{"If-Match": read["ETag"]})
    assert stale.status_code == 412

    on = send(
        client,
        "post",
        f"{here}/switch",
        {"mode": "in_force", "reason": "agreed"},
        **{"If-Match": edited["ETag"]},
    )
    assert on.json()["version"] == 3
    evaluation.evaluate(Trigger.POLICY)
    failing = client.get(f"/api/v1/policies{here}/decisions").json()
    assert failing["counts"]["population"] == 2
    assert {item["outcome"] for item in failing["items"]} == {"fail"}
    assert (
        client.get(f"/api/v1/policies{here}/runs").json()[0]["counts"]["failed"]
        == failing["counts"]["failed"]
    )

    off = send(
        client, "post", f"{here}/switch", {"mode": "off", "reason": "enough"}, **{"If-Match": on["ETag"]}
    )
    gone = send(client, "post", f"{here}/retire", {"reason": "enough"}, **{"If-Match": off["ETag"]})
    assert gone.status_code == 200
    assert client.get("/api/v1/policies").json() == []
    assert len(client.get("/api/v1/policies?retired=true").json()) == 1


def test_a_bad_expression_is_named_by_its_field(db, sign_in):
    answer = send(sign_in(ODILE), "post", "", {**OWNED, "expression": "system.owner"})
    assert answer.status_code == 422
    assert answer.json()["code"] == "bad_expression"
    assert "There is no fact “owner”" in answer.json()["errors"]["expression"][0]


@pytest.mark.parametrize("actor", [PAUL, AGNES])
def test_readers_read_and_do_not_write(db, sign_in, actor):
    services.install_starter(ADA)
    client = sign_in(actor)
    assert len(client.get("/api/v1/policies").json()) == Policy.objects.count()
    assert send(client, "post", "", OWNED).status_code == 403
    row = Policy.objects.get(slug="unknown-senders")
    switched = send(
        client, "post", f"/{row.pk}/switch", {"mode": "off", "reason": "x"}, **{"If-Match": '"1"'}
    )
    assert switched.status_code == 403
    row.refresh_from_db()
    assert row.mode == Mode.OFF
