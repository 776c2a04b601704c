"""The addresses of the guardrail pages."""

from __future__ import annotations

from django.urls import path

from guardrails.views import assignments, lists, overview, profiles, retrying

app_name = "guardrails"

urlpatterns = [
    path("guardrails/", overview.guardrails, name="guardrails"),
    path("guardrails/coverage/", lists.coverage, name="coverage"),
    path("guardrails/findings/", lists.findings, name="findings"),
    path("guardrails/verdicts/", lists.verdicts, name="verdicts"),
    path("guardrails/scans/", lists.scans, name="scans"),
    path("guardrails/work/", lists.work, name="work"),
    path("guardrails/work/retry/", retrying.work_retry, name="work_retry"),
    path("guardrails/messages/<int:day>/<str:sender>/<str:message_id>/", lists.message, name="message"),
    path("guardrails/profiles/", profiles.profiles, name="profiles"),
    path("guardrails/profiles/new/", profiles.profile_new, name="profile_new"),
    path("guardrails/profiles/assign/", assignments.profile_assign, name="profile_assign"),
    path("guardrails/profiles/<uuid:row_id>/", profiles.profile, name="profile"),
    path("guardrails/profiles/<uuid:row_id>/edit/", profiles.profile_edit, name="profile_edit"),
    path("guardrails/profiles/<uuid:row_id>/retire/", profiles.profile_retire, name="profile_retire"),
    path("guardrails/assignments/<uuid:row_id>/end/", assignments.profile_unassign, name="profile_unassign"),
]
