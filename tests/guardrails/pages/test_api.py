"""Guardrail profiles over the API: the same verbs, the same rights."""

from __future__ import annotations

import json
from typing import Any

import pytest

from guardrails.models import GuardrailProfile, ProfileAssignment
from tests import cast
from tests.guardrails.pages.conftest import SignIn, World

pytestmark = pytest.mark.database
PATH = "/api/v1/guardrail-profiles"


def _send(client: Any, method: str, path: str, body: dict[str, Any], **headers: str) -> Any:
    send = getattr(client, method)
    return send(path, json.dumps(body), content_type="application/json", headers=headers)


def test_a_profile_is_made_read_changed_and_assigned(world: World, sign_in: SignIn) -> None:
    odile = sign_in(cast.ODILE)
    made = _send(odile, "post", PATH, {"name": "Health", "personal_data_threshold": 350})
    assert made.status_code == 201
    id_ = made.json()["id"]
    read = odile.get(f"{PATH}/{id_}")
    assert read.json()["row"]["personal_data_threshold"] == 350
    changed = _send(odile, "patch", f"{PATH}/{id_}", {"secrets_sampling": 10}, **{"If-Match": read["ETag"]})
    assert changed.json() == {"version": 2}
    assert GuardrailProfile.objects.get(pk=id_).secrets_sampling == 10
    body = {"profile": id_, "deployment": str(world.estate.shop_live)}
    assigned = _send(odile, "post", "/api/v1/guardrail-assignments", body)
    assert assigned.status_code == 201
    assert odile.get(f"{PATH}?search=health").json()["items"][0]["deployment_count"] == 1
    ended = _send(
        odile, "post", f"/api/v1/guardrail-assignments/{assigned.json()['id']}/end", {"reason": "over"}
    )
    assert ended.status_code == 204
    assert ProfileAssignment.objects.get().valid_until is not None


def test_what_is_not_known_or_not_allowed_is_refused(world: World, sign_in: SignIn) -> None:
    odile, paul = sign_in(cast.ODILE), sign_in(cast.PAUL)
    assert _send(odile, "post", PATH, {"name": "A", "secrets_sampling": 0}).status_code == 422
    assert _send(odile, "post", PATH, {"name": "A", "unknown": 1}).status_code == 422
    assert _send(odile, "post", PATH, {"name": "A", "is_default": True}).status_code == 422
    assert _send(paul, "post", PATH, {"name": "A"}).status_code == 403
