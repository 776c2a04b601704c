"""What the guardrails found, as facts: an answer with an address in it is an occurrence, unsupported answers are a rate."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from governance.adapters import doorbell
from governance.domain.policies import Mode, SubjectKind, Trigger
from governance.models import Decision, Policy, Violation
from governance.queries import facts
from governance.services import evaluation
from governance.services import policies as services
from governance.services.approvals import ask_approval, decide_approval
from inventory import services as register
from inventory.domain.words import RiskClass
from kernel import clock
from telemetry import schema
from telemetry.store.partitions import Partitions
from tests.cast import ADA, ODILE
from tests.governance.breaching import accounts
from tests.inventory.estate import BUILDER
from tests.telemetry.pages.conftest import World, mounted, world

__all__ = ["mounted", "world"]

pytestmark = pytest.mark.database

SLUG = "undeclared-personal-data"


@pytest.fixture
def engine(mounted):
    found = sa.create_engine(mounted.url)
    yield found
    found.dispose()


def in_force(slug: str) -> None:
    services.install_starter(ADA)
    pk = Policy.objects.get(slug=slug).pk
    services.switch_policy(ADA, pk, mode=Mode.IN_FORCE, version=None, reason="tried")


def checked(engine: sa.Engine, world: World, *rows: tuple[str, str, int]) -> None:
    """So many subjects of a check came to an outcome, this hour, at the shop."""
    hour = clock.epoch_hour(clock.now_ns())
    base = {"hour": hour, "sender_id": world.shop.sender_id(), "shadow": False}
    with engine.begin() as connection:
        connection.execute(
            sa.insert(schema.check_hours),
            [
                {**base, "check": check, "outcome": outcome, "subjects": count}
                for check, outcome, count in rows
            ],
        )


def leaked(
    engine: sa.Engine, world: World, number: int, *, type_: str = "ADDRESS", role: str = "assistant"
) -> int:
    """A message of the shop's with personal data in it; answers when it was found."""
    now = clock.now_ns()
    key = {
        "day": clock.epoch_day(now),
        "sender_id": world.shop.sender_id(),
        "message_id": bytes([number]) * 32,
    }
    if engine.dialect.name == "postgresql":
        Partitions(engine).ensure({(key["day"], "standard")})
    with engine.begin() as connection:
        connection.execute(
            sa.insert(schema.messages),
            {
                **key,
                "retention_class": "standard",
                "role": role,
                "state": "full",
                "body": b"",
                "received_ns": now,
            },
        )
        connection.execute(
            sa.insert(schema.findings),
            {
                **key, "check": "personal_data", "engine_version": "1", "profile_digest": bytes(16), "position": 0,
                "type": type_, "pointer": "/0/content", "start": 0, "end": 5, "score": 0.9, "found_ns": now,
            },
        )  # fmt: skip
    return now


def counted(
    engine: sa.Engine, world: World, messages: int, *, type_: str = "ADDRESS", direction: str = "output"
) -> None:
    with engine.begin() as connection:
        connection.execute(
            sa.insert(schema.finding_hours),
            {
                "hour": clock.epoch_hour(clock.now_ns()), "sender_id": world.shop.sender_id(), "check": "personal_data",
                "type": type_, "direction": direction, "findings": messages, "messages": messages,
            },
        )  # fmt: skip


def checks_of(world: World) -> dict[str, Any]:
    found = facts.subjects(SubjectKind.DEPLOYMENT, facts.listen())
    return next(one.facts["checks"] for one in found if one.id == str(world.estate.shop_live))


def test_nothing_checked_is_not_nothing_found(world):
    assert checks_of(world) == {
        "messages_checked": 0,
        "answers_judged": 0,
        "answers_unsupported": 0,
        "shadow": False,
    }


def test_rates_are_of_what_was_judged(world, engine):
    checked(
        engine,
        world,
        ("groundedness", "supported", 80),
        ("groundedness", "unsupported", 10),
        ("groundedness", "uncertain", 10),
        ("groundedness", "not_evaluable", 100),
        ("personal_data", "clean", 40),
        ("personal_data", "found", 2),
        ("personal_data", "failed", 7),
    )
    found = checks_of(world)
    assert (found["answers_judged"], found["unsupported_per_mille"], found["judged_per_mille"]) == (
        100,
        100,
        500,
    )
    assert (found["messages_checked"], found["outputs_with_personal_data"]) == (42, 0)


def test_only_outputs_count_and_only_what_points_to_somebody(world, engine):
    checked(engine, world, ("personal_data", "found", 9))
    counted(engine, world, 4, direction="input")
    counted(engine, world, 5, type_="LOCATION")
    counted(engine, world, 2)
    counted(engine, world, 3, type_="PERSON")
    assert checks_of(world)["outputs_with_personal_data"] == 3


def test_a_leak_is_an_occurrence_with_its_evidence_and_is_handed_over_once(world, engine):
    in_force(SLUG)
    checked(engine, world, ("personal_data", "found", 3))
    counted(engine, world, 1)
    leaked(engine, world, 1)
    leaked(engine, world, 2, role="user")
    leaked(engine, world, 3, type_="LOCATION")
    evaluation.evaluate(Trigger.FINDINGS)
    evaluation.evaluate(Trigger.CLOCK)
    row = Violation.objects.get(policy_key=SLUG)
    assert (row.kind, row.count, row.subject_id) == ("occurrence", 1, str(world.estate.shop_live))
    assert row.evidence == [["message", ("01" * 32)]]

    moment = leaked(engine, world, 4)
    evaluation.evaluate(Trigger.FINDINGS)
    row.refresh_from_db()
    assert row.count == 2
    assert abs(row.last_seen_at - clock.from_ns(moment)) < timedelta(milliseconds=1)
    assert Decision.objects.get(policy__slug=SLUG, subject_id=row.subject_id).handed_ns == moment


def test_high_risk_in_service_is_a_violation_until_somebody_else_approves(world):
    accounts()
    in_force("high-risk-approved")
    register.classify_system(
        BUILDER, world.estate.radiology, risk_class=RiskClass.HIGH, reason="a medical device", version=None
    )
    evaluation.evaluate(Trigger.REGISTER)
    row = Violation.objects.get(policy_key="high-risk-approved")
    assert row.system_id == world.estate.radiology
    asked = ask_approval(
        ODILE, system=world.estate.radiology, approver=uuid.UUID(ADA.id), reason="it goes live"
    )
    until = (clock.now() + timedelta(days=90)).date()
    decide_approval(ADA, asked, approve=True, reason="reviewed", valid_until=until)
    evaluation.evaluate(Trigger.REGISTER)
    row.refresh_from_db()
    assert row.state == "closed_by_evaluation"


def test_a_change_rings_once_for_many_and_a_broken_broker_harms_nobody(
    db, monkeypatch, django_capture_on_commit_callbacks
):
    rung: list[str] = []

    class Broker:
        def send_task(self, name: str, **_options: Any) -> None:
            rung.append(name)
            raise OSError("no broker")

    monkeypatch.setattr(doorbell, "current_app", Broker())
    monkeypatch.setattr(doorbell, "_silent_until", 0.0)
    with django_capture_on_commit_callbacks(execute=True):
        register.register_system(BUILDER, name="One")
        register.register_system(BUILDER, name="Two")
    assert rung == ["governance.tasks.evaluate_policies"]
