from __future__ import annotations

from datetime import UTC, datetime

import pytest

from console.models import User
from ui.sources import QuerySetSource
from ui.tables import ListQuery

pytestmark = [pytest.mark.database, pytest.mark.django_db]


@pytest.fixture
def source():
    for number in range(1, 8):
        seen = None if number % 3 == 0 else datetime(2026, 1, number, tzinfo=UTC)
        User.objects.create(email=f"p{number}@example.org", name=f"Person {number}", last_login=seen)
    return QuerySetSource(
        User.objects.all(),
        value=lambda row: row.name[-1],
        filters={"q": lambda rows, text: rows.filter(name__icontains=text)},
        orders={"seen": ("last_login",), "name": ("name",)},
    )


def asked(sort: str = "name", **more) -> ListQuery:
    fields = {"filters": {}, "limit": 3, **more}
    return ListQuery(sort=sort.removeprefix("-"), descending=sort.startswith("-"), **fields)


def test_rows_come_as_values_page_by_page(source):
    assert source.rows(asked()) == ["1", "2", "3"]
    assert source.rows(asked(offset=6)) == ["7"]
    assert source.rows(asked("-name")) == ["7", "6", "5"]


@pytest.mark.parametrize("way", ["seen", "-seen"])
def test_rows_without_a_value_are_last_on_every_database(source, way):
    assert sorted(source.rows(asked(way, limit=9))[-2:]) == ["3", "6"]


def test_a_count_stops_at_its_limit(source, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert source.count(asked(), limit=5) == 5
    assert source.count(asked(filters={"q": "person 2"}), limit=5) == 1


def test_an_order_that_nobody_allowed_is_the_order_of_making(source):
    assert source.rows(asked("password")) == ["1", "2", "3"]
