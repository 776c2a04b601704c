"""The demo estate, built once for the tests of a file and rolled back after them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import transaction
from pytest_django import DjangoDbBlocker

from demo import estate
from kernel.actor import system_actor


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the estate keeps its keys."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def built(django_db_setup: None, django_db_blocker: DjangoDbBlocker, home: Path) -> Iterator[estate.Built]:
    """The estate. Every test of the file sees it, and what a test changes is undone after the test."""
    del django_db_setup
    with django_db_blocker.unblock(), transaction.atomic():
        yield estate.build(system_actor("tests"), home=home)
        transaction.set_rollback(True)
