"""The audit trail: everything is on it, everybody sees their units of it, and it pages however long it is."""

from __future__ import annotations

import hashlib
import re
from datetime import timedelta

import pytest

from audit import queries, tables
from audit.models import Disclosure, Event
from audit.queries import Wanted
from inventory import services
from kernel import clock
from tests.cast import AGNES, ODILE, PAUL, only_in
from tests.inventory.estate import BUILDER, build
from ui.tables import ListQuery

pytestmark = pytest.mark.database


@pytest.fixture
def estate(db):
    return build()


def body_of(client, address, **words) -> str:
    response = client.get(address, words)
    assert response.status_code == 200
    return response.content.decode()


def walk(units=None, size=7) -> list[str]:
    """Every event of the trail, page by page."""
    source, cursor, found = tables.TrailSource(units), None, []
    while True:
        part = source.slice(ListQuery(filters={}, sort="", descending=True, limit=size, cursor=cursor))
        found += [str(row.event.id) for row in part.rows]
        if part.next is None:
            return found
        cursor = part.next


def test_the_trail_pages_through_every_event_once(estate):
    assert walk() == [str(pk) for pk in Event.objects.order_by("-time", "-id").values_list("pk", flat=True)]


def test_going_back_shows_the_page_before(estate):
    source = tables.TrailSource(None)
    first = source.slice(ListQuery(filters={}, sort="", descending=True, limit=5))
    second = source.slice(ListQuery(filters={}, sort="", descending=True, limit=5, cursor=first.next))
    back = source.slice(
        ListQuery(filters={}, sort="", descending=True, limit=5, cursor=second.previous, backwards=True)
    )

    assert first.previous is None
    assert [row.event.id for row in back.rows] == [row.event.id for row in first.rows]


@pytest.mark.parametrize("cursor", ["nonsense", "AAAA", "4oKs", "MjAyNiBub3Blbm9wZQ=="])
def test_a_cursor_that_is_none_of_ours_shows_the_first_page(estate, cursor):
    source = tables.TrailSource(None)
    assert source.slice(ListQuery(filters={}, sort="", descending=True, cursor=cursor)).previous is None


def test_an_auditor_of_a_unit_sees_its_events_alone(estate):
    seen = queries.trail(Wanted(units=frozenset({estate.clinics})), limit=1000)

    assert seen
    assert {event.unit_id for event in seen} == {estate.clinics}


def test_the_page_says_who_did_what_and_why(estate, sign_in):
    services.edit_system(
        BUILDER, estate.radiology, version=None, decision_impact="decisive", reason="Audit 12"
    )
    body = body_of(sign_in(AGNES), "/audit/", thing=str(estate.radiology))

    assert "Audit 12" in body
    assert "changed it" in body
    assert "Decision impact" in body
    assert f"/systems/{estate.radiology}/" in body


def test_the_page_speaks_french(estate, sign_in):
    assert "Piste d’audit" in body_of(sign_in(AGNES, language="fr"), "/audit/")


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ({"outcome": "denied"}, 0),
        ({"outcome": "success"}, 1),
        ({"q": "system.register"}, 1),
        ({"kind": "inventory.site"}, 0),
    ],
)
def test_the_trail_is_narrowed_by_what_its_address_says(estate, words, found):
    wanted = Wanted(
        target_id=str(estate.radiology),
        outcomes=(words["outcome"],) if "outcome" in words else None,
        target_types=(words["kind"],) if "kind" in words else None,
        words=words.get("q"),
    )
    assert bool(queries.count_trail(wanted, limit=100)) is bool(found)


def test_a_period_is_half_open(estate):
    newest = Event.objects.order_by("-time").first()
    before = Wanted(end=newest.time)
    until = Wanted(end=newest.time + timedelta(microseconds=1))

    assert queries.count_trail(until, limit=10_000) > queries.count_trail(before, limit=10_000)
    assert queries.count_trail(Wanted(start=clock.now() + timedelta(days=1)), limit=10) == 0


def test_an_event_shows_its_exact_bytes_and_what_was_erased_of_it(estate, sign_in):
    row = Event.objects.filter(target_id=str(estate.radiology)).first()
    Disclosure.objects.filter(event=row).first().delete()
    body = body_of(sign_in(AGNES), f"/audit/{row.pk}/")

    assert hashlib.sha256(bytes(row.body)).hexdigest() in body
    assert re.search(r"1\s+of them erased", body)


def test_an_event_of_another_unit_is_not_there(estate, sign_in):
    row = Event.objects.filter(unit_id=estate.clinics).first()
    assert sign_in(only_in(AGNES, estate.shops)).get(f"/audit/{row.pk}/").status_code == 404


def test_who_does_not_audit_is_refused(estate, sign_in):
    assert sign_in(PAUL).get("/audit/").status_code == 403


def test_the_trail_is_taken_away_as_a_file_and_that_is_on_record(estate, sign_in):
    response = sign_in(ODILE).get("/audit/", {"export": "csv"})
    lines = b"".join(response.streaming_content).decode("utf-8-sig").splitlines()

    assert lines[0].startswith("When,Who,Did,On")
    assert len(lines) > 5
    assert Event.objects.filter(action="console.list.export").exists()


def test_a_relation_is_called_by_what_it_ties_together(estate, sign_in):
    body = body_of(sign_in(AGNES), "/audit/", kind="inventory.placement")
    assert "Nantes clinic" in body
    assert str(estate.radiology_live) not in re.sub(r'href="[^"]*"', "", body)


def test_a_page_of_the_trail_asks_for_names_once_for_all_its_rows(estate, django_assert_max_num_queries):
    source = tables.TrailSource(None)
    with django_assert_max_num_queries(40):
        part = source.slice(ListQuery(filters={}, sort="", descending=True, limit=50))
    assert len(part.rows) > 20
