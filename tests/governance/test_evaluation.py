"""The estate held against the policies: a change of the register opens a violation, and another one closes it."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from governance.domain.policies import Mode, Trigger
from governance.models import Decision, Policy, PolicyRun, PolicyWork, Violation
from governance.queries import facts, news
from governance.services import evaluation
from governance.services import policies as services
from inventory import services as register
from inventory.domain.words import BindingPurpose, Tier
from tests.cast import ADA, ODILE
from tests.governance.test_policies import OWNED
from tests.inventory.estate import BUILDER
from tests.telemetry.pages.conftest import World, mounted, world

__all__ = ["mounted", "world"]

pytestmark = pytest.mark.database


def policy(slug: str) -> Policy:
    return Policy.objects.get(slug=slug)


def in_force(*slugs: str) -> None:
    services.install_starter(ADA)
    for slug in slugs:
        services.switch_policy(ODILE, policy(slug).pk, mode=Mode.IN_FORCE, version=None, reason="tried")


def evaluate(trigger: Trigger = Trigger.CLOCK) -> evaluation.Evaluated:
    done = evaluation.evaluate(trigger)
    assert done is not None
    assert done.failed == ()
    return done


def decisions(slug: str) -> dict[str, str]:
    return dict(Decision.objects.filter(policy__slug=slug).values_list("subject_label", "outcome"))


def standing(slug: str) -> list[Violation]:
    return list(
        Violation.objects.filter(policy_key=slug).exclude(state="closed_by_evaluation").order_by("pk")
    )


def to_the_cloud(world: World) -> Any:
    region = register.register_site(
        BUILDER, name="Virginia", tier=Tier.PUBLIC_CLOUD, country="US", unit=world.estate.clinics
    )
    return register.place_deployment(BUILDER, deployment=world.estate.radiology_live, site=region)


def test_a_move_to_the_cloud_opens_a_violation_and_the_way_back_closes_it(world):
    slug = "confidential-off-public-cloud"
    in_force(slug)
    evaluate()
    before = decisions(slug)
    assert set(before.values()) == {"pass", "not_applicable"}
    assert standing(slug) == []

    placed = to_the_cloud(world)
    evaluate(Trigger.REGISTER)
    violation = standing(slug)[0]
    assert (violation.subject_id, violation.state) == (str(world.estate.radiology_live), "open")
    assert violation.deployment_id == world.estate.radiology_live
    assert {place["tier"] for place in violation.facts["places"]} >= {"public_cloud", "workstation"}
    assert violation.facts["datasets"] == [
        {"slug": "patient-records", "version": "2026", "classification": "restricted"}
    ]

    register.end_placement(BUILDER, placed)
    evaluate(Trigger.REGISTER)
    violation.refresh_from_db()
    assert violation.state == "closed_by_evaluation"
    assert decisions(slug) == before


def test_residency_is_about_places_and_data_together(world):
    slug = "personal-data-residency"
    in_force(slug)
    evaluate()
    assert "fail" not in decisions(slug).values()
    to_the_cloud(world)
    evaluate()
    assert [row.subject_id for row in standing(slug)] == [str(world.estate.radiology_live)]


def test_what_nobody_said_can_not_be_told_and_opens_nothing(world):
    slug = "personal-data-residency"
    in_force(slug)
    unsaid = register.register_dataset_version(
        BUILDER,
        dataset=world.estate.records,
        label="2027",
        classification="restricted",
        personal_data="yes",
        residency=[],
    )
    register.bind_dataset(
        BUILDER, deployment=world.estate.shop_live, dataset_version=unsaid, purpose=BindingPurpose.INPUT
    )
    evaluate()
    row = Decision.objects.get(policy__slug=slug, subject_id=str(world.estate.shop_live))
    assert (row.outcome, row.why) == ("indeterminate", "missing: datasets.residency_allowed")
    assert standing(slug) == []


def test_what_becomes_unknown_does_not_close_what_stands(world):
    slug = "personal-data-residency"
    in_force(slug)
    to_the_cloud(world)
    evaluate()
    assert len(standing(slug)) == 1
    register.edit_dataset_version(BUILDER, world.estate.records_2026, version=None, residency=[])
    evaluate()
    assert decisions(slug)[standing(slug)[0].subject_label] == "indeterminate"


def test_unknown_senders_and_undeclared_models_are_found_in_telemetry(world):
    in_force("unknown-senders", "undeclared-model")
    evaluate()
    senders = standing("unknown-senders")
    assert [row.subject_label for row in senders] == ["shadow-bot"]
    assert senders[0].evidence == [["sender", world.stranger.sender_id().hex()]]
    assert decisions("unknown-senders")["radiology-api"] == "pass"
    models = standing("undeclared-model")
    assert [(row.subject_id, row.facts["undeclared_models"]) for row in models] == [
        (str(world.estate.shop_live), ["saas-9"])
    ]
    register.dismiss_sender(BUILDER, identity=world.stranger, reason="a trial")
    evaluate()
    assert standing("unknown-senders") == []


def test_a_high_risk_system_in_service_needs_an_approval(world):
    slug = "high-risk-approved"
    in_force(slug)
    evaluate()
    assert set(decisions(slug).values()) == {"not_applicable"}


def test_a_run_counts_its_whole_population_and_a_quiet_month_is_one_row(world):
    slug = "confidential-off-public-cloud"
    in_force(slug)
    for _minute in range(3):
        evaluate()
    run = PolicyRun.objects.get(policy__slug=slug)
    assert (run.evaluations, run.population, run.failed) == (3, 2, 0)
    assert run.passed + run.not_applicable == 2
    to_the_cloud(world)
    evaluate()
    assert PolicyRun.objects.filter(policy__slug=slug).count() == 2


def test_evaluating_twice_changes_nothing(world):
    in_force("undeclared-model", "unknown-senders")
    evaluate()
    before = list(Decision.objects.order_by("pk").values())
    violations = Violation.objects.count()
    evaluate()
    assert list(Decision.objects.order_by("pk").values()) == before
    assert Violation.objects.count() == violations


def test_shadow_is_counted_and_marked(world):
    services.install_starter(ADA)
    services.switch_policy(
        ODILE, policy("unknown-senders").pk, mode=Mode.SHADOW, version=None, reason="to see what it finds"
    )
    evaluate()
    assert [row.shadow for row in standing("unknown-senders")] == [True]


def test_switching_off_closes_what_it_held_open(world):
    in_force("unknown-senders")
    evaluate()
    services.switch_policy(
        ODILE, policy("unknown-senders").pk, mode=Mode.OFF, version=None, reason="too noisy"
    )
    assert standing("unknown-senders") == []
    assert not Decision.objects.exists()
    assert evaluate().policies == 0


def test_a_policy_of_a_unit_concerns_the_subjects_of_the_unit_alone(world):
    made = services.write_policy(ODILE, **OWNED, unit=world.estate.clinics)
    services.switch_policy(ODILE, made, mode=Mode.IN_FORCE, version=None, reason="tried")
    evaluate()
    assert set(Decision.objects.values_list("subject_id", flat=True)) == {str(world.estate.radiology)}


def test_a_subject_that_is_retired_leaves_and_its_violation_closes(world):
    made = services.write_policy(ODILE, **OWNED)
    services.switch_policy(ODILE, made, mode=Mode.IN_FORCE, version=None, reason="tried")
    lonely = register.register_system(BUILDER, name="Lonely")
    evaluate()
    assert str(lonely) in {row.subject_id for row in standing("systems-have-an-owner")}
    register.retire_system(BUILDER, lonely, version=None, reason="never used")
    evaluate()
    assert str(lonely) not in {row.subject_id for row in standing("systems-have-an-owner")}
    assert not Decision.objects.filter(subject_id=str(lonely)).exists()


def test_only_one_worker_evaluates(world):
    in_force("unknown-senders")
    lease = evaluation._take_lease()
    assert evaluation.evaluate(Trigger.CLOCK) is None
    evaluation._give_back(lease, news.marks(), failed=(), took_ms=1)
    assert evaluation.evaluate(Trigger.CLOCK) is not None


def test_a_policy_that_fails_is_named_and_the_others_are_evaluated(world, monkeypatch):
    in_force("unknown-senders", "undeclared-model")
    real = evaluation._judge

    def judge(row, subjects):
        if row.slug == "undeclared-model":
            raise RuntimeError("boom")
        return real(row, subjects)

    monkeypatch.setattr(evaluation, "_judge", judge)
    done = evaluation.evaluate(Trigger.CLOCK)
    assert done.failed == ("undeclared-model",)
    work = PolicyWork.objects.get()
    assert (work.failed_because, work.evaluated_at) == ("undeclared-model", None)
    assert len(standing("unknown-senders")) == 1
    monkeypatch.undo()
    evaluate()
    work.refresh_from_db()
    assert (work.failed_because, work.failed_at) == ("", None)


def test_the_doorbell_finds_work_only_after_a_change(world):
    in_force("unknown-senders")
    assert len(evaluation.evaluate_due(Trigger.REGISTER)) == 1
    assert evaluation.evaluate_due(Trigger.REGISTER) == []
    assert evaluation.evaluate_due(Trigger.CLOCK) == []  # not yet a minute
    register.register_system(BUILDER, name="Another")
    assert len(evaluation.evaluate_due(Trigger.REGISTER)) == 1


def test_the_queries_do_not_grow_with_the_estate(world):
    def cost() -> int:
        with CaptureQueriesContext(
            connection,
        ) as found:
            heard = facts.listen()
            for kind in facts.READABLE:
                facts.subjects(kind, heard)
        return len(found)

    cost()  # what is kept between two readings is read first
    before = cost()
    for number in range(12):
        system = register.register_system(BUILDER, name=f"System {number}", unit=world.estate.shops)
        deployment = register.register_deployment(BUILDER, name=f"Deployment {number}", system=system)
        register.place_deployment(BUILDER, deployment=deployment, site=world.estate.shop)
    cost()
    assert cost() <= before
