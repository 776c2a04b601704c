"""The same promises for every noun: its list, its page, its forms, its history."""

from __future__ import annotations

import re
from urllib.parse import urlencode

import polib
import pytest
from django.conf import settings
from django.urls import reverse
from django.utils.html import escape

from inventory.views.generic import list_page
from inventory.views.pages import row_of
from tests.cast import ADA, AGNES, ODILE, VICTOR, only_in
from tests.inventory.pages.cases import ALL, CASES, HOSTILE
from ui.filters import BooleanFilter, ChoiceFilter

pytestmark = [pytest.mark.database, pytest.mark.usefixtures("mounted")]


def every(cases):
    return pytest.mark.parametrize("case", cases, ids=str)


def address(case, step="", *args):
    return reverse(f"inventory:{case.pages.name}{step}", args=args)


def read(client, where, status=200, **words):
    response = client.get(where, words)
    assert response.status_code == status, response.content.decode()[:2000]
    return response.content.decode()


def title_of(case, estate):
    return case.pages.title(row_of(case.pages.detail(ADA, case.sample(estate))))


@every(ALL)
def test_its_list_holds_it_and_finds_it(case, estate, sign_in):
    client = sign_in(AGNES)
    row = f'data-open href="{address(case, "", case.sample(estate))}"'

    assert row in read(client, case.pages.list_href())
    assert row not in read(client, case.pages.list_href(), q="no such thing at all")


@every(ALL)
def test_every_filter_and_order_that_its_list_offers_works(case, estate, sign_in):
    client = sign_in(ADA)
    definition = list_page(case.pages, ADA)
    for item in definition.filters:
        if isinstance(item, BooleanFilter):
            words = {item.name: "yes"}
        elif isinstance(item, ChoiceFilter) and item.offered():
            words = {item.name: item.offered()[0].value}
        else:
            continue
        body = read(client, case.pages.list_href(), **words)
        assert 'class="chip"' in body, item.name
    for key in definition.sort_keys():
        assert "cannot be sorted" not in read(client, case.pages.list_href(), sort=f"-{key}")


@every(ALL)
def test_its_page_is_open_to_those_who_may_see_it_alone(case, estate, sign_in):
    where = address(case, "", case.sample(estate))

    assert escape(title_of(case, estate)) in read(sign_in(AGNES), where)
    shops = sign_in(only_in(ODILE, estate.shops))
    read(shops, where, status=404 if case.unit else 200)
    read(sign_in(VICTOR), where, status=403)


@every(CASES)
def test_a_new_one_is_on_record_and_in_its_history(case, estate, sign_in):
    client = sign_in(ADA)
    data = {**{name: str(value) for name, value in case.new(estate).items()}, "reason": "We build it"}

    assert client.get(address(case, "_new")).status_code == 200
    made = client.post(address(case, "_new"), data)

    assert made.status_code == 302, made.content.decode()
    page = read(client, made["Location"])
    assert "Ada Keller" in page
    assert "We build it" in page


@every(CASES)
def test_a_new_one_without_anything_is_refused_beside_its_fields(case, estate, sign_in):
    refused = sign_in(ADA).post(address(case, "_new"), {})

    assert refused.status_code == 422
    assert "This cannot be saved yet." in refused.content.decode()


@every(ALL)
def test_an_edit_shows_in_the_history_field_by_field(case, estate, sign_in):
    client, row_id = sign_in(ADA), case.sample(estate)
    data = {**case.form_data(ADA, row_id), **case.edit, "reason": "Found out"}

    saved = client.post(address(case, "_edit", row_id), data)

    assert saved.status_code == 302, saved.content.decode()
    page = read(client, address(case, "", row_id))
    assert "Found out" in page
    assert f'<th scope="row">{case.edited_label}</th>' in page
    for value in case.edit.values():
        assert f"<ins>{value}</ins>" in page


