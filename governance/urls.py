"""The addresses of governance's pages."""

from __future__ import annotations

from django.urls import path

from governance.views import policies, policy_editor

app_name = "governance"

urlpatterns = [
    path("policies/", policies.policies, name="policies"),
    path("policies/new/", policy_editor.new, name="policy_new"),
    path("policies/check/", policy_editor.check, name="policy_check"),
    path("policies/starter/", policies.install, name="policy_starter"),
    path("policies/<uuid:row_id>/", policies.policy, name="policy"),
    path("policies/<uuid:row_id>/edit/", policy_editor.edit, name="policy_edit"),
    path("policies/<uuid:row_id>/switch/", policies.switch, name="policy_switch"),
    path("policies/<uuid:row_id>/retire/", policies.retire, name="policy_retire"),
]
