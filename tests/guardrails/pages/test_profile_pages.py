"""The pages of profiles: read by everybody, changed by who may, never without saying what that touches."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from guardrails import services
from guardrails.models import GuardrailProfile, ProfileAssignment
from kernel.contracts.ingest import CaptureMode
from tests import cast
from tests.guardrails.pages.conftest import SignIn, World
from tests.inventory.estate import BUILDER
from tests.telemetry.seeding import text

pytestmark = pytest.mark.database

FORM: dict[str, Any] = {
    "name": "Health",
    "personal_data_enabled": "on",
    "personal_data_sampling": "100",
    "personal_data_threshold": "0.35",
    "secrets_sampling": "100",
    "secrets_threshold": "0.5",
    "groundedness_enabled": "on",
    "groundedness_sampling": "12.5",
}


def _page(client: Any, route: str, *args: object, query: str = "") -> str:
    response = client.get(reverse(f"guardrails:{route}", args=args) + query)
    assert response.status_code == 200
    return str(response.content.decode())


def test_everybody_reads_what_the_default_profile_does(world: World, sign_in: SignIn) -> None:
    default = services.ensure_default_profile(BUILDER)
    shown = _page(sign_in(cast.AGNES), "profile", default)
    assert "Looks for personal data in every message." in shown
    assert "2 deployments go by it" in shown
    assert "guardrails.profile.ensure_default" in shown
    assert reverse("guardrails:profile_edit", args=[default]) not in shown


def test_a_profile_is_made_in_shares_and_scores_as_people_say_them(world: World, sign_in: SignIn) -> None:
    odile = sign_in(cast.ODILE)
    response = odile.post(reverse("guardrails:profile_new"), FORM, follow=True)
    assert response.status_code == 200
    made = GuardrailProfile.objects.get(name="Health")
    assert (made.personal_data_threshold, made.groundedness_sampling, made.secrets_enabled) == (
        350,
        125,
        False,
    )
    shown = response.content.decode()
    assert "Holds 12.5% of the answers against their sources." in shown
    assert "Does not look for secrets." in shown
    assert "A finding counts from a score of 0.35 on." in shown


def test_a_change_says_what_it_has_checked_again_before_it_is_saved(world: World, sign_in: SignIn) -> None:
    profile = services.make_profile(cast.ODILE, name="Health")
    services.assign_profile(cast.ODILE, profile=profile, deployment=world.estate.radiology_live)
    odile = sign_in(cast.ODILE)
    address = reverse("guardrails:profile_edit", args=[profile])
    first = odile.post(address, {**FORM, "version": "1"})
    shown = first.content.decode()
    assert first.status_code == 200
    assert "Not saved yet." in shown
    assert "3 messages are checked again." in shown
    assert GuardrailProfile.objects.get(pk=profile).personal_data_threshold == 500
    seen = first.context["form"]["seen"].value()
    other = odile.post(address, {**FORM, "version": "1", "seen": seen, "personal_data_threshold": "0.2"})
    assert "Not saved yet." in other.content.decode(), "what was read is not what would be saved"
    assert odile.post(address, {**FORM, "version": "1", "seen": seen}).status_code == 302
    assert GuardrailProfile.objects.get(pk=profile).personal_data_threshold == 350


def test_a_change_that_checks_less_is_saved_at_once(world: World, sign_in: SignIn) -> None:
    profile = services.make_profile(cast.ODILE, name="Health", personal_data_threshold=350)
    response = sign_in(cast.ODILE).post(
        reverse("guardrails:profile_edit", args=[profile]), {**FORM, "version": "1"}
    )
    assert response.status_code == 302
    assert GuardrailProfile.objects.get(pk=profile).groundedness_sampling == 125


def test_masked_text_is_not_counted_among_what_is_checked_again(world: World, sign_in: SignIn) -> None:
    world.seed.write(
        world.shop, world.seed.trace(world.shop, mode=CaptureMode.HASHED, said=[text("user", "Hello")])
    )
    profile = services.make_profile(cast.ODILE, name="Shops", personal_data_threshold=100)
    response = sign_in(cast.ODILE).post(
        reverse("guardrails:profile_assign"),
        {"profile": str(profile), "deployment": str(world.estate.shop_live)},
    )
    assert "0 messages are checked again." in response.content.decode()
    assert not ProfileAssignment.objects.exists()


def test_a_profile_is_taken_away_with_a_reason(world: World, sign_in: SignIn) -> None:
    profile = services.make_profile(cast.ODILE, name="Shops")
    held = services.assign_profile(cast.ODILE, profile=profile, deployment=world.estate.shop_live)
    odile = sign_in(cast.ODILE)
    address = reverse("guardrails:profile_unassign", args=[held])
    assert "Shop assistant" in odile.get(address).content.decode()
    assert odile.post(address, {}).status_code == 422
    assert odile.post(address, {"reason": "one rule for all"}).status_code == 302
    assert ProfileAssignment.objects.get(pk=held).valid_until is not None
    assert "one rule for all" in _page(odile, "profile", profile)


def test_who_may_not_manage_is_refused(world: World, sign_in: SignIn) -> None:
    profile = services.make_profile(cast.ODILE, name="Shops", unit=world.estate.shops)
    paul = sign_in(cast.PAUL)
    for route, args in (("profile_new", []), ("profile_edit", [profile]), ("profile_assign", [])):
        assert paul.get(reverse(f"guardrails:{route}", args=args)).status_code == 403
    clinic_officer = sign_in(cast.only_in(cast.ODILE, world.estate.clinics))
    assert clinic_officer.get(reverse("guardrails:profile", args=[profile])).status_code == 404
    assert "Shops" not in _page(clinic_officer, "profiles")


def test_hostile_names_stay_text(world: World, sign_in: SignIn) -> None:
    hostile = "<script>alert(1)</script>"
    profile = services.make_profile(cast.ODILE, name=hostile, note=hostile)
    services.assign_profile(cast.ODILE, profile=profile, deployment=world.estate.shop_live)
    odile = sign_in(cast.ODILE)
    for shown in (_page(odile, "profiles"), _page(odile, "profile", profile)):
        assert hostile not in shown
        assert "&lt;script&gt;" in shown


def test_profiles_are_found_by_name(world: World, sign_in: SignIn) -> None:
    services.make_profile(cast.ODILE, name="Health strict")
    response = sign_in(cast.AGNES).get("/search/?q=strict")
    assert "Health strict" in response.content.decode()
