"""Verbs on policies: write, edit (a new version), switch, retire; and the starter set.

An expression is compiled with its types before it is kept. Nothing is switched on unless the policy's own examples come
out as their author expects, at least one that passes and one that fails among them.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any, TypedDict, Unpack

from django.utils.translation import gettext as _

from audit.services import unchanged, verb
from governance.adapters.cel import ExpressionError
from governance.domain.policies import Mode, Outcome, SubjectKind
from governance.domain.starter import STARTER, Starter
from governance.models import Decision, Policy, PolicyVersion
from governance.models.policy_labels import SUBJECT
from governance.queries.facts import READABLE
from governance.queries.rules import Tried, compiled, rule_of, try_examples
from governance.services import violations
from inventory.services.nouns import Noun
from inventory.services.writing import change, insert, locked, retire
from kernel import clock
from kernel.actor import Actor, Permission
from kernel.errors import Conflict, Invalid

POLICY = Noun(
    Policy,
    "governance.policy",
    Permission.POLICIES_MANAGE,
    lambda row: (row.unit_id,),
    free_text=frozenset({"sentence", "sentence_fr", "advice", "advice_fr", "examples"}),
    own_verbs=frozenset({"mode", "mode_since", "revision"}),
    fixed=frozenset({"slug", "subject"}),
)
DEFINITION = (
    "name", "name_fr", "sentence", "sentence_fr", "breach", "breach_fr", "advice", "advice_fr", "subject",
    "applies_when", "expression", "severity", "kind", "examples",
)  # fmt: skip
"""The columns that a version keeps: all that says what is demanded, and of whom."""


class PolicyFields(TypedDict, total=False):
    name: str
    slug: str
    name_fr: str
    sentence: str
    sentence_fr: str
    breach: str
    breach_fr: str
    advice: str
    advice_fr: str
    unit: uuid.UUID | None
    subject: str
    applies_when: str
    expression: str
    severity: str
    kind: str
    examples: list[dict[str, Any]]


@verb("governance.policy.write")
def write_policy(actor: Actor, *, reason: str = "", **fields: Unpack[PolicyFields]) -> uuid.UUID:
    """Write a policy down. It begins switched off. Raises Invalid with what is wrong in its expressions."""
    _refuse_bad_rule(fields, {})
    row = insert(POLICY, actor, fields, reason=reason)
    _keep_version(actor, row, reason)
    return row.pk


@verb("governance.policy.edit")
def edit_policy(
    actor: Actor,
    policy_id: uuid.UUID,
    *,
    version: int | None,
    reason: str = "",
    **fields: Unpack[PolicyFields],
) -> int:
    """Change what a policy demands, as a new version; returns the new version of the row.

    One that is switched on keeps running only if its examples hold for the new text; else this raises Invalid.
    """
    row = locked(POLICY, actor, policy_id, version=version)
    before = {name: getattr(row, name) for name in DEFINITION}
    _refuse_bad_rule(fields, before)
    wanted = {**before, **{name: value for name, value in fields.items() if name in DEFINITION}}
    if wanted == before and fields.get("unit", row.unit_id) == row.unit_id:
        unchanged()
        return row.version
    if row.mode != Mode.OFF:
        _refuse_untried(wanted)
    number = row.revision + 1
    changed = change(
        POLICY,
        actor,
        policy_id,
        {**fields, "revision": number},
        version=version,
        reason=reason,
        allow_own_verbs=True,
    )
    _keep_version(actor, changed, reason)
    return changed.version


@verb("governance.policy.switch")
def switch_policy(actor: Actor, policy_id: uuid.UUID, *, mode: Mode, version: int | None, reason: str) -> int:
    """Switch a policy off, into shadow or into force, and say why; returns the new version of the row.

    Raises Invalid while its own examples do not come out as expected. Switched off, its open conditions are closed.
    """
    if not reason.strip():
        problem = _("Say why: who is held to a rule may ask.")
        raise Invalid(problem, code="reason_missing", fields={"reason": [problem]})
    row = locked(POLICY, actor, policy_id, version=version)
    if row.mode == mode:
        unchanged()
        return row.version
    if mode is not Mode.OFF:
        _refuse_untried({name: getattr(row, name) for name in DEFINITION})
    fields = {"mode": mode.value, "mode_since": clock.now()}
    changed = change(POLICY, actor, policy_id, fields, version=version, reason=reason, allow_own_verbs=True)
    if mode is Mode.OFF:
        Decision.objects.filter(policy=changed).delete()
        violations.withdraw_policy(actor, changed.slug, reason=reason)
    return changed.version


@verb("governance.policy.retire")
def retire_policy(actor: Actor, policy_id: uuid.UUID, *, version: int | None, reason: str) -> int:
    """Take a policy out of use for good; its versions and what it found stay. It must be switched off first."""
    row = locked(POLICY, actor, policy_id, version=version)
    if row.mode != Mode.OFF:
        raise Conflict(
            _("It is switched on. Switch it off first: what it holds open is closed then."), code="in_use"
        )
    return retire(POLICY, actor, policy_id, version=version, reason=reason).version


@verb("governance.policy.install_starter")
def install_starter(actor: Actor, *, switched_on: bool = False) -> int:
    """Write the policies of the starter set that are not there yet; returns how many.

    They begin switched off, because demanding is for a person to decide; `switched_on` gives each the mode that the set
    proposes (the demonstration estate).
    """
    actor.require(Permission.POLICIES_MANAGE, unit=None)
    known = set(Policy.objects.values_list("slug", flat=True))
    missing = [starter for starter in STARTER if starter.key not in known]
    for starter in missing:
        _install(actor, starter, switched_on=switched_on)
    if not missing:
        unchanged()
    return len(missing)


def _install(actor: Actor, starter: Starter, *, switched_on: bool) -> None:
    row = insert(POLICY, actor, starter.fields(), action="governance.policy.install_starter")
    _keep_version(actor, row, "")
    if switched_on:
        fields = {"mode": starter.mode.value, "mode_since": clock.now()}
        change(POLICY, actor, row.pk, fields, version=None, reason=starter.why_mode, allow_own_verbs=True)


def _keep_version(actor: Actor, row: Policy, reason: str) -> None:
    PolicyVersion.objects.create(
        policy=row,
        number=row.revision,
        definition={name: getattr(row, name) for name in DEFINITION},
        written_at=clock.now(),
        written_by=actor.id,
        event_reason=reason,
    )


def _refuse_bad_rule(fields: Mapping[str, Any], before: Mapping[str, Any]) -> None:
    """Compile both expressions and check the examples' facts, as they would be after the change."""
    wanted = {**before, **fields}
    subject = str(wanted.get("subject", ""))
    if subject not in SUBJECT:
        known = ", ".join(kind.value for kind in SUBJECT)
        problem = _("There are no facts about this. Choose one of: %(known)s.") % {"known": known}
        raise Invalid(problem, fields={"subject": [problem]})
    problems = {
        name: _problems_of(SubjectKind(subject), wanted.get(name), optional=name == "applies_when")
        for name in ("expression", "applies_when")
    }
    found = {name: texts for name, texts in problems.items() if texts}
    if found:
        raise Invalid(_("The policy cannot be understood yet."), code="bad_expression", fields=found)


