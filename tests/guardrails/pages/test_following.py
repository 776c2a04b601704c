"""What was received already follows a changed profile."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from guardrails import services
from guardrails.models import Recheck
from guardrails.services.following import follow_changes
from kernel import clock
from telemetry import schema
from tests import cast
from tests.guardrails.pages.conftest import World

pytestmark = pytest.mark.database


def _states(world: World) -> dict[str, int]:
    query = sa.select(schema.check_work.c.state, sa.func.count()).group_by(schema.check_work.c.state)
    with world.seed.store.engine.connect() as connection:
        return {row[0]: row[1] for row in connection.execute(query)}


def _all_done(world: World) -> None:
    done = clock.now_ns() - int(timedelta(minutes=1).total_seconds() * 10**9)
    with world.seed.store.engine.begin() as connection:
        connection.execute(sa.update(schema.check_work).values(state="done", finished_ns=done))


def test_a_stricter_profile_has_what_was_received_checked_again(world: World) -> None:
    profile = services.make_profile(cast.ODILE, name="Health")
    services.assign_profile(cast.ODILE, profile=profile, deployment=world.estate.radiology_live)
    assert not Recheck.objects.exists(), "it says what the default says"
    _all_done(world)
    services.edit_profile(cast.ODILE, profile, version=1, personal_data_threshold=300)
    assert Recheck.objects.get().checks == ["personal_data"]
    assert follow_changes(store=world.seed.store) >= 1
    assert not Recheck.objects.exists()
    assert _states(world)["pending"] >= 1
    assert follow_changes(store=world.seed.store) == 0


def test_a_change_that_checks_less_touches_nothing(world: World) -> None:
    profile = services.make_profile(cast.ODILE, name="Health")
    services.assign_profile(cast.ODILE, profile=profile, deployment=world.estate.radiology_live)
    services.edit_profile(cast.ODILE, profile, version=1, personal_data_sampling=10, secrets_enabled=False)
    assert not Recheck.objects.exists()


def test_another_deployment_is_left_alone(world: World) -> None:
    profile = services.make_profile(cast.ODILE, name="Shops", personal_data_threshold=100)
    _all_done(world)
    services.assign_profile(cast.ODILE, profile=profile, deployment=world.estate.shop_live)
    assert Recheck.objects.get().deployment_id == world.estate.shop_live
    follow_changes(store=world.seed.store)
    assert "pending" not in _states(world), "the shop keeps no text"
