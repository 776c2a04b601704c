"""Units, legal entities, people with their roles, sites and fleets."""

from __future__ import annotations

from console import services as people
from console.models import RoleGrant
from demo.estate.known import Known, absent, ensure
from demo.estate.reading import Row, rows, some
from inventory import services
from kernel.actor import Actor, Role


def build(actor: Actor, known: Known) -> None:
    """Who the group is, and where."""
    for row in rows("organisation", "units"):
        _unit(actor, known, row)
    for row in rows("organisation", "entities"):
        _entity(actor, known, row)
    for row in rows("people", "people"):
        _person(actor, known, row)
    for row in rows("places", "sites"):
        _site(actor, known, row)
    for row in rows("places", "fleets"):
        _fleet(actor, known, row)


def _unit(actor: Actor, known: Known, row: Row) -> None:
    parent = known.units[row["parent"]] if "parent" in row else None
    ensure(
        known.units,
        row["slug"],
        lambda: services.register_unit(actor, name=row["name"], slug=row["slug"], parent=parent),
    )


def _entity(actor: Actor, known: Known, row: Row) -> None:
    ensure(known.entities, row["slug"], lambda: services.register_entity(actor, **row))


def _person(actor: Actor, known: Known, row: Row) -> None:
    """An account without a password: nobody signs in with it before an administrator has set one."""
    made = some(row, "email", "name", "language")
    ensure(known.people, row["email"], lambda: people.create_person(actor, password=None, **made))
    person = known.people[row["email"]]
    for given in row["roles"]:
        unit = known.units[given["unit"]] if "unit" in given else None
        if absent(RoleGrant, user=person, role=given["role"], unit=unit):
            people.grant_role(
                actor,
                person,
                role=Role(given["role"]),
                unit_id=unit,
                read_content=given.get("read_content", False),
                reason="a role of the demonstration estate",
            )


def _site(actor: Actor, known: Known, row: Row) -> None:
    fields = some(
        row, "name", "slug", "tier", "country", "region", "connectivity", "offline_budget_hours", "note"
    )
    for name, ids in (("operator", known.entities), ("parent", known.sites), ("unit", known.units)):
        if name in row:
            fields[name] = ids[row[name]]
    ensure(known.sites, row["slug"], lambda: services.register_site(actor, **fields))


def _fleet(actor: Actor, known: Known, row: Row) -> None:
    fields = row | {"site": known.sites[row["site"]]}
    ensure(known.fleets, row["slug"], lambda: services.register_fleet(actor, **fields))