def _problems_of(kind: SubjectKind, text: object, *, optional: bool) -> list[str]:
    if optional and not text:
        return []
    try:
        compiled(kind, str(text or ""))
    except ExpressionError as error:
        return [str(problem) for problem in error.problems]
    return []


def _refuse_untried(definition: Mapping[str, Any]) -> None:
    tried = try_examples(rule_of(definition))
    wrong = [one for one in tried if not one.holds]
    if wrong:
        raise Invalid(
            _("Its own examples do not come out as they should, so it cannot be switched on."),
            code="examples_fail",
            fields={"examples": [_said(one) for one in wrong]},
        )
    expected = {one.example.expect for one in tried}
    if not {Outcome.PASS, Outcome.FAIL} <= expected:
        problem = _(
            "It needs at least one example that passes and one that fails before it can be switched on."
        )
        raise Invalid(problem, code="examples_missing", fields={"examples": [problem]})


def _said(one: Tried) -> str:
    if one.unknown:
        return _("“%(name)s” uses what is no fact, or a value that it cannot have: %(paths)s.") % {
            "name": one.example.name,
            "paths": ", ".join(one.unknown),
        }
    return _("“%(name)s” comes to “%(got)s”, expected is “%(expected)s”.") % {
        "name": one.example.name,
        "got": one.judgement.outcome.value,
        "expected": one.example.expect.value,
    }


def starter_missing() -> bool:
    """Whether the starter set has policies that were never written down here."""
    return Policy.objects.filter(slug__in=[starter.key for starter in STARTER]).count() < len(STARTER)


def readable() -> frozenset[SubjectKind]:
    """The kinds of subjects that can be evaluated."""
    return READABLE


def field_labels() -> dict[str, str]:
    """What the columns of a policy are called in its history."""
    return {field.name: str(field.verbose_name) for field in Policy._meta.concrete_fields}
