"""Fills an installation with hostile text: every text field of the register, and telemetry that is hostile everywhere.

Run inside the installation, by `manage.py shell`. It goes round the verbs on purpose: what a form would refuse may
still reach the database some other way, and a page must bear it.
"""

from __future__ import annotations

import json
import secrets
import time
import urllib.request

from django.apps import apps
from django.conf import settings
from django.db import DatabaseError, models, transaction

from console import services
from console.models import User
from demo import estate
from inventory.models import Deployment
from kernel.actor import Role, system_actor

PAYLOADS = (
    "<img src=x onerror=alert(1)>",
    "</script><script>alert(2)</script>",
    "\"' onmouseover=alert(3) x='",
    "{{7*7}}${7*7}‹{%raw%}›",
    "javascript:alert(4)",
    "http://127.0.0.1:9/<x>?\"'",
    "a\u2028b\u2029c\u202ed\u0007e",
    "W" * 2000,
)
ALL = " ".join(PAYLOADS[:6])
OURS = ("inventory", "console")
NOT_FREE = ("slug", "password", "email", "language", "theme", "public_id", "sender_id")


def free_text(field: models.Field) -> bool:
    kinds = (models.CharField, models.TextField, models.URLField)
    return isinstance(field, kinds) and not field.choices and field.name not in NOT_FREE and field.editable


def spoil_register() -> int:
    spoilt = 0
    for model in apps.get_models():
        if model._meta.app_label not in OURS:
            continue
        for field in filter(free_text, model._meta.concrete_fields):
            for number, row in enumerate(model._base_manager.order_by("pk")):
                text = PAYLOADS[number % len(PAYLOADS)]
                if field.unique or "name" in field.name:
                    text = f"{number} {text}"
                try:
                    with transaction.atomic():
                        model._base_manager.filter(pk=row.pk).update(
                            **{field.name: text[: field.max_length or 4000]}
                        )
                    spoilt += 1
                except DatabaseError:
                    continue  # the database itself refuses this text here: a constraint holds
    return spoilt


def hostile_span(deployment: str, payload: str) -> dict:
    now = time.time_ns()
    words = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": payload,
        "gen_ai.request.model": payload,
        "gen_ai.response.model": payload,
        "gen_ai.response.id": payload,
        "gen_ai.conversation.id": payload,
        "gen_ai.agent.name": payload,
        "gen_ai.tool.name": payload,
        "gen_ai.data_source.id": payload,
        "server.address": payload,
        "error.type": payload,
        "exception.message": payload,
        "url.full": payload,
        "__proto__.polluted": payload,
        payload[:200]: payload,
        "gen_ai.input.messages": json.dumps(
            [{"role": payload, "parts": [{"type": "text", "content": payload}]}]
        ),
        "gen_ai.output.messages": json.dumps(
            [
                {
                    "role": "assistant",
                    "finish_reason": payload,
                    "parts": [
                        {"type": "text", "content": payload},
                        {
                            "type": "tool_call",
                            "id": payload,
                            "name": payload,
                            "arguments": {payload: payload},
                        },
                        {"type": payload, "content": payload},
                    ],
                }
            ]
        ),
        "gen_ai.system_instructions": json.dumps([{"type": "text", "content": payload}]),
    }
    span = {
        "traceId": secrets.token_hex(16),
        "spanId": secrets.token_hex(8),
        "name": payload,
        "kind": 3,
        "startTimeUnixNano": str(now - 1_000_000_000),
        "endTimeUnixNano": str(now),
        "status": {"code": 2, "message": payload},
        "events": [
            {
                "name": payload,
                "timeUnixNano": str(now),
                "attributes": attributes({"exception.message": payload}),
            }
        ],
        "attributes": attributes(words),
    }
    resource = {"service.name": payload, "service.namespace": payload, "host.name": payload}
    if deployment:
        resource["tutela.deployment"] = deployment
    return {
        "resource": {"attributes": attributes(resource)},
        "scopeSpans": [{"scope": {"name": payload}, "spans": [span]}],
    }


def attributes(words: dict[str, str]) -> list[dict]:
    return [{"key": name, "value": {"stringValue": value}} for name, value in words.items()]


def send_hostile_telemetry() -> None:
    facts = json.loads((settings.TUTELA.home / "first-run.json").read_text())
    deployments = ["", *Deployment.objects.order_by("slug").values_list("slug", flat=True)[:3]]
    for payload in (*PAYLOADS, ALL):
        spans = [hostile_span(deployment, payload) for deployment in deployments]
        request = urllib.request.Request(  # noqa: S310  # our own http address
            f"{facts['otlp_http']}/v1/traces",
            data=json.dumps({"resourceSpans": spans}).encode(),
            headers={"Content-Type": "application/json", **facts["otlp_headers"]},
        )
        with urllib.request.urlopen(request, timeout=30) as response:  # noqa: S310  # the same
            assert response.status == 200, response.status


estate.build(system_actor("siege"))
Deployment.objects.update(capture_mode="full")
services.grant_role(
    system_actor("siege"),
    User.objects.get(email="admin@localhost").pk,
    role=Role.ADMINISTRATOR,
    unit_id=None,
    read_content=True,
    reason="to see hostile content on every page",
)
spoilt = spoil_register()
time.sleep(2)  # ingest reads the register anew within a second
send_hostile_telemetry()
print(f"{spoilt} fields hold hostile text")  # noqa: T201  # read by whoever runs the campaign