@every(ALL)
def test_an_edit_of_what_somebody_else_has_changed_says_what_changed(case, estate, sign_in):
    client, row_id = sign_in(ADA), case.sample(estate)
    mine = {**case.form_data(ADA, row_id), "reason": "Mine"}
    theirs = {**case.form_data(ADA, row_id), **case.edit, "reason": "Theirs"}
    assert client.post(address(case, "_edit", row_id), theirs).status_code == 302

    conflict = client.post(address(case, "_edit", row_id), mine)

    page = conflict.content.decode()
    assert conflict.status_code == 409
    assert "Theirs" in page
    assert 'value="Mine"' in page
    again = re.search(r'name="version" value="(\d+)"', page)
    assert again is not None
    assert client.post(address(case, "_edit", row_id), {**mine, "version": again[1]}).status_code == 302


@every(ALL)
def test_who_may_not_change_it_sees_no_button_and_is_refused(case, estate, sign_in):
    client, row_id = sign_in(AGNES), case.sample(estate)
    page = read(client, address(case, "", row_id))

    for step in ("_edit", "_retire"):
        where = address(case, step, row_id)
        assert where not in page
        read(client, where, status=403)
        assert client.post(where, {"reason": "because"}).status_code == 403
    new = address(case, "_new")
    assert new not in read(client, case.pages.list_href())
    assert client.post(new, {}).status_code == 403


@every([case for case in ALL if case.unit])
def test_a_right_in_another_unit_is_no_right_here(case, estate, sign_in):
    client, row_id = sign_in(only_in(ADA, estate.shops)), case.sample(estate)

    for step in ("_edit", "_retire"):
        assert client.get(address(case, step, row_id)).status_code == 404
        assert client.post(address(case, step, row_id), {"reason": "because"}).status_code == 404


@every(ALL)
def test_retiring_says_what_it_touches_and_wants_a_reason(case, estate, sign_in):
    client, row_id = sign_in(ADA), case.sample(estate)
    where = address(case, "_retire", row_id)

    assert "What this touches" in read(client, where)
    assert client.post(where, {}).status_code == 422
    answer = client.post(where, {"reason": "No longer needed"})

    if answer.status_code == 422:  # something depends on it, and the page says what
        assert "still in use by" in answer.content.decode()
    else:
        page = read(client, address(case, "", row_id))
        assert "No longer needed" in page
        assert where not in page


@every(ALL)
def test_its_list_is_exported_by_those_who_may(case, estate, sign_in):
    exported = sign_in(AGNES).get(f"{case.pages.list_href()}?{urlencode({'export': 'csv'})}")

    text = b"".join(exported.streaming_content).decode()
    assert exported["Content-Type"].startswith("text/csv")
    assert title_of(case, estate) in text
    assert sign_in(VICTOR).get(f"{case.pages.list_href()}?export=csv").status_code == 403


ENGLISH = [
    entry.msgid
    for app in ("inventory", "audit", "ui")
    for entry in polib.pofile(str(settings.BASE_DIR / app / "locale/fr/LC_MESSAGES/django.po"))
    if " " in entry.msgid
    and entry.msgid != entry.msgstr
    and "%" not in entry.msgid
    and "{" not in entry.msgid
]


@every(ALL)
def test_its_pages_in_french_hold_no_english(case, estate, sign_in):
    client, row_id = sign_in(ADA, language="fr"), case.sample(estate)
    steps = [address(case, step, row_id) for step in ("", "_edit", "_retire")]

    for where in (case.pages.list_href(), address(case, "_new"), *steps):
        body = read(client, where)
        left = [text for text in ENGLISH if f">{escape(text)}<" in body]
        assert not left, (where, left)


@every(CASES)
def test_a_hostile_name_stays_text(case, estate, sign_in):
    client = sign_in(ADA)
    data = {**{name: str(value) for name, value in case.new(estate).items()}, case.hostile: HOSTILE}

    made = client.post(address(case, "_new"), data)

    assert made.status_code == 302, made.content.decode()
    for where in (
        made["Location"],
        f"{made['Location']}edit/",
        f"{made['Location']}retire/",
        case.pages.list_href(),
    ):
        body = read(client, where)
        assert "<script>alert" not in body
        assert "49" not in re.findall(r"alert\(1\).{0,40}", body)
