"""The console's own pages, as a person with a browser meets them."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
import time_machine
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audit.models import Event
from console import backoff, saved_views
from console.models import RoleGrant, SavedView, SignInFailures, User
from kernel.actor import Actor, ActorKind, Role
from kernel.errors import Invalid, NotFound
from tests.cast import ADA, AGNES, ODILE, PASSWORD, VICTOR

pytestmark = [pytest.mark.database, pytest.mark.django_db]

SIGN_IN = "/sign-in/"


def account(actor: Actor, **fields) -> User:
    user = User(id=uuid.UUID(actor.id), email=actor.email, name=actor.label, language="en", **fields)
    user.set_password(PASSWORD)
    user.save()
    for grant in actor.grants:
        RoleGrant.objects.create(user=user, role=grant.role.value)
    return user


def browser(actor: Actor | None = None, **headers) -> Client:
    client = Client(headers=headers)
    if actor is not None:
        client.force_login(account(actor))
    return client


def sign_in(client: Client, email: str, password: str, **more):
    return client.post(SIGN_IN, {"email": email, "password": password, **more})


def text_of(response) -> str:
    return response.content.decode("utf-8")


# The door


def test_who_has_not_signed_in_is_sent_to_the_door_and_back_to_the_page():
    account(ODILE)
    client = browser()
    answer = client.get("/preferences/?x=1")
    assert answer.url == "/sign-in/?next=/preferences/%3Fx%3D1"
    assert sign_in(client, ODILE.email, PASSWORD, next="/preferences/?x=1").url == "/preferences/?x=1"
    assert client.get("/preferences/").status_code == 200


def test_the_address_is_found_without_regard_to_case():
    account(ODILE)
    assert sign_in(browser(), ODILE.email.upper(), PASSWORD).status_code == 302


@pytest.mark.parametrize(
    "target",
    ["https://elsewhere.example/", "//elsewhere.example", "/\\elsewhere.example", "javascript:alert(1)"],
)
def test_the_door_leads_nowhere_else(target):
    account(ODILE)
    assert sign_in(browser(), ODILE.email, PASSWORD, next=target).url == "/"


def test_a_wrong_password_an_unknown_address_and_a_closed_account_answer_alike():
    account(ODILE)
    account(VICTOR, is_active=False)
    answers = [
        sign_in(browser(), email, password)
        for email, password in (
            (ODILE.email, "wrong"),
            ("nobody@example.org", "wrong"),
            (VICTOR.email, PASSWORD),
        )
    ]
    assert {answer.status_code for answer in answers} == {422}
    assert all("do not open an account" in text_of(answer) for answer in answers)


def test_sign_ins_refusals_and_sign_outs_are_on_record():
    account(ODILE)
    client = browser()
    sign_in(client, ODILE.email, "wrong")
    sign_in(client, ODILE.email, PASSWORD)
    client.post("/sign-out/")
    actions = list(Event.objects.order_by("time").values_list("action", "outcome"))
    assert actions == [
        ("console.session.refuse", "failure"),
        ("console.session.start", "success"),
        ("console.session.end", "success"),
    ]


def test_guessing_gets_slower_and_the_right_password_must_wait_too():
    account(ODILE)
    with time_machine.travel("2026-03-02T12:00:00Z", tick=False) as time:
        for _ in range(backoff.FREE_FAILURES + 2):
            sign_in(browser(), ODILE.email, "wrong")
            time.shift(timedelta(seconds=3))
        sign_in(browser(), ODILE.email, "wrong")
        answer = sign_in(browser(), ODILE.email, PASSWORD)
        assert answer.status_code == 429
        assert "Too many attempts from your network" in text_of(answer)
        time.shift(backoff.LONGEST_WAIT)
        assert sign_in(browser(), ODILE.email, PASSWORD).status_code == 302
        assert not SignInFailures.objects.exists()


def test_a_guess_counts_before_its_password_is_looked_at(monkeypatch):
    counted = []

    def looked_at(*_args, **_kwargs):
        counted.extend(SignInFailures.objects.values_list("failures", flat=True))

    monkeypatch.setattr("console.views.doors.authenticate", looked_at)
    for _ in range(backoff.FREE_FAILURES + 3):
        sign_in(browser(), ODILE.email, "wrong")

    assert counted == [1, 2, 3, 4]


def test_who_guesses_from_elsewhere_slows_only_themselves():
    account(ODILE)
    for _ in range(backoff.FREE_FAILURES + 1):
        backoff.failed(ODILE.email, "203.0.113.0/24")
    assert backoff.seconds_to_wait(ODILE.email, "203.0.113.0/24") > 0
    assert backoff.seconds_to_wait(ODILE.email, "127.0.0.0/24") == 0
    assert sign_in(browser(), ODILE.email, PASSWORD).status_code == 302


@pytest.mark.parametrize(
    ("failures", "seconds"), [(0, 0), (3, 0), (4, 1), (5, 2), (8, 16), (12, 256), (13, 300), (10_000, 300)]
)
def test_the_wait_doubles_up_to_five_minutes(failures, seconds):
    assert backoff.wait_after(failures) == timedelta(seconds=seconds)


def test_failures_are_forgotten_after_an_hour_and_name_nobody():
    with time_machine.travel("2026-03-02T12:00:00Z", tick=False) as time:
        for _ in range(9):
            backoff.failed(ODILE.email, "127.0.0.0/24")
        assert ODILE.email not in SignInFailures.objects.get().key
        time.shift(backoff.FORGOTTEN_AFTER)
        assert backoff.seconds_to_wait(ODILE.email, "127.0.0.0/24") == 0
        backoff.failed("other@example.org", None)
        assert SignInFailures.objects.count() == 1


def test_signing_out_takes_a_form_and_not_a_link():
    client = browser(ODILE)
    assert client.get("/sign-out/").status_code == 405
    assert client.post("/sign-out/").url == SIGN_IN
    assert client.get("/").status_code == 302


# The shell


def test_every_page_has_its_landmarks_its_language_and_one_heading():
    html = text_of(browser(ODILE).get("/"))
    for piece in (
        '<html lang="en"',
        'class="skip"',
        '<main id="main"',
        "<nav",
        'role="search"',
        'role="status"',
    ):
        assert piece in html
    assert html.count("<h1") == 1
    assert '<a href="/" aria-current="page">' in html


def test_pages_are_kept_by_no_cache_and_run_no_foreign_code():
    answer = browser(ODILE).get("/")
    assert answer["Cache-Control"] == "no-store"
    assert "'unsafe" not in answer["Content-Security-Policy"]
    assert "&quot;historyCacheSize&quot;:0" in text_of(answer) or '"historyCacheSize":0' in text_of(answer)


def test_an_empty_installation_teaches_the_first_step():
    html = text_of(browser(ADA).get("/"))
    assert f"export TUTELA_ENDPOINT=http://testserver:{settings.TUTELA.otlp_http_port}" in html
    assert "tutela check" in html


def test_the_language_is_changed_on_the_page_one_is_on_and_kept():
    client = browser(ODILE)
    answer = client.post("/preferences/language/", {"language": "fr", "next": "/search/?q=a"})
    assert answer.url == "/search/?q=a"
    assert '<html lang="fr"' in text_of(client.get("/"))
    assert User.objects.get(email=ODILE.email).language == "fr"


def test_the_language_can_be_changed_before_signing_in():
    client = browser()
    client.post("/preferences/language/", {"language": "fr", "next": SIGN_IN})
    assert '<html lang="fr"' in text_of(client.get(SIGN_IN))


def test_a_language_that_does_not_exist_changes_nothing():
    client = browser(ODILE)
    assert client.post("/preferences/language/", {"language": "tlh"}).status_code == 302
    assert User.objects.get(email=ODILE.email).language == "en"


def test_the_theme_is_kept_and_a_wrong_one_refused():
    client = browser(ODILE)
    client.post("/preferences/theme/", {"theme": "dark"})
    assert 'data-theme="dark"' in text_of(client.get("/"))
    assert client.post("/preferences/theme/", {"theme": "pink"}).status_code == 422


def test_single_keys_can_be_switched_off():
    client = browser(ODILE)
    assert "<hot-keys>" in text_of(client.get("/"))
    client.post("/preferences/", {"language": "en", "theme": "system"})
    assert "<hot-keys>" not in text_of(client.get("/"))


def test_a_new_password_asks_for_the_present_one_and_keeps_this_browser_signed_in():
    client = browser(ODILE)
    other = Client()
    other.force_login(User.objects.get(email=ODILE.email))
    wrong = client.post("/preferences/password/", {"current": "nope", "password": "another fine long phrase"})
    assert wrong.status_code == 422
    assert "not your present password" in text_of(wrong)
    right = client.post(
        "/preferences/password/", {"current": PASSWORD, "password": "another fine long phrase"}
    )
    assert right.status_code == 302
    assert client.get("/preferences/").status_code == 200
    assert other.get("/preferences/").status_code == 302


def test_search_finds_pages_and_needs_no_scripts():
    client = browser(ODILE)
    assert '<a data-open href="/">Overview</a>' in text_of(client.get("/search/", {"q": "overv"}))
    assert 'role="option"' in text_of(client.get("/search/palette/"))
    assert "Nothing carries this name" in text_of(client.get("/search/", {"q": "zzzz<b>"}))


# What went wrong


def test_a_missing_page_says_so_in_the_shell_and_without_it():
    inside, outside = browser(ODILE).get("/nowhere/"), browser().get("/nowhere/")
    assert inside.status_code == outside.status_code == 404
    assert "There is nothing at this address" in text_of(inside)
    assert "Ada" not in text_of(outside)
    assert 'id="navigation"' not in text_of(outside)


def test_a_refusal_says_what_is_missing():
    answer = browser(ODILE).get("/people/")
    assert answer.status_code == 403
    assert "people.manage" in text_of(answer)


def test_a_stale_form_says_how_to_go_on():
    client = Client(enforce_csrf_checks=True)
    client.force_login(account(ODILE))
    answer = client.post("/preferences/", {"language": "en"})
    assert answer.status_code == 403
    assert "reload the page" in text_of(answer)


def test_our_mistake_is_a_page_with_a_number_and_without_a_database(rf):
    from console.views import errors

    request = rf.get("/")
    request.request_id = "abc123"
    answer = errors.server_error(request)
    assert answer.status_code == 500
    assert "abc123" in text_of(answer)


# Saved views


def test_a_view_is_kept_for_its_maker_alone_and_without_its_page():
    client = browser(ODILE)
    answer = client.post(
        "/views/", {"name": " Mine  now ", "address": "/people/?role=auditor&page=3&sort=-name"}
    )
    assert answer.url == "/people/?role=auditor&sort=-name"
    assert [view.name for view in saved_views.find(ODILE, "/people/")] == ["Mine now"]
    assert saved_views.find(AGNES, "/people/") == []


def test_the_same_name_on_the_same_list_is_replaced():
    account(ODILE)
    for query in ("a=1", "a=2"):
        saved_views.save(ODILE, name="Mine", address=f"/people/?{query}")
    assert [view.href for view in saved_views.find(ODILE, "/people/")] == ["/people/?a=2"]


@pytest.mark.parametrize(
    "address",
    [
        "https://elsewhere.example/",
        "//elsewhere",
        "people/",
        "",
        "/\\elsewhere",
        "/\t\\elsewhere",
        "/\t///elsewhere",
    ],
)
def test_only_addresses_of_this_installation_are_kept(address):
    account(ODILE)
    with pytest.raises(Invalid):
        saved_views.save(ODILE, name="Mine", address=address)


def test_a_view_is_deleted_by_its_maker_only():
    account(ODILE)
    account(AGNES)
    saved_views.save(ODILE, name="Mine", address="/people/")
    view = SavedView.objects.get()
    with pytest.raises(NotFound):
        saved_views.delete(AGNES, view.pk)
    saved_views.delete(ODILE, view.pk)
    assert not SavedView.objects.exists()


# People


def test_an_administrator_adds_a_person_and_gives_and_takes_a_role():
    client = browser(ADA)
    answer = client.post(
        "/people/add/",
        {
            "name": VICTOR.label,
            "email": VICTOR.email,
            "language": "fr",
            "password": "a first phrase to change",
        },
    )
    person = User.objects.get(email=VICTOR.email)
    assert answer.url == reverse("console:person", args=[person.pk])
    client.post(
        f"/people/{person.pk}/roles/", {"role": Role.AUDITOR.value, "unit": "", "reason": "external audit"}
    )
    grant = RoleGrant.objects.get(user=person)
    page = text_of(client.get(answer.url))
    assert "Auditor" in page
    assert "external audit" in page
    confirm = client.get(f"/people/{person.pk}/roles/{grant.pk}/")
    assert "loses the role Auditor" in text_of(confirm)
    assert client.post(f"/people/{person.pk}/roles/{grant.pk}/", {"reason": ""}).status_code == 422
    client.post(f"/people/{person.pk}/roles/{grant.pk}/", {"reason": "audit over"})
    assert not RoleGrant.objects.filter(user=person).exists()


def test_an_account_is_closed_with_a_reason_and_opened_again():
    client = browser(ADA)
    person = account(VICTOR)
    client.post(f"/people/{person.pk}/account/", {"reason": "left"})
    assert not User.objects.get(pk=person.pk).is_active
    client.post(f"/people/{person.pk}/account/", {"reason": "came back"})
    assert User.objects.get(pk=person.pk).is_active


def test_the_last_administrator_cannot_be_closed_and_the_page_says_why():
    client = browser(ADA)
    answer = client.post(f"/people/{ADA.id}/account/", {"reason": "tired"})
    assert answer.status_code == 422
    assert "last administrator" in text_of(answer)


def test_the_list_of_people_filters_by_role_name_and_state():
    client = browser(ADA)
    account(AGNES)
    account(VICTOR, is_active=False)
    assert AGNES.label in text_of(client.get("/people/", {"role": "auditor"}))
    assert ADA.email not in text_of(client.get("/people/", {"role": "auditor"}))
    assert VICTOR.label in text_of(client.get("/people/", {"active": "no"}))
    assert VICTOR.label not in text_of(client.get("/people/", {"q": "roche"}))


def test_the_list_of_people_asks_as_much_of_the_database_for_twenty_as_for_one():
    client = browser(ADA)
    client.get("/people/")
    with CaptureQueriesContext(connection) as for_one:
        client.get("/people/")
    for at in range(20):
        person = User.objects.create(email=f"p{at}@example.org", name=f"Person {at}")
        RoleGrant.objects.create(user=person, role=Role.AUDITOR.value)
    with CaptureQueriesContext(connection) as for_twenty:
        client.get("/people/")
    assert len(for_twenty) == len(for_one)


def test_taking_a_list_away_is_on_record():
    client = browser(ADA)
    answer = client.get("/people/", {"export": "csv", "role": "administrator"})
    assert ADA.email in b"".join(answer.streaming_content).decode("utf-8")
    event = Event.objects.get(action="console.list.export")
    assert (event.target_id, event.actor_id) == ("console.people", ADA.id)


def test_the_style_page_shows_every_part():
    answer = browser(ADA).get("/ui/style/")
    assert answer.status_code == 200
    assert "style=" not in text_of(answer)


def test_nobody_but_people_keeps_views():
    task = Actor(kind=ActorKind.SYSTEM, id="sweep")
    assert saved_views.find(task, "/people/") == []
