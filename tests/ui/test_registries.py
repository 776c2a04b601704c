from __future__ import annotations

import pytest
from django.http import HttpResponse
from django.template import Context, Template
from django.test import RequestFactory

from kernel.actor import Permission
from kernel.errors import Forbidden
from tests.cast import ADA, AGNES, ODILE, VICTOR
from ui import access, navigation, panels, search
from ui.navigation import Group, Item
from ui.search import Hit


def asked(path: str = "/", *, actor=ODILE, **headers):
    request = RequestFactory().get(path, headers=headers)
    request.actor = actor
    return request


@pytest.fixture(autouse=True)
def own_registries(monkeypatch):
    monkeypatch.setattr(panels, "_panels", type(panels._panels)(dict))
    monkeypatch.setattr(navigation, "_items", {})
    monkeypatch.setattr(search, "_sources", {})


def test_panels_are_drawn_in_order_with_their_title():
    panels.register("slot", key="b", title="Second", order=2, render=lambda request, subject: f"of {subject}")
    panels.register(
        "slot", key="a.one", title="First", order=1, width="half", render=lambda request, subject: "<i>"
    )
    html = Template('{% panels "slot" thing %}').render(Context({"request": asked(), "thing": "it"}))
    assert html.index("First") < html.index("Second")
    assert 'class="card half" id="panel-a-one"' in html
    assert "&lt;i&gt;" in html
    assert "of it" in html


def test_a_panel_with_nothing_to_say_leaves_no_frame():
    panels.register("slot", key="a", title="First", render=lambda request, subject: None)
    assert panels.render("slot", request=asked()) == ""


def test_a_panel_is_shown_to_those_who_may_see_it():
    panels.register(
        "slot", key="a", title="First", permission=Permission.AUDIT_READ, render=lambda *_: "told"
    )
    assert "told" in panels.render("slot", request=asked(actor=AGNES))
    assert panels.render("slot", request=asked(actor=VICTOR)) == ""
    assert panels.render("slot", request=asked(actor=None)) == ""


def test_the_same_key_again_replaces_a_panel():
    for word in ("old", "new"):
        panels.register("slot", key="a", title=word, render=lambda *_: "x", bare=True)
    assert [panel.title for panel in panels.registered("slot")] == ["new"]
    assert panels.render("slot", request=asked()) == "x"


def register_pages():
    navigation.register(
        Item(Group.SETTINGS, "People", "console:people", "users", permission=Permission.PEOPLE_MANAGE)
    )
    navigation.register(Item(Group.TOP, "Overview", "console:overview", "layout-dashboard"))
    navigation.register(
        Item(Group.SETTINGS, "Preferences", "console:preferences", "settings", order=1, count=lambda actor: 3)
    )


def test_the_sidebar_has_the_groups_and_pages_that_the_reader_may_open():
    register_pages()
    seen = {
        actor.label: [[link.label for link in s.links] for s in navigation.sections(asked(actor=actor))]
        for actor in (ADA, ODILE)
    }
    assert seen[ADA.label] == [["Overview"], ["Preferences", "People"]]
    assert seen[ODILE.label] == [["Overview"], ["Preferences"]]
    assert navigation.sections(asked(actor=None)) == []


@pytest.mark.parametrize(
    ("path", "current"),
    [("/", ["Overview"]), ("/people/", ["People"]), ("/people/x/roles/", ["People"]), ("/nowhere/", [])],
)
def test_the_current_page_is_marked_with_what_lies_below_it(path, current):
    register_pages()
    sections = navigation.sections(asked(path, actor=ADA))
    assert [link.label for section in sections for link in section.links if link.current] == current


def test_search_asks_pages_first_and_then_every_source_that_is_allowed():
    register_pages()
    search.register(
        "secret", title="Secrets", find=lambda *_: [Hit("x", "/")], permission=Permission.PEOPLE_MANAGE
    )
    search.register(
        "things",
        title="Things",
        order=1,
        find=lambda actor, text, limit: [Hit(f"{text} {n}", f"/{n}") for n in range(9)],
    )
    groups = search.search(ODILE, " pref ", limit=2)
    assert [(group.title, [hit.title for hit in group.hits]) for group in groups] == [
        ("Pages", ["Preferences"]),
        ("Things", ["pref 0", "pref 1"]),
    ]
    assert [group.title for group in search.search(ADA, "x")] == ["Things", "Secrets"]


def test_an_empty_search_offers_the_pages_and_asks_no_source():
    register_pages()
    search.register("things", title="Things", find=lambda *_: pytest.fail("asked for nothing"))
    assert [group.title for group in search.search(ODILE, "  ")] == ["Pages"]


@access.page(Permission.AUDIT_READ)
def audited(request):
    return HttpResponse("told")


def test_a_page_states_its_policy_and_holds_it():
    assert audited.policy == "audit.read"
    assert audited(asked(actor=AGNES)).content == b"told"
    with pytest.raises(Forbidden):
        audited(asked(actor=VICTOR))


def test_who_has_not_signed_in_is_sent_to_the_door_and_back():
    answer = audited(asked("/trail/?q=1", actor=None))
    assert answer.status_code == 302
    assert answer.url == "/sign-in/?next=/trail/%3Fq%3D1"


def test_an_htmx_request_of_an_ended_session_reloads_the_page():
    answer = audited(asked(actor=None, HX_Request="true"))
    assert (answer.status_code, answer["HX-Refresh"]) == (401, "true")


def test_a_view_without_a_guard_has_no_actor_to_ask_for():
    with pytest.raises(RuntimeError, match="guard"):
        access.actor_of(asked(actor=None))
