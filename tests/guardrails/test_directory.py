"""Which profile holds for a sender: that of the deployment it was when it spoke, else the default."""

from __future__ import annotations

import time

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from guardrails import services
from guardrails.adapters.directory import RegisterGuardrailDirectory
from guardrails.domain import Check
from guardrails.domain.profiles import DEFAULT_PROFILE
from kernel import clock
from tests import cast
from tests.inventory.estate import BUILDER, Estate, build

NOW = clock.now_ns()


@pytest.fixture
def estate(db: None) -> Estate:
    return build()


def test_before_anybody_decided_everything_is_checked(estate: Estate) -> None:
    assert RegisterGuardrailDirectory().profile(estate.sender(), NOW) == DEFAULT_PROFILE


def test_a_deployment_goes_by_its_profile_and_everybody_else_by_the_default(estate: Estate) -> None:
    default = services.ensure_default_profile(BUILDER)
    services.edit_profile(cast.ODILE, default, version=1, secrets_sampling=100)
    health = services.make_profile(cast.ODILE, name="Health", groundedness_enabled=False)
    services.assign_profile(cast.ODILE, profile=health, deployment=estate.radiology_live)
    directory = RegisterGuardrailDirectory()
    radiology = directory.profile(estate.sender(claimed_deployment=estate.radiology_slug), NOW)
    stranger = directory.profile(estate.sender("nobody"), NOW)
    assert radiology.of(Check.GROUNDEDNESS) is None
    assert radiology.of(Check.SECRETS) == DEFAULT_PROFILE.of(Check.SECRETS)
    assert stranger.of(Check.GROUNDEDNESS) is not None
    assert stranger.of(Check.SECRETS).sampling == 100  # type: ignore[union-attr]


def test_a_change_is_known_within_a_moment_and_asking_costs_no_query(estate: Estate) -> None:
    services.ensure_default_profile(BUILDER)
    health = services.make_profile(cast.ODILE, name="Health")
    services.assign_profile(cast.ODILE, profile=health, deployment=estate.radiology_live)
    sender = estate.sender(claimed_deployment=estate.radiology_slug)
    directory = RegisterGuardrailDirectory(seconds=0.2)
    directory.profile(sender, NOW)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        for _again in range(20):
            directory.profile(sender, NOW)
    assert len(asked) <= 8, "once at most, when the answer has grown old in between"
    services.edit_profile(cast.ODILE, health, version=1, personal_data_threshold=200)
    time.sleep(0.25)
    assert directory.profile(sender, NOW).of(Check.PERSONAL_DATA).threshold == 200  # type: ignore[union-attr]
