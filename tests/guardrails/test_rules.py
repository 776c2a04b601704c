"""What a change of a profile has checked again: what may come out otherwise, and nothing else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from guardrails.domain import Check, CheckRules, Profile
from guardrails.domain.rules import rechecks

BEFORE = CheckRules(Check.PERSONAL_DATA, sampling=500, threshold=500)


@pytest.mark.parametrize(
    ("after", "again"),
    [
        (BEFORE, False),
        (replace(BEFORE, threshold=499), True),
        (replace(BEFORE, threshold=501), True),
        (replace(BEFORE, sampling=501), True),
        (replace(BEFORE, sampling=499), False),
        (replace(BEFORE, enabled=False), False),
        (replace(BEFORE, enabled=False, threshold=1), False),
    ],
)
def test_only_what_may_come_out_otherwise_is_checked_again(after: CheckRules, again: bool) -> None:
    found = rechecks(Profile((BEFORE,)), Profile((after,)))
    assert found == ({Check.PERSONAL_DATA} if again else frozenset())


def test_a_check_that_is_switched_on_goes_through_everything() -> None:
    off = replace(BEFORE, enabled=False)
    assert rechecks(Profile((off,)), Profile((BEFORE,))) == {Check.PERSONAL_DATA}
    assert rechecks(Profile(()), Profile((BEFORE,))) == {Check.PERSONAL_DATA}
