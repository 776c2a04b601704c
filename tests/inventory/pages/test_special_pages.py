"""What only some nouns have: questions, classes, steps, relations, keys, the one simple form."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audit.models import Event
from inventory import queries, services
from inventory.domain.words import BindingPurpose, SpecialCategory, SystemState
from inventory.models import Binding, Deployment, EndpointKey, SenderRule, System
from inventory.views.relations import RELATIONS
from kernel import tokens
from tests.cast import ADA, AGNES, ODILE, PAUL, VICTOR, only_in
from tests.inventory.estate import BUILDER
from ui import search

pytestmark = [pytest.mark.database, pytest.mark.usefixtures("mounted")]

HEALTH = "/systems/?running=yes&special_category=health"


def read(client, where, status=200, **words):
    response = client.get(where, words)
    assert response.status_code == status, response.content.decode()[:2000]
    return response.content.decode()


# ---- the officer's question


def test_which_live_systems_touch_health_data_where_and_who_owns_them(estate, sign_in):
    services.edit_system(BUILDER, estate.radiology, version=None, owner=None)
    client = sign_in(ODILE, language="fr")
    services.edit_system(
        BUILDER,
        estate.radiology,
        version=None,
        owner=System.objects.model.owner.field.related_model.objects.get().pk,
    )

    overview = read(client, "/")
    door = re.search(r'href="(/systems/\?[^"]*special_category=health[^"]*)">1<', overview)
    assert door is not None
    page = read(client, door[1].replace("&amp;", "&"))

    assert "Radiology drafts" in page
    assert "Shop assistant" not in page
    assert "Odile Marchand" in page
    assert "Nantes clinic" in page
    assert "Données de santé" in page
    assert "Fonctionne, approuvé ou non" in page


def test_the_list_answers_as_the_question_does(estate, sign_in):
    asked = queries.systems_touching(ADA, special_category=SpecialCategory.HEALTH)
    page = read(sign_in(ADA), HEALTH)

    shown = re.findall(r'data-open href="/systems/([0-9a-f-]+)/"', page)
    assert shown == [str(found.system.id) for found in asked] == [str(estate.radiology)]


def test_a_system_of_another_unit_is_not_in_the_answer(estate, sign_in):
    page = read(sign_in(only_in(ODILE, estate.shops)), HEALTH)

    assert "Radiology drafts" not in page


def test_what_runs_without_approval_is_in_the_answer_and_marked(estate, sign_in):
    services.move_system(
        BUILDER, estate.radiology, to=SystemState.SUSPENDED, version=None, reason="A patient complained"
    )
    client = sign_in(ODILE)

    assert "deployed though not approved" in read(client, HEALTH)
    assert "deployed though not approved" in read(
        client, reverse("inventory:system", args=[estate.radiology])
    )


def test_what_is_approved_bears_no_mark(estate, sign_in):
    assert "deployed though not approved" not in read(sign_in(ODILE), HEALTH)


def test_no_data_named_is_not_shown_as_no_sensitive_data(estate, sign_in):
    client, shop = sign_in(ODILE), reverse("inventory:system", args=[estate.shop_system])
    before = read(client, shop)
    dataset = services.register_dataset(BUILDER, name="Prices", unit=estate.shops)
    version = services.register_dataset_version(BUILDER, dataset=dataset, label="1", personal_data="no")
    services.bind_dataset(
        BUILDER, deployment=estate.shop_live, dataset_version=version, purpose=BindingPurpose.INPUT
    )
    after = read(client, shop)

    assert "no data named" in before
    assert "none declared" not in before
    assert "none declared" in after
    assert "no data named" not in after


# ---- classes and steps


def test_high_risk_without_a_point_of_annex_iii_is_warned_of_and_not_refused(estate, sign_in):
    client, where = sign_in(ODILE), reverse("inventory:system_classify", args=[estate.radiology])
    saved = client.post(where, {"risk_class": "high", "reason": "A medical device", "version": ""})

    assert saved.status_code == 302
    assert read(client, saved["Location"]).count("No point of Annex III is named.") == 2
    assert "No point of Annex III is named." in read(client, saved["Location"])


def test_a_class_is_given_with_its_reason(estate, sign_in):
    client, where = sign_in(ODILE), reverse("inventory:system_classify", args=[estate.radiology])
    version = System.objects.get(pk=estate.radiology).version

    refused = client.post(
        where, {"risk_class": "high", "annex_iii_points": "", "reason": "", "version": version}
    )
    saved = client.post(
        where,
        {
            "risk_class": "high",
            "annex_iii_points": "5(c), 5(d)",
            "reason": "Prices health cover",
            "version": version,
        },
    )

    assert refused.status_code == 422
    assert saved.status_code == 302
    page = read(client, saved["Location"])
    assert "Annex III 5(c), 5(d)" in page
    assert "Prices health cover" in page


def test_points_without_high_risk_are_refused_beside_their_field(estate, sign_in):
    where = reverse("inventory:system_classify", args=[estate.radiology])
    answer = sign_in(ODILE).post(
        where, {"risk_class": "minimal", "annex_iii_points": "5(c)", "reason": "No", "version": ""}
    )

    assert answer.status_code == 422
    assert "Annex III points go with the class" in answer.content.decode()


def test_only_the_steps_that_may_follow_are_offered(estate, sign_in):
    page = read(sign_in(ODILE), reverse("inventory:system", args=[estate.radiology]))

    assert "/move/suspended/" in page
    assert "/move/approved/" not in page


def test_a_step_that_takes_something_away_wants_a_reason(estate, sign_in):
    client = sign_in(ODILE)
    where = reverse("inventory:system_move", args=[estate.radiology, "suspended"])

    assert client.post(where, {"reason": ""}).status_code == 422
    assert client.post(where, {"reason": "A patient complained"}).status_code == 302
    assert System.objects.get(pk=estate.radiology).state == "suspended"
    assert "A patient complained" in read(client, reverse("inventory:system", args=[estate.radiology]))


def test_a_state_that_does_not_exist_is_not_found(estate, sign_in):
    where = reverse("inventory:system_move", args=[estate.radiology, "abandoned"])

    assert sign_in(ODILE).get(where).status_code == 404


# ---- relations


def relations_of(estate):
    return {
        "role": (estate.role, {"system": estate.shop_system, "entity": estate.vendor, "role": "deployer"}),
        "placement": (estate.placement, {"deployment": estate.radiology_live, "fleet": estate.fleet}),
        "use": (
            estate.use,
            {"deployment": estate.radiology_live, "endpoint": estate.gateway, "role": "fallback"},
        ),
        "binding": (
            estate.binding,
            {
                "deployment": estate.shop_live,
                "dataset_version": estate.records_2026,
                "purpose": "evaluation",
                "basis": "declared",
            },
        ),
        "serves": (estate.serves, {"endpoint": estate.gateway, "model_version": estate.small_version}),
        "route": (
            estate.route,
            {"gateway": estate.gateway, "upstream": estate.server, "alias": "second", "priority": "3"},
        ),
        "descent": (estate.descent, None),
        "training": (
            estate.training,
            {"model_version": estate.small_version, "dataset_version": estate.records_2026},
        ),
    }


@pytest.mark.parametrize("name", sorted(RELATIONS))
def test_a_relation_begins_on_a_form_and_ends_with_a_reason(estate, sign_in, name):
    client = sign_in(ADA)
    row_id, data = relations_of(estate)[name]
    where = reverse("inventory:relate", args=[name])
    assert client.get(where).status_code == 200
    if data is not None:
        begun = client.post(where, {field: str(value) for field, value in data.items()})
        assert begun.status_code == 302, begun.content.decode()

    end = reverse("inventory:relate_end", args=[name, row_id])
    assert "What this touches" in read(client, end)
    ended = client.post(end, {"reason": "It is over"})

    assert ended.status_code == 302, ended.content.decode()
    assert "It is over" in read(client, ended["Location"])


def test_a_relation_that_is_already_so_is_refused_on_the_form(estate, sign_in):
    answer = sign_in(ADA).post(
        reverse("inventory:relate", args=["placement"]),
        {"deployment": str(estate.radiology_live), "site": str(estate.clinic)},
    )

    assert answer.status_code == 422
    assert "This is already so." in answer.content.decode()


def test_afterwards_the_reader_is_back_on_the_page_and_never_elsewhere(estate, sign_in):
    client = sign_in(ADA)
    data = {"deployment": str(estate.radiology_live), "fleet": str(estate.fleet)}
    where = reverse("inventory:relate", args=["placement"])

    outside = client.post(f"{where}?next=https://evil.example/", data)
    end = reverse("inventory:relate_end", args=["placement", estate.placement])
    inside = client.post(f"{end}?next=/systems/", {"reason": "Moved"})

    assert outside["Location"] == reverse("inventory:deployment", args=[estate.radiology_live])
    assert inside["Location"] == "/systems/"


def test_relations_of_others_are_neither_begun_nor_ended(estate, sign_in):
    shops = sign_in(only_in(PAUL, estate.shops))
    end = reverse("inventory:relate_end", args=["placement", estate.placement])
    begin = reverse("inventory:relate", args=["placement"])

    assert shops.get(end).status_code == 404
    assert shops.post(end, {"reason": "x"}).status_code == 404
    assert (
        shops.post(begin, {"deployment": str(estate.radiology_live), "site": str(estate.shop)}).status_code
        == 422
    )
    assert sign_in(AGNES).get(begin).status_code == 403
    assert sign_in(ADA).get(reverse("inventory:relate", args=["marriage"])).status_code == 404


def test_the_history_of_a_deployment_tells_of_its_places_and_endpoints(estate, sign_in):
    page = read(sign_in(AGNES), reverse("inventory:deployment", args=[estate.radiology_live]))

    assert "placed it: Nantes clinic" in page
    assert "bound data: Patient records 2026" in page


def test_a_history_names_things_and_not_their_ids(estate, sign_in):
    services.edit_system(BUILDER, estate.radiology, version=None, unit=estate.shops)
    page = read(sign_in(AGNES), reverse("inventory:system", args=[estate.radiology]))

    assert "<del>Clinics</del>" in page
    assert "<ins>Shops</ins>" in page


def test_the_history_of_a_shared_thing_does_not_name_what_belongs_to_another_unit(estate, sign_in):
    shared = services.register_endpoint(BUILDER, name="Shared gateway", kind="gateway")
    upstream = services.register_endpoint(
        BUILDER, name="Ward server", kind="model_server", unit=estate.clinics
    )
    services.route_endpoint(BUILDER, gateway=shared, upstream=upstream)
    gateway = reverse("inventory:endpoint", args=[shared])
    version = reverse("inventory:model_version", args=[estate.model_version])

    of_the_shop = sign_in(only_in(AGNES, estate.shops))
    assert "Ward server" not in read(of_the_shop, gateway)
    assert "Patient records" not in read(of_the_shop, version)
    of_the_clinics = sign_in(only_in(ODILE, estate.clinics))
    assert "Ward server" in read(of_the_clinics, gateway)
    assert "said what it was trained on: Patient records" in read(of_the_clinics, version)


# ---- keys


def test_a_key_is_shown_once_and_works(estate, sign_in):
    client = sign_in(PAUL)
    answer = client.post(
        reverse("inventory:key_new"),
        {
            "name": "Radiology",
            "scope": "deployment",
            "deployment": str(estate.radiology_live),
            "max_senders": "10",
        },
    )

    page = answer.content.decode()
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "no-store"
    found = re.search(r"ttl_ep_\w+", page)
    assert found is not None
    token = tokens.parse(found[0])
    assert token is not None
    key = EndpointKey.objects.get(public_id=token.public_id)
    assert "http://testserver:4318" in page
    assert f"TUTELA_DEPLOYMENT={estate.radiology_slug}" in page
    assert token.secret not in read(client, reverse("inventory:key", args=[key.pk]))
    assert not Event.objects.filter(body__contains=token.secret.encode()).exists()


def test_a_key_names_the_one_thing_that_it_may_speak_for(estate, sign_in):
    client, where = sign_in(PAUL), reverse("inventory:key_new")

    nothing = client.post(where, {"name": "K", "scope": "site", "max_senders": "10"})
    too_much = client.post(
        where, {"name": "K", "scope": "everything", "site": str(estate.clinic), "max_senders": "10"}
    )

    assert "Say which one." in nothing.content.decode()
    assert "does not go with" in too_much.content.decode()


def test_a_replaced_key_works_on_for_a_while(estate, sign_in):
    client = sign_in(PAUL)
    answer = client.post(
        reverse("inventory:key_rotate", args=[estate.key.id]), {"overlap": "24", "reason": "Yearly"}
    )

    assert answer.status_code == 200
    assert re.search(r"ttl_ep_\w+", answer.content.decode())
    assert EndpointKey.objects.get(pk=estate.key.id).expires_at is not None
    again = client.post(reverse("inventory:key_rotate", args=[estate.key.id]), {"overlap": "24"})
    assert "has been replaced already" in again.content.decode()


def test_a_revoked_key_says_since_when_and_why(estate, sign_in):
    client = sign_in(PAUL)
    client.post(reverse("inventory:key_retire", args=[estate.key.id]), {"reason": "It leaked"})
    page = read(client, reverse("inventory:key", args=[estate.key.id]))

    assert "Revoked" in page
    assert "It leaked" in page


@pytest.mark.parametrize("who", [AGNES, ODILE, VICTOR], ids=lambda who: who.label)
def test_who_may_not_manage_keys_makes_none(estate, sign_in, who):
    client = sign_in(who)

    assert client.get(reverse("inventory:key_new")).status_code == 403
    assert (
        client.post(reverse("inventory:key_rotate", args=[estate.key.id]), {"overlap": "0"}).status_code
        == 403
    )


# ---- the one simple form

NEW = {
    "system_is": "new",
    "system_name": "Weld inspection",
    "model_is": "new",
    "model_name": "Seam eye",
    "model_version": "2",
    "model_kind": "vision",
    "place_is": "new",
    "place_name": "Brest yard",
    "place_tier": "industrial_edge",
    "place_country": "FR",
    "environment": "production",
    "state": "live",
    "endpoint_kind": "embedded_library",
    "capture_mode": "hashed",
}


def test_one_form_makes_everything_and_says_what_to_send(estate, sign_in):
    client = sign_in(ODILE)
    made = client.post("/register/", NEW)

    assert made.status_code == 302, made.content.decode()
    page = read(client, made["Location"])
    for name in ("Weld inspection", "Seam eye", "Brest yard", "TUTELA_DEPLOYMENT=weld-inspection-production"):
        assert name in page


def test_one_form_takes_what_is_there_already(estate, sign_in):
    data = {
        **NEW,
        "system_is": "existing",
        "system": str(estate.shop_system),
        "model_is": "undisclosed",
        "place_is": "existing",
        "place": str(estate.shop),
        "environment": "pilot",
    }
    made = sign_in(PAUL).post("/register/", data)

    assert made.status_code == 302, made.content.decode()
    assert Deployment.objects.filter(system=estate.shop_system, environment="pilot").exists()
    assert not System.objects.filter(name="Weld inspection").exists()


def test_one_form_asks_for_what_was_chosen_and_nothing_else(estate, sign_in):
    answer = sign_in(ODILE).post("/register/", {**NEW, "system_name": "", "model_is": "existing"})

    page = answer.content.decode()
    assert answer.status_code == 422
    assert page.count("<a href=") >= 2
    assert '<a href="#id_system_name">' in page
    assert '<a href="#id_model">' in page
    assert '<a href="#id_model_name">' not in page


def test_one_form_registers_a_discovered_sender_to_the_letter(estate, sign_in):
    sender = {"sender_key": str(estate.key.id), "sender_name": "shadow-*", "sender_environment": "prod"}
    client = sign_in(ODILE)
    assert "shadow-*" in read(client, "/register/", **sender)

    made = client.post("/register/", {**NEW, **sender})

    assert made.status_code == 302, made.content.decode()
    rule = SenderRule.objects.latest("created_at")
    assert (rule.key_id, rule.service_name, rule.environment) == (estate.key.id, "shadow-*", "prod")


def test_an_engineer_without_the_right_over_systems_makes_no_new_one(estate, sign_in):
    answer = sign_in(PAUL).post("/register/", NEW)

    assert answer.status_code == 422
    assert not System.objects.filter(name="Weld inspection").exists()


DATA = {
    "data_is": "new",
    "data_name": "Seam images",
    "data_classification": "internal",
    "data_personal": "yes",
    "data_special": ["health"],
    "data_purpose": "input",
}


def test_one_form_takes_the_data_along_and_the_officers_question_finds_it(estate, sign_in):
    client = sign_in(ODILE)
    made = client.post("/register/", {**NEW, **DATA})

    assert made.status_code == 302, made.content.decode()
    page = read(client, made["Location"])
    assert "Seam images 1" in page
    assert "nobody has approved the system yet" in page
    answer = read(client, HEALTH)
    assert "Weld inspection" in answer
    assert "deployed though not approved" in answer


def test_one_form_binds_data_that_is_there_already(estate, sign_in):
    data = {"data_is": "existing", "data_version": str(estate.records_2026), "data_purpose": "training"}
    made = sign_in(ODILE).post("/register/", {**NEW, **data})

    assert made.status_code == 302, made.content.decode()
    binding = Binding.objects.get(deployment__system__name="Weld inspection")
    assert (binding.dataset_version_id, binding.purpose) == (estate.records_2026, "training")


def test_one_form_without_data_says_that_none_was_named(estate, sign_in):
    client = sign_in(ODILE)
    page = read(client, client.post("/register/", {**NEW, "data_is": "undisclosed"})["Location"])

    assert "no data named" in page


def test_special_categories_are_personal_data_also_in_the_one_form(estate, sign_in):
    answer = sign_in(ODILE).post("/register/", {**NEW, **DATA, "data_personal": "unknown"})

    assert answer.status_code == 422
    assert '<a href="#id_data_personal">' in answer.content.decode()
    assert not System.objects.filter(name="Weld inspection").exists()


def test_data_that_may_not_be_registered_takes_the_system_back_and_leaves_the_refusal(estate, sign_in):
    data = {
        **NEW,
        **DATA,
        "system_is": "existing",
        "system": str(estate.shop_system),
        "model_is": "undisclosed",
        "place_is": "existing",
        "place": str(estate.shop),
        "environment": "pilot",
    }
    answer = sign_in(PAUL).post("/register/", data)

    assert answer.status_code == 422
    assert not Deployment.objects.filter(system=estate.shop_system, environment="pilot").exists()
    assert Event.objects.filter(action="inventory.simple.register", outcome="denied").count() == 1


# ---- around


def test_sites_as_a_tree(estate, sign_in):
    services.register_site(BUILDER, name="Ward 3", tier="workstation", parent=estate.clinic)
    page = read(sign_in(AGNES), reverse("inventory:site_tree"))

    assert page.index("Nantes clinic") < page.index("Ward 3")


def test_search_finds_every_noun_within_what_the_actor_may_see(estate):
    found = {str(group.title) for group in search.search(ADA, "clin")}

    assert {"Sites", "Endpoints", "Endpoint keys"} <= found
    assert search.search(only_in(ADA, estate.shops), "Radiology drafts") == []
    hits = [hit for group in search.search(ADA, "Weights 7") for hit in group.hits]
    assert hits == []  # a name over two columns is searched by its parts
    assert [str(hit.title) for group in search.search(ADA, "2026") for hit in group.hits] == [
        "Patient records 2026"
    ]


@pytest.mark.parametrize(("who", "simple"), [(ODILE, True), (PAUL, True), (AGNES, False)], ids=str)
def test_the_overview_offers_the_first_step_to_those_who_may_take_it(estate, sign_in, who, simple):
    page = read(sign_in(who), "/")

    assert ('href="/register/"' in page) is simple
    assert "Ask the register" in page


def test_an_empty_list_teaches(db, sign_in):
    page = read(sign_in(ADA), "/systems/")

    assert "The law looks at systems, not at models." in page


def test_a_hundred_thousand_systems_take_no_more_queries_than_one(estate, sign_in):
    client = sign_in(ADA)
    with CaptureQueriesContext(connection) as few:
        read(client, "/systems/")
    System.objects.bulk_create(
        [
            System(name=f"System {number:06}", slug=f"system-{number:06}", unit_id=estate.clinics)
            for number in range(100_000)
        ],
        batch_size=2_000,
    )
    with CaptureQueriesContext(connection) as many:
        page = read(client, "/systems/", sort="-risk_class")

    assert len(many) <= len(few) + 1  # one that knows the session's row is there
    assert "more than 100,000" in page or "of 100,002" in page
    form = read(client, reverse("inventory:deployment_new"), system=str(estate.radiology))
    assert 'value="Radiology drafts"' in form
    assert form.count("<option") < 5_000
