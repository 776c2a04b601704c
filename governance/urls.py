"""The addresses of governance's pages."""

from __future__ import annotations

from django.urls import path

from governance.views import approvals, budgets, notices, policies, policy_editor, violations

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
    path("violations/", violations.violations, name="violations"),
    path("violations/<uuid:row_id>/", violations.violation, name="violation"),
    path("violations/<uuid:row_id>/<slug:word>/", violations.act, name="violation_act"),
    path("waivers/", violations.waiver_list, name="waivers"),
    path("waivers/<uuid:row_id>/decide/", violations.waiver_decide, name="waiver_decide"),
    path("waivers/<uuid:row_id>/withdraw/", violations.waiver_withdraw, name="waiver_withdraw"),
    path("approvals/", approvals.approvals, name="approvals"),
    path("approvals/ask/", approvals.ask, name="approval_ask"),
    path("approvals/<uuid:row_id>/", approvals.approval, name="approval"),
    path("approvals/<uuid:row_id>/decide/", approvals.decide, name="approval_decide"),
    path("approvals/<uuid:row_id>/withdraw/", approvals.withdraw, name="approval_withdraw"),
    path("outbox/", notices.notices, name="notices"),
]
