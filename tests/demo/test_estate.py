"""The demo estate fills the register, once."""

from __future__ import annotations

from pathlib import Path

import pytest

from audit.models import Event
from demo import estate
from inventory import models
from inventory.domain.words import Tier
from kernel.actor import system_actor

pytestmark = [pytest.mark.database, pytest.mark.django_db]
ACTOR = system_actor("tests")


@pytest.fixture
def built(tmp_path: Path) -> estate.Built:
    return estate.build(ACTOR, home=tmp_path)


@pytest.mark.usefixtures("built")
def test_every_tier_has_a_site() -> None:
    assert set(models.Site.objects.values_list("tier", flat=True)) == {tier.value for tier in Tier}
