from __future__ import annotations

from dataclasses import dataclass, replace
from urllib.parse import parse_qs, urlsplit

import pytest
from django.http import QueryDict
from django.template.loader import render_to_string
from django.test import RequestFactory

from kernel.errors import Forbidden
from tests.cast import AGNES, ODILE, VICTOR
from ui import lists, saved
from ui.filters import BooleanFilter, Choice, ChoiceFilter, DateRangeFilter, TextFilter
from ui.lists import download
from ui.sources import ValuesSource
from ui.tables import COUNT_LIMIT, Column, Empty, ListPage, ListQuery, Slice


@dataclass(frozen=True)
class Thing:
    name: str
    size: int | None
    risk: str


THINGS = [Thing(f"thing {n:02}", None if n % 5 == 0 else n, "high" if n % 2 else "low") for n in range(1, 31)]
PAGE: ListPage[Thing] = ListPage(
    name="tests.things",
    title="Things",
    columns=(
        Column("name", "Name", value=lambda row: row.name, sort="name", fixed=True),
        Column("size", "Size", value=lambda row: row.size, sort="size", numeric=True, unknown="not weighed"),
        Column("risk", "Risk", value=lambda row: row.risk),
        Column("secret", "Code", value=lambda row: "=1+1", default=False),
    ),
    filters=(
        TextFilter(name="q", label="Name"),
        ChoiceFilter(name="risk", label="Risk", choices=[Choice("high", "High"), Choice("low", "Low")]),
        BooleanFilter(name="weighed", label="Weighed"),
        DateRangeFilter(name="seen", label="Seen", default="24h"),
    ),
    href=lambda row: f"/things/{row.name[-2:]}/",
    sort="name",
    page_size=10,
    live=True,
    empty=Empty("No thing yet", "Things live here.", snippet="make thing"),
    row_class=lambda row: "odd" if row.risk == "high" else "",
)


@pytest.fixture(autouse=True)
def nobody_keeps_views_or_watches(monkeypatch):
    monkeypatch.setattr(saved, "_keepers", [])
    monkeypatch.setattr(download, "_watchers", [])


def source(things=THINGS) -> ValuesSource[Thing]:
    return ValuesSource(
        things,
        filters={
            "q": lambda row, text: text in row.name,
            "risk": lambda row, wanted: row.risk in wanted,
            "weighed": lambda row, wanted: (row.size is not None) is wanted,
            "seen": lambda _row, _period: True,
        },
        keys={"name": lambda row: row.name, "size": lambda row: row.size},
    )


def asked(query: str = "", *, actor=ODILE, headers=None):
    request = RequestFactory().get(f"/things/?{query}", headers=headers)
    request.actor = actor
    request.user = None
    return request


def listing(query: str = "", *, things=THINGS, actor=ODILE, page=PAGE):
    return lists.build(asked(query, actor=actor), page, source(things))


def first_cells(found) -> list[str]:
    return [row.cells[0][0] for row in found.rows]


def test_a_list_without_an_address_shows_its_first_page_in_its_own_order():
    found = listing()
    assert first_cells(found) == [f"thing {n:02}" for n in range(1, 11)]
    assert found.pager.text == "1–10 of 30"
    assert found.pager.previous_href == ""
    assert found.pager.next_href == "/things/?page=2"
    assert found.warnings == ()


def test_filters_sort_page_and_columns_come_from_the_address():
    found = listing("risk=high&sort=-size&columns=name,size&page=2")
    assert first_cells(found) == ["thing 03", "thing 01", "thing 05", "thing 15", "thing 25"]
    assert [head.label for head in found.heads] == ["Name", "Size"]


def test_unknown_values_are_sorted_last_whichever_way():
    for way in ("size", "-size"):
        assert [row.cells[1][0] for row in listing(f"sort={way}&page=3").rows][-1].count("not weighed") == 1


def test_set_filters_read_as_a_sentence_and_can_be_taken_away():
    found = listing("q=thing&risk=high&risk=low&page=2&sort=-name")
    assert [(chip.label, chip.verb, chip.words) for chip in found.chips] == [
        ("Name", "contains", "“thing”"),
        ("Risk", "is", "High or Low"),
        ("Seen", "is in", "the last 24 hours"),
    ]
    assert found.chips[1].remove_href == "/things/?q=thing&sort=-name"
    assert parse_qs(urlsplit(found.chips[2].remove_href).query)["seen"] == ["all"]


@pytest.mark.parametrize(
    ("query", "word"),
    [
        ("sort=password", "cannot be sorted"),
        ("page=minus", "no page number"),
        ("page=0", "no page number"),
        ("columns=name,shoe", "does not have: shoe"),
        ("colour=red", "were ignored: colour"),
        ("risk=purple", "was ignored"),
    ],
)
def test_what_the_address_says_in_vain_is_told_and_ignored(query, word):
    found = listing(query)
    assert len(found.rows) == 10
    assert len(found.warnings) == 1
    assert word in found.warnings[0]


def test_a_page_beyond_the_end_is_the_last_page():
    found = listing("page=99")
    assert found.pager.text == "21–30 of 30"
    assert found.pager.next_href == ""


def test_a_count_beyond_the_limit_is_said_as_more_than():
    class Endless(ValuesSource[Thing]):
        def count(self, query: ListQuery, *, limit: int) -> int:
            return limit

    found = lists.build(asked(), PAGE, Endless(THINGS, filters=source().filters))
    assert f"more than {COUNT_LIMIT:,}" in found.pager.text


