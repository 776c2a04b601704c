"""The addresses of governance's pages."""

from __future__ import annotations

from django.urls import path

from governance.views import budgets, policies, policy_editor

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
    path("budgets/", budgets.budgets, name="budgets"),
    path("budgets/new/", budgets.new, name="budget_new"),
    path("budgets/<uuid:row_id>/", budgets.budget, name="budget"),
    path("budgets/<uuid:row_id>/edit/", budgets.edit, name="budget_edit"),
    path("budgets/<uuid:row_id>/retire/", budgets.retire, name="budget_retire"),
]
