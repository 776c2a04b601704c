"""All of the estate, in one transaction: it is there, or it is not."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings
from django.db import transaction

from demo.estate import approvals, assets, costs, guardrails, keys, known, organisation, uses
from kernel.actor import Actor


@dataclass(frozen=True, slots=True)
class Built:
    """The estate's keys by name. The repr hides their texts."""

    keys: dict[str, str] = field(repr=False)


def build(actor: Actor, *, home: Path | None = None) -> Built:
    """Put Groupe Armor on the register, as `actor`, through the verbs that people use.

    `home` is where the keys' texts are kept; the installation's own home when none is given. What is there already
    stays as it is, so a second run changes nothing and writes no event.
    """
    place = home or settings.TUTELA.home
    kept = keys.read_keys(place)
    with transaction.atomic():
        found = known.look_up()
        organisation.build(actor, found)
        assets.build(actor, found)
        uses.build(actor, found)
        guardrails.build(actor, found)
        costs.build(actor, found)
        made = keys.build(actor, found, kept)
        keys.build_rules(actor, found)
        uses.retire(actor, found)
        approvals.build(actor, found)
    if made != kept:
        keys.write_keys(place, made)
    return Built(made)
