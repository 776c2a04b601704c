"""Who may use which route. A new route fails the tests until somebody writes here who it is for.

A page's policy is the permission that its door asks for (somewhere in the organisation; services ask again for the
unit concerned), "signed in" for everybody with an account, or "open to all".
"""

from __future__ import annotations

from kernel.actor import Permission

OPEN = "open to all"
SIGNED_IN = "signed in"

REGISTER_READ = Permission.REGISTER_READ.value
REGISTER_EDIT = Permission.REGISTER_EDIT.value
ESTATE_EDIT = Permission.ESTATE_EDIT.value
KEYS_MANAGE = Permission.KEYS_MANAGE.value
PEOPLE_MANAGE = Permission.PEOPLE_MANAGE.value
TELEMETRY_READ = Permission.TELEMETRY_READ.value
PRICES_MANAGE = Permission.PRICES_MANAGE.value
POLICIES_MANAGE = Permission.POLICIES_MANAGE.value
AUDIT_READ = Permission.AUDIT_READ.value
VIOLATIONS_WORK = Permission.VIOLATIONS_WORK.value
APPROVALS_DECIDE = Permission.APPROVALS_DECIDE.value
EXPORT = Permission.EXPORT.value
GUARDRAILS_MANAGE = Permission.GUARDRAILS_MANAGE.value
RETENTION_MANAGE = Permission.RETENTION_MANAGE.value


def _noun(one: str, many: str, change: str, *, app: str = "inventory") -> dict[str, str]:
    """The five pages of a noun of the register: everybody who reads the register reads it, `change` changes it."""
    return {
        f"{app}:{many}": REGISTER_READ,
        f"{app}:{one}": REGISTER_READ,
        f"{app}:{one}_new": change,
        f"{app}:{one}_edit": change,
        f"{app}:{one}_retire": change,
    }


