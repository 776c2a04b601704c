"""Who may do what: every verb of the register, as everybody of the cast."""

from __future__ import annotations

import pytest
from django.db import transaction

from audit.models import Event
from inventory import queries, services
from kernel.actor import Actor
from kernel.errors import Forbidden, Invalid, NotFound, TutelaError
from tests.cast import ADA, AGNES, EVERYONE, ODILE, PAUL, VICTOR, only_in
from tests.inventory.calls import ALL
from tests.inventory.estate import Estate

VERBS = sorted(ALL)


def test_the_table_knows_every_verb() -> None:
    verbs = {name for name in services.__all__ if hasattr(getattr(services, name), "__verb__")}
    assert verbs == set(ALL)


def outcome(verb: str, actor: Actor, estate: Estate) -> str:
    """What became of a call, undone afterwards: `done`, `refused`, or the name of another error."""
    try:
        with transaction.atomic():
            ALL[verb][1](actor, estate)
            transaction.set_rollback(True)
    except (Forbidden, NotFound):
        return "refused"
    except TutelaError as error:
        return f"{type(error).__name__}: {error} {error.fields}"
    return "done"


@pytest.mark.parametrize("actor", EVERYONE, ids=lambda actor: actor.label)
def test_each_gets_through_with_the_right_and_not_without(actor: Actor, estate: Estate) -> None:
    found = {verb: outcome(verb, actor, estate) for verb in VERBS}
    assert found == {
        verb: "done" if actor.may(permission, unit=None) else "refused"
        for verb, (permission, _call) in sorted(ALL.items())
    }


def test_rights_in_the_shops_give_none_in_the_clinics(estate: Estate) -> None:
    shopkeeper = only_in(ADA, estate.shops)
    assert [verb for verb in VERBS if outcome(verb, shopkeeper, estate) == "done"] == []


_WHOLE_HOUSE = {
    # Models, legal entities, exchange rates and the settings of costs belong to no unit; they ask for the right over the whole organisation.
    "register_entity", "edit_entity", "retire_entity", "register_model", "edit_model", "retire_model",
    "register_model_version", "edit_model_version", "move_model_version", "retire_model_version",
    "relate_model_versions", "withdraw_model_relation", "add_training", "end_training",
    "register_exchange_rate", "edit_exchange_rate", "retire_exchange_rate", "choose_cost_settings",
}  # fmt: skip


def test_rights_in_the_clinics_are_enough_there_and_for_nothing_that_belongs_to_all(estate: Estate) -> None:
    in_question = [verb for verb in VERBS if verb != "retire_unit"]  # its unit is made only then
    found = {verb: outcome(verb, only_in(ADA, estate.clinics), estate) for verb in in_question}
    assert found == {verb: "refused" if verb in _WHOLE_HOUSE else "done" for verb in in_question}


@pytest.mark.parametrize(
    ("detail", "thing"),
    [
        (queries.system_detail, "radiology"),
        (queries.site_detail, "clinic"),
        (queries.fleet_detail, "fleet"),
        (queries.dataset_detail, "records"),
        (queries.dataset_version_detail, "records_2026"),
        (queries.endpoint_detail, "server"),
        (queries.deployment_detail, "radiology_live"),
        (queries.rule_detail, "rule"),
        (queries.unit_detail, "clinics"),
        (queries.cost_profile_detail, "profile"),
        (queries.seat_price_detail, "seats"),
    ],
)
def test_things_of_other_units_are_not_there(detail, thing: str, estate: Estate) -> None:
    detail(only_in(AGNES, estate.clinics), getattr(estate, thing))
    with pytest.raises(NotFound):
        detail(only_in(AGNES, estate.shops), getattr(estate, thing))


def test_the_key_of_another_unit_is_not_there(estate: Estate) -> None:
    queries.key_detail(only_in(PAUL, estate.clinics), estate.clinic_key.id)
    with pytest.raises(NotFound):
        queries.key_detail(only_in(PAUL, estate.shops), estate.clinic_key.id)


def test_a_stranger_reads_nothing(estate: Estate) -> None:
    for name in queries.__all__:
        if name.startswith(("list_", "count_")):
            with pytest.raises(Forbidden):
                getattr(queries, name)(VICTOR)


def test_lists_leave_out_other_units(estate: Estate) -> None:
    reader = only_in(AGNES, estate.shops)
    assert [row.name for row in queries.list_systems(reader)] == ["Shop assistant"]
    assert queries.count_systems(reader) == 1
    assert [row.name for row in queries.list_deployments(reader)] == ["Shop assistant (Production)"]
    assert queries.count_rules(reader) == 1


def test_a_detail_does_not_name_what_belongs_to_others(estate: Estate) -> None:
    services.use_endpoint(ADA, deployment=estate.shop_live, endpoint=estate.server)
    seen = queries.endpoint_detail(only_in(AGNES, estate.clinics), estate.server)
    assert {use.deployment.id for use in seen.used_by} == {estate.radiology_live}


def test_a_rule_cannot_draw_other_units_telemetry_to_oneself(estate: Estate) -> None:
    shopkeeper = only_in(PAUL, estate.shops)
    with pytest.raises(Forbidden):
        services.register_rule(shopkeeper, service_name="*", deployment=estate.shop_live)
    with pytest.raises((Forbidden, Invalid)):
        services.register_rule(shopkeeper, key=estate.clinic_key.id, deployment=estate.shop_live)


def test_a_thing_cannot_be_pushed_into_a_unit_where_one_has_no_right(estate: Estate) -> None:
    officer = only_in(ODILE, estate.shops)
    with pytest.raises((Forbidden, Invalid)):
        services.edit_system(officer, estate.shop_system, version=4, unit=estate.clinics)


def test_a_unit_cannot_be_moved_below_another_without_the_right_there(estate: Estate) -> None:
    with pytest.raises((Forbidden, Invalid)):
        services.edit_unit(only_in(ODILE, estate.shops), estate.shops, version=1, parent=estate.clinics)


def test_a_refusal_is_on_record(estate: Estate) -> None:
    with pytest.raises(Forbidden):
        services.edit_system(AGNES, estate.radiology, version=4, purpose="x")
    denied = Event.objects.get(outcome="denied", actor_id=AGNES.id)
    assert denied.action == "inventory.system.edit"
