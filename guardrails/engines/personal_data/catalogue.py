"""All rules of the pack, in one place."""

from __future__ import annotations

from collections.abc import Sequence

from guardrails.engines.personal_data import addresses, anglo, french, generic, names, phones
from guardrails.engines.personal_data.rules import Rule


def all_rules(phone_regions: Sequence[str]) -> tuple[Rule, ...]:
    """Every rule, for every language: people write French numbers in English letters."""
    return (
        *generic.RULES,
        *phones.rules(phone_regions),
        *french.RULES,
        *anglo.RULES,
        *addresses.RULES,
        *names.RULES,
    )
