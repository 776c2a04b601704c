"""The estate on which the tests of the register stand."""

from __future__ import annotations

import pytest

from tests.inventory.estate import Estate, build


@pytest.fixture
def estate(db: None) -> Estate:
    return build()
