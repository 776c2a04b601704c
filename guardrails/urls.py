"""The addresses of the guardrail pages."""

from __future__ import annotations

from django.urls import path

from guardrails.views import assignments, profiles

app_name = "guardrails"

urlpatterns = [
    path("guardrails/profiles/", profiles.profiles, name="profiles"),
    path("guardrails/profiles/new/", profiles.profile_new, name="profile_new"),
    path("guardrails/profiles/assign/", assignments.profile_assign, name="profile_assign"),
    path("guardrails/profiles/<uuid:row_id>/", profiles.profile, name="profile"),
    path("guardrails/profiles/<uuid:row_id>/edit/", profiles.profile_edit, name="profile_edit"),
    path("guardrails/profiles/<uuid:row_id>/retire/", profiles.profile_retire, name="profile_retire"),
    path("guardrails/assignments/<uuid:row_id>/end/", assignments.profile_unassign, name="profile_unassign"),
]