PAGES: dict[str, str] = {
    "healthz": OPEN,
    "readyz": OPEN,
    "console:overview": SIGNED_IN,
    "console:sign_in": OPEN,
    "console:sign_out": OPEN,
    "console:search": SIGNED_IN,
    "console:palette": SIGNED_IN,
    "console:preferences": SIGNED_IN,
    "console:password": SIGNED_IN,
    "console:set_language": OPEN,
    "console:set_theme": SIGNED_IN,
    "console:people": PEOPLE_MANAGE,
    "console:add_person": PEOPLE_MANAGE,
    "console:person": PEOPLE_MANAGE,
    "console:close_account": PEOPLE_MANAGE,
    "console:grant_role": PEOPLE_MANAGE,
    "console:revoke_role": PEOPLE_MANAGE,
    "console:save_view": SIGNED_IN,
    "console:delete_view": SIGNED_IN,
    "inventory:import": REGISTER_READ,
    "inventory:import_template": REGISTER_READ,
    "inventory:import_preview": REGISTER_READ,
    "inventory:import_drop": REGISTER_READ,
    "audit:trail": AUDIT_READ,
    "audit:event": AUDIT_READ,
    "audit:exports": EXPORT,
    "audit:export_new": EXPORT,
    "audit:export_verifier": EXPORT,
    "audit:export": EXPORT,
    "audit:export_archive": EXPORT,
    "telemetry:traces": TELEMETRY_READ,
    "telemetry:trace": TELEMETRY_READ,
    "telemetry:trace_reveal": TELEMETRY_READ,
    "telemetry:sessions": TELEMETRY_READ,
    "telemetry:discovered": TELEMETRY_READ,
    "telemetry:senders": TELEMETRY_READ,
    "telemetry:senders_merge": ESTATE_EDIT,
    "telemetry:sender": TELEMETRY_READ,
    "telemetry:sender_promote": ESTATE_EDIT,
    "telemetry:sender_dismiss": ESTATE_EDIT,
    "telemetry:sender_undismiss": ESTATE_EDIT,
    "telemetry:ingest": TELEMETRY_READ,
    "telemetry:costs": TELEMETRY_READ,
    "telemetry:costs_unpriced": TELEMETRY_READ,
    "telemetry:costs_hardware": TELEMETRY_READ,
    "governance:budgets": TELEMETRY_READ,
    "governance:budget": TELEMETRY_READ,
    "governance:budget_new": PRICES_MANAGE,
    "governance:budget_edit": PRICES_MANAGE,
    "governance:budget_retire": PRICES_MANAGE,
    **_noun("profile", "profiles", GUARDRAILS_MANAGE, app="guardrails"),
    "guardrails:guardrails": TELEMETRY_READ,
    "guardrails:coverage": TELEMETRY_READ,
    "guardrails:findings": TELEMETRY_READ,
    "guardrails:verdicts": TELEMETRY_READ,
    "guardrails:scans": TELEMETRY_READ,
    "guardrails:work": TELEMETRY_READ,
    "guardrails:work_retry": GUARDRAILS_MANAGE,
    "guardrails:message": TELEMETRY_READ,
    "guardrails:profile_assign": GUARDRAILS_MANAGE,
    "guardrails:profile_unassign": GUARDRAILS_MANAGE,
    "telemetry:retention": TELEMETRY_READ,
    "telemetry:retention_edit": RETENTION_MANAGE,
    "governance:violations": REGISTER_READ,
    "governance:violation": REGISTER_READ,
    "governance:violation_act": VIOLATIONS_WORK,
    "governance:waivers": REGISTER_READ,
    "governance:waiver_decide": APPROVALS_DECIDE,
    "governance:waiver_withdraw": VIOLATIONS_WORK,
    "governance:approvals": REGISTER_READ,
    "governance:approval": REGISTER_READ,
    "governance:approval_ask": REGISTER_EDIT,
    "governance:approval_decide": APPROVALS_DECIDE,
    "governance:approval_withdraw": REGISTER_EDIT,
    "governance:notices": SIGNED_IN,
    "governance:policies": REGISTER_READ,
    "governance:policy": REGISTER_READ,
    "governance:policy_new": POLICIES_MANAGE,
    "governance:policy_check": POLICIES_MANAGE,
    "governance:policy_starter": POLICIES_MANAGE,
    "governance:policy_edit": POLICIES_MANAGE,
    "governance:policy_switch": POLICIES_MANAGE,
    "governance:policy_retire": POLICIES_MANAGE,
    "ui:style": PEOPLE_MANAGE,
    **_noun("system", "systems", REGISTER_EDIT),
    **_noun("model", "models", REGISTER_EDIT),
    **_noun("model_version", "model_versions", REGISTER_EDIT),
    **_noun("dataset", "datasets", REGISTER_EDIT),
    **_noun("dataset_version", "dataset_versions", REGISTER_EDIT),
    **_noun("vendor", "vendors", REGISTER_EDIT),
    **_noun("unit", "units", REGISTER_EDIT),
    **_noun("deployment", "deployments", ESTATE_EDIT),
    **_noun("endpoint", "endpoints", ESTATE_EDIT),
    **_noun("site", "sites", ESTATE_EDIT),
    **_noun("fleet", "fleets", ESTATE_EDIT),
    **_noun("sender_rule", "sender_rules", ESTATE_EDIT),
    **_noun("key", "keys", KEYS_MANAGE),
    **_noun("cost_profile", "cost_profiles", PRICES_MANAGE),
    **_noun("seat_price", "seat_prices", PRICES_MANAGE),
    **_noun("own_price", "own_prices", PRICES_MANAGE),
    **_noun("exchange_rate", "exchange_rates", PRICES_MANAGE),
    "inventory:cost_settings": REGISTER_READ,  # everybody may know them; the verb asks who chooses
    "inventory:key_rotate": KEYS_MANAGE,
    "inventory:simple": ESTATE_EDIT,
    "inventory:registered": REGISTER_READ,
    "inventory:site_tree": REGISTER_READ,
    "inventory:system_classify": REGISTER_EDIT,
    "inventory:system_move": REGISTER_EDIT,
    "inventory:model_version_move": REGISTER_EDIT,
    "inventory:deployment_move": ESTATE_EDIT,
    "inventory:relate": REGISTER_READ,  # which right a relation takes depends on what it joins; its verb asks
    "inventory:relate_end": REGISTER_READ,
}