def test_a_count_that_costs_too_much_is_left_out():
    class Uncounted(ValuesSource[Thing]):
        def count(self, query: ListQuery, *, limit: int) -> None:
            return None

    found = lists.build(asked("page=2"), PAGE, Uncounted(THINGS, filters=source().filters))
    assert found.pager.text == "11–20"
    assert found.pager.next_href == "/things/?page=3"


def test_a_head_sorts_and_says_how_it_sorts():
    by_name, by_size, plain, *_ = listing("page=2").heads
    assert (by_name.direction, by_name.href) == ("ascending", "/things/?sort=-name")
    assert (by_size.direction, by_size.href) == ("", "/things/?sort=-size")
    assert plain.href == ""


def test_density_and_going_live_are_in_the_address():
    found = listing("density=compact&live=1")
    assert (found.density, found.live) == ("compact", True)
    assert found.density_href == "/things/?live=1"
    assert found.live_href == "/things/?density=compact"
    assert listing("density=cosy").density == "comfortable"


class ByKey:
    """A source that pages by key."""

    def count(self, query: ListQuery, *, limit: int) -> int | None:
        return None

    def slice(self, query: ListQuery) -> Slice[Thing]:
        start = int(query.cursor or 0)
        start = max(start - query.limit, 0) if query.backwards else start
        rows = THINGS[start : start + query.limit]
        more = start + query.limit < len(THINGS)
        return Slice(
            rows, next=str(start + query.limit) if more else None, previous=str(start) if start else None
        )


def test_a_list_by_key_has_neighbours_instead_of_numbers():
    found = lists.build(asked("after=10&risk=high"), PAGE, ByKey())
    assert first_cells(found)[0] == "thing 11"
    assert found.pager.next_href == "/things/?risk=high&after=20"
    assert found.pager.previous_href == "/things/?risk=high&before=10"
    assert first_cells(lists.build(asked("before=10"), PAGE, ByKey()))[0] == "thing 01"


def csv_of(query: str, *, by=None) -> list[str]:
    response = lists.render_list(asked(query), PAGE, by or source())
    return b"".join(response.streaming_content).decode("utf-8").split("\r\n")


def test_the_export_is_the_view_without_its_pages():
    lines = csv_of("export=csv&risk=high&sort=-name&columns=name,size,secret&page=2")
    assert lines[0] == "\ufeffName,Size,Code"
    assert lines[1] == "thing 29,29,'=1+1"
    assert lines[3] == "thing 25,,'=1+1"
    assert len(lines) == 1 + 15 + 1


def test_the_export_goes_through_every_page_of_a_source_by_key(monkeypatch):
    monkeypatch.setattr(download, "EXPORT_BATCH", 7)
    assert len(csv_of("export=csv", by=ByKey())) == 1 + 30 + 1
    assert len(csv_of("export=csv")) == 1 + 30 + 1


def test_the_export_is_a_file_that_no_browser_runs():
    response = lists.render_list(asked("export=csv", actor=AGNES), PAGE, source())
    assert response["Content-Disposition"].startswith('attachment; filename="tests-things-')
    assert response["Content-Security-Policy"] == "sandbox"
    assert response["X-Content-Type-Options"] == "nosniff"


def test_every_export_is_told_before_it_leaves():
    told = []
    lists.watch(lambda actor, name, address: told.append((actor, name, address)))
    lists.render_list(asked("export=csv&risk=high"), PAGE, source())
    assert told == [(ODILE, "tests.things", "/things/?export=csv&risk=high")]


def test_only_those_who_may_export_do():
    assert listing(actor=ODILE).may_export
    assert not listing(actor=VICTOR).may_export
    with pytest.raises(Forbidden):
        lists.render_list(asked("export=csv", actor=VICTOR), PAGE, source())


def drawn(found) -> str:
    return render_to_string("ui/parts/listing.html", {"list": found}, request=asked())


def test_the_page_has_a_table_with_keyboard_rows_and_hidden_state():
    html = drawn(listing("risk=high&sort=-name&density=compact"))
    assert html.count("data-row") == 10
    assert 'aria-sort="descending"' in html
    assert '<a data-open href="/things/29/">thing 29</a>' in html
    assert '<input type="hidden" name="sort" value="-name">' in html
    assert "style=" not in html


def test_an_empty_list_teaches_and_a_filtered_one_says_how_to_go_on():
    assert "make thing" in drawn(listing("seen=all", things=[]))
    assert "No row fits these filters" in drawn(listing("q=nowhere"))


def test_hostile_rows_and_addresses_are_text():
    evil = "<img src=x onerror=alert(1)>"
    html = drawn(listing(f"q={evil}&bogus={evil}", things=[Thing(evil, 1, "low")]))
    assert "<img" not in html


def test_htmx_gets_an_address_without_empty_words():
    headers = {"HX-Request": "true", "HX-Target": "list"}
    page = replace(PAGE, template="ui/parts/listing.html")
    response = lists.render_list(asked("q=&risk=high&seen=", headers=headers), page, source())
    assert response["HX-Push-Url"] == "/things/?risk=high"


def test_a_list_offers_the_saved_views_of_its_keeper():
    view = saved.SavedView("1", "Mine", "/things/?risk=high")
    saved.keep(
        saved.Keeper(lambda actor, path: [view] if (actor, path) == (ODILE, "/things/") else [], "a", "b")
    )
    assert listing().saved_views == (view,)
    assert listing(actor=VICTOR).saved_views == ()


def test_the_address_is_understood_without_asking_the_source():
    state = lists.understand(PAGE, QueryDict("risk=high&page=3"))
    assert state.query.offset == 20
    assert state.query.filters["risk"] == ("high",)
