"""The estate on which the tests of governance stand."""

from __future__ import annotations

import pytest

from tests.governance.breaching import accounts
from tests.inventory.estate import Estate, build


@pytest.fixture
def estate(db: None) -> Estate:
    accounts()
    return build()
