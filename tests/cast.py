"""Who appears in the tests, always in the same part.

Ada administers, Odile is the governance officer, Paul the platform engineer, Agnès audits from outside, Victor is a
stranger without rights. Nobody may read content unless a test grants it.
"""

from __future__ import annotations

import uuid
from dataclasses import replace

from kernel.actor import Actor, ActorKind, Grant, Role

PASSWORD = "correct horse battery staple"


def person(name: str, email: str, *grants: Grant) -> Actor:
    """An actor with an id that follows from the address, so that two tests mean the same person."""
    identity = uuid.uuid5(uuid.NAMESPACE_URL, f"mailto:{email}")
    return Actor(kind=ActorKind.USER, id=str(identity), label=name, email=email, grants=grants)


ADA = person("Ada Keller", "ada@example.org", Grant(Role.ADMINISTRATOR))
ODILE = person("Odile Marchand", "odile@example.org", Grant(Role.OFFICER))
PAUL = person("Paul Nguyen", "paul@example.org", Grant(Role.ENGINEER))
AGNES = person("Agnès Roche", "agnes@example.org", Grant(Role.AUDITOR))
VICTOR = person("Victor Blanc", "victor@example.org")
EVERYONE = (ADA, ODILE, PAUL, AGNES, VICTOR)


def reading_content(actor: Actor) -> Actor:
    """The same person, now allowed to read prompts and answers wherever their roles hold."""
    return replace(actor, grants=tuple(replace(grant, read_content=True) for grant in actor.grants))


def only_in(actor: Actor, *units: uuid.UUID) -> Actor:
    """The same person, whose roles hold in these units alone."""
    return replace(actor, grants=tuple(replace(grant, units=frozenset(units)) for grant in actor.grants))
