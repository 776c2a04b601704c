"""A page costs what it shows and not what the organisation has."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client

from inventory.models import Deployment, Placement, System
from telemetry.views import navigation
from tests import cast
from tests.reading import rows_read
from tests.telemetry.pages.conftest import SignIn, World

pytestmark = pytest.mark.database

SYSTEMS = 5_000
DEPLOYMENTS = 20_000
MANY = 300
"""Rows that one query of an ordinary page may read."""


@pytest.fixture
def large(world: World) -> World:
    """Twenty thousand deployments, each placed, fifty of which speak."""
    systems = [
        System(name=f"System {n:04}", slug=f"system-{n}", unit_id=world.estate.clinics)
        for n in range(SYSTEMS)
    ]
    System.objects.bulk_create(systems, batch_size=2_000)
    rows = [
        Deployment(name=f"D {n:05}", slug=f"d-{n}", system=systems[n % SYSTEMS], state="live")
        for n in range(DEPLOYMENTS)
    ]
    Deployment.objects.bulk_create(rows, batch_size=2_000)
    Placement.objects.bulk_create(
        [Placement(deployment=row, site_id=world.estate.clinic) for row in rows], batch_size=2_000
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")  # as every installation of this size has been, by itself
    for number in range(50):
        speaking = world.estate.sender(f"s{number}", claimed_deployment=f"d-{number}" if number % 2 else "")
        world.seed.write(speaking, world.seed.trace(speaking, model="weights-7b"))
    return world


def test_no_page_reads_the_whole_register(
    large: World, sign_in: SignIn, django_assert_max_num_queries: Any
) -> None:
    ada = sign_in(cast.ADA)
    for path in ("/", "/systems/", "/deployments/", "/traces/", "/senders/", "/discovered/", "/sites/"):
        navigation._counted.clear()
        with rows_read() as read, django_assert_max_num_queries(80):
            assert ada.get(path).status_code == 200
        assert max(read) <= MANY, path
    assert _count(ada) == 25 + 1


def test_the_count_beside_discovered_is_kept_for_seconds(
    world: World, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = sign_in(cast.ADA)
    assert _count(ada) == 1
    for number in range(3):
        speaking = world.estate.sender(f"s{number}")
        world.seed.write(speaking, world.seed.trace(speaking))
    assert _count(ada) == 1
    monkeypatch.setattr(navigation, "FRESH_S", 0.0)
    assert _count(ada) == 4
    monkeypatch.setattr(navigation, "MOST_COUNTED", 2)
    assert _count(ada) in (None, 1, 2)


def _count(client: Client) -> int | None:
    sections = client.get("/traces/").context["shell"]["sections"]()
    links = (link for section in sections for link in section.links)
    return next(link.count for link in links if link.href == "/discovered/")