# By the first part of the path below /api/v1: what reading asks for, what changing asks for.
API: dict[str, tuple[str, str | None]] = {
    "violations": (REGISTER_READ, None),
    "approvals": (REGISTER_READ, None),
    "units": (REGISTER_READ, REGISTER_EDIT),
    "entities": (REGISTER_READ, REGISTER_EDIT),
    "sites": (REGISTER_READ, ESTATE_EDIT),
    "fleets": (REGISTER_READ, ESTATE_EDIT),
    "systems": (REGISTER_READ, REGISTER_EDIT),
    "system-roles": (REGISTER_READ, REGISTER_EDIT),
    "datasets": (REGISTER_READ, REGISTER_EDIT),
    "dataset-versions": (REGISTER_READ, REGISTER_EDIT),
    "models": (REGISTER_READ, REGISTER_EDIT),
    "model-versions": (REGISTER_READ, REGISTER_EDIT),
    "model-relations": (REGISTER_READ, REGISTER_EDIT),
    "model-trainings": (REGISTER_READ, REGISTER_EDIT),
    "endpoints": (REGISTER_READ, ESTATE_EDIT),
    "endpoint-models": (REGISTER_READ, ESTATE_EDIT),
    "endpoint-routes": (REGISTER_READ, ESTATE_EDIT),
    "deployments": (REGISTER_READ, ESTATE_EDIT),
    "placements": (REGISTER_READ, ESTATE_EDIT),
    "uses": (REGISTER_READ, ESTATE_EDIT),
    "bindings": (REGISTER_READ, ESTATE_EDIT),
    "sender-rules": (REGISTER_READ, ESTATE_EDIT),
    "sender-dismissals": (REGISTER_READ, ESTATE_EDIT),
    "senders": (TELEMETRY_READ, ESTATE_EDIT),
    "register-simple": (REGISTER_READ, REGISTER_EDIT),
    "keys": (REGISTER_READ, KEYS_MANAGE),
    "cost-profiles": (REGISTER_READ, PRICES_MANAGE),
    "seat-prices": (REGISTER_READ, PRICES_MANAGE),
    "exchange-rates": (REGISTER_READ, PRICES_MANAGE),
    "cost-settings": (REGISTER_READ, PRICES_MANAGE),
    "policies": (REGISTER_READ, POLICIES_MANAGE),
    "questions": (REGISTER_READ, None),
    "guardrail-profiles": (REGISTER_READ, GUARDRAILS_MANAGE),
    "guardrail-assignments": (REGISTER_READ, GUARDRAILS_MANAGE),
    "traces": (TELEMETRY_READ, None),
    "ingest": (TELEMETRY_READ, None),
    "openapi.json": (OPEN, None),
}

# The receiver. "key": the bearer of an endpoint key that is neither revoked nor expired.
INGEST: dict[str, str] = {
    "/v1/traces": "key",
    "/v1/logs": "key",
    "/v1/metrics": "key",
    "/v1/whoami": "key",
    "/v1/spans/": "key",
    "/healthz": OPEN,
    "/readyz": OPEN,
}
RPC: dict[str, str] = {
    "opentelemetry.proto.collector.trace.v1.TraceService": "key",
    "opentelemetry.proto.collector.logs.v1.LogsService": "key",
    "opentelemetry.proto.collector.metrics.v1.MetricsService": "key",
}

# The check process. "key" as above.
CHECK: dict[str, str] = {"/api/v1/check": "key", "/healthz": OPEN, "/readyz": OPEN}

# Worker and beat answer on loopback alone.
PROBES: dict[str, str] = {"/healthz": OPEN, "/readyz": OPEN}
