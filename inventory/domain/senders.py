"""What a sender is: dated rules, claims and the scope of its key, laid over the time line.

1. Whatever may speak about a sender is a `Statement`: a rule of the register, a claim of the sender itself that its
   key allows, the place it names, the scope of its key.
2. Statements begin and end, so the time line falls into intervals in which nothing changes.
3. In each interval the best statement decides each part (deployment, endpoint, site) for itself: the higher priority,
   then rules before claims before keys, then the more specific, then the newer. A rule never takes a sender that claims
   a deployment of one unit to a deployment of another.
4. What no statement says follows from the deployment, if it has exactly one placement or one use at that time.
5. Neighbouring intervals with the same answer become one.
"""

from __future__ import annotations

import itertools
import re
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import IntEnum
from fnmatch import translate
from functools import lru_cache
from typing import Generic, TypeVar

from inventory.domain.environments import contradicts, same_environment
from kernel.contracts.ingest import (
    CaptureMode,
    Resolution,
    ResolutionState,
    RetentionClass,
    SenderIdentity,
    SenderPolicy,
)

T = TypeVar("T")
_WILDCARDS = re.compile(r"[*?]")


@dataclass(frozen=True, slots=True)
class SiteFacts:
    id: uuid.UUID
    name: str
    tier: str
    unit_id: uuid.UUID | None = None


@dataclass(frozen=True, slots=True)
class EndpointFacts:
    id: uuid.UUID
    name: str
    unit_id: uuid.UUID | None = None
    site: SiteFacts | None = None


@dataclass(frozen=True, slots=True)
class During(Generic[T]):
    """Something that holds during [from_ns, until_ns)."""

    what: T
    from_ns: int | None = None
    until_ns: int | None = None

    def holds_at(self, moment_ns: float) -> bool:
        begun = self.from_ns is None or self.from_ns <= moment_ns
        return begun and (self.until_ns is None or moment_ns < self.until_ns)


@dataclass(frozen=True, slots=True)
class DeploymentFacts:
    id: uuid.UUID
    name: str
    environment: str
    unit_id: uuid.UUID | None = None
    capture_mode: CaptureMode = CaptureMode.HASHED
    retention_class: RetentionClass = RetentionClass.STANDARD
    retired: bool = False
    places: tuple[During[SiteFacts], ...] = ()
    uses: tuple[During[EndpointFacts], ...] = ()


class Basis(IntEnum):
    """Who says it. The higher number is believed first, at equal priority."""

    KEY = 1
    PLACE = 2
    CLAIM = 3
    RULE = 4


@dataclass(frozen=True, slots=True)
class Statement:
    """Something that says what some senders are, during [from_ns, until_ns). Empty patterns match anything."""

    basis: Basis
    id: uuid.UUID | None = None
    key_id: bytes | None = None
    key_public_id: str = ""
    service_namespace: str = ""
    service_name: str = ""
    environment: str = ""
    place: str = ""
    claimed_deployment: str = ""
    priority: int = 0
    from_ns: int | None = None
    until_ns: int | None = None
    deployment: DeploymentFacts | None = None
    endpoint: EndpointFacts | None = None
    site: SiteFacts | None = None

    def holds_at(self, moment_ns: float) -> bool:
        begun = self.from_ns is None or self.from_ns <= moment_ns
        return begun and (self.until_ns is None or moment_ns < self.until_ns)

    def rank(self) -> tuple[object, ...]:
        """The greater decides. The id comes last: of two alike, the newer one (ids grow with time)."""
        return (self.priority, self.basis, *specificity(self), self.id.int if self.id else 0)


@dataclass(frozen=True, slots=True)
class Register:
    """All that the register says about senders, looked up by what senders say of themselves.

    `claims` by deployment slug and by `system/environment`; `places` by site slug; `keys` by key id; `dismissed` holds
    sender ids. `bearers` holds the unit of each name that can be claimed, also where it names several deployments of a
    system. `reach` holds, for keys that may not speak for everything, the slugs of the sites where they may be: a
    place is often taken from what a platform says of itself, which no key bounds on the way in.
    """

    rules: tuple[Statement, ...] = ()
    claims: Mapping[str, DeploymentFacts] | None = None
    bearers: Mapping[str, uuid.UUID | None] | None = None
    places: Mapping[str, SiteFacts] | None = None
    keys: Mapping[bytes, Statement] | None = None
    reach: Mapping[bytes, frozenset[str]] | None = None
    dismissed: frozenset[bytes] = frozenset()


PHRASES: Mapping[Basis, str] = {
    Basis.RULE: "rule: %(what)s",
    Basis.CLAIM: "claimed by the sender: %(what)s",
    Basis.PLACE: "place named by the sender: %(what)s",
    Basis.KEY: "the key speaks for it alone",
}
"""How a basis is said; pages pass translations."""


def resolve(
    identity: SenderIdentity, register: Register, *, phrases: Mapping[Basis, str] = PHRASES
) -> tuple[Resolution, ...]:
    """What the sender is over time, oldest first, without overlap. Times that nothing explains are left out.

    A dismissed sender is `dismissed` for all the time that no statement explains.
    """
    statements = statements_about(identity, register)
    dismissed = identity.sender_id() in register.dismissed
    answers = [
        _answer(statements, start, end, phrases=phrases, dismissed=dismissed)
        for start, end in _intervals(statements)
    ]
    return _merged([answer for answer in answers if answer is not None])


def policy(identity: SenderIdentity, register: Register, *, now_ns: int) -> SenderPolicy:
    """How the sender's content is treated now: as its deployment declares; as an unknown one's without a deployment.

    A retired deployment that still sends is known, and keeps no text.
    """
    speaking = (one for one in statements_about(identity, register) if one.holds_at(now_ns))
    deployment = next((one.deployment for one in speaking if one.deployment), None)
    if deployment is None:
        return SenderPolicy()
    if deployment.retired:
        return SenderPolicy(retention_class=deployment.retention_class, resolved=True)
    return SenderPolicy(deployment.capture_mode, deployment.retention_class, resolved=True)


def statements_about(identity: SenderIdentity, register: Register) -> tuple[Statement, ...]:
    """Whatever the register says about this sender, best first."""
    found = [
        rule
        for rule in register.rules
        if matches(rule, identity) and not _takes_from_its_unit(rule, identity, register)
    ]
    found += _implied(identity, register)
    return tuple(sorted(found, key=Statement.rank, reverse=True))


def _takes_from_its_unit(rule: Statement, identity: SenderIdentity, register: Register) -> bool:
    """Whether a rule would draw a sender that claims one unit's deployment to a deployment of another.

    Keys bound claims, but a site's key speaks for every deployment placed there: who manages the site may make rules for
    the key, and would else read what other units' deployments send from it.
    """
    bearers = register.bearers or {}
    if rule.deployment is None or identity.claimed_deployment not in bearers:
        return False
    return bearers[identity.claimed_deployment] != rule.deployment.unit_id


def matches(rule: Statement, identity: SenderIdentity) -> bool:
    """Whether a rule speaks about this sender. Service patterns take `*` and `?`; environments match by meaning."""
    return (
        rule.key_id in (None, identity.key_id)
        and _fits(rule.service_name, identity.service_name)
        and _fits(rule.service_namespace, identity.service_namespace)
        and (not rule.environment or same_environment(rule.environment, identity.environment))
        and rule.place in ("", identity.place)
        and rule.claimed_deployment in ("", identity.claimed_deployment)
    )


def specificity(rule: Statement) -> tuple[int, ...]:
    """How closely a rule looks: claim, name, namespace, place, environment, key, then the letters of its patterns."""
    letters = len(_WILDCARDS.sub("", rule.service_name + rule.service_namespace))
    return (
        int(bool(rule.claimed_deployment)),
        _closeness(rule.service_name),
        _closeness(rule.service_namespace),
        int(bool(rule.place)),
        int(bool(rule.environment)),
        int(rule.key_id is not None),
        letters,
    )


def _implied(identity: SenderIdentity, register: Register) -> list[Statement]:
    found: list[Statement] = []
    claimed = (register.claims or {}).get(identity.claimed_deployment)
    if identity.claimed_deployment and claimed is not None:
        found.append(
            Statement(Basis.CLAIM, claimed_deployment=identity.claimed_deployment, deployment=claimed)
        )
    place = (register.places or {}).get(identity.place)
    if identity.place and place is not None and _reaches(identity, register):
        found.append(Statement(Basis.PLACE, place=identity.place, site=place))
    key = (register.keys or {}).get(identity.key_id)
    if key is not None:
        found.append(key)
    return [item for item in found if not _runs_elsewhere(identity, item)]


def _reaches(identity: SenderIdentity, register: Register) -> bool:
    """Whether the sender's key may be at the place that the sender names."""
    reach = (register.reach or {}).get(identity.key_id)
    return reach is None or identity.place in reach


def _runs_elsewhere(identity: SenderIdentity, statement: Statement) -> bool:
    """A test run that claims the production deployment is not that deployment."""
    deployment = statement.deployment
    return deployment is not None and contradicts(identity.environment, deployment.environment)


def _fits(pattern: str, text: str) -> bool:
    if not pattern or pattern == text:
        return True
    return bool(_WILDCARDS.search(pattern)) and _glob(pattern).match(text) is not None


@lru_cache(maxsize=4096)
def _glob(pattern: str) -> re.Pattern[str]:
    """`*` and `?` alone are wildcards; a bracket is a bracket. Runs of stars are one, so that none backtracks long."""
    return re.compile(translate(re.sub(r"\*+", "*", pattern).replace("[", "[[]")))


def _closeness(pattern: str) -> int:
    if not pattern:
        return 0
    return 1 if _WILDCARDS.search(pattern) else 2


def _intervals(statements: Iterable[Statement]) -> list[tuple[int | None, int | None]]:
    """The time line cut wherever a statement, a placement or a use begins or ends."""
    cuts: set[int] = set()
    for statement in statements:
        cuts |= _ends(statement.from_ns, statement.until_ns)
        if statement.deployment is not None:
            for place in statement.deployment.places:
                cuts |= _ends(place.from_ns, place.until_ns)
            for use in statement.deployment.uses:
                cuts |= _ends(use.from_ns, use.until_ns)
    line: list[int | None] = [None, *sorted(cuts), None]
    return list(itertools.pairwise(line))


def _ends(*moments: int | None) -> set[int]:
    return {moment for moment in moments if moment is not None}


def _answer(
    statements: tuple[Statement, ...],
    start: int | None,
    end: int | None,
    *,
    phrases: Mapping[Basis, str],
    dismissed: bool,
) -> Resolution | None:
    moment = float("-inf") if start is None else start
    speaking = [statement for statement in statements if statement.holds_at(moment)]
    if not speaking:
        if not dismissed:
            return None
        return Resolution(ResolutionState.DISMISSED, valid_from_ns=start, valid_until_ns=end)
    return _resolution(speaking, moment, start, end, phrases)


def _resolution(
    speaking: list[Statement], moment: float, start: int | None, end: int | None, phrases: Mapping[Basis, str]
) -> Resolution:
    by_deployment = next((one for one in speaking if one.deployment), None)
    by_endpoint = next((one for one in speaking if one.endpoint), None)
    by_site = next((one for one in speaking if one.site), None)
    deployment = by_deployment.deployment if by_deployment else None
    endpoint = by_endpoint.endpoint if by_endpoint else _used_by(deployment, by_site, moment)
    site = by_site.site if by_site else _site_of(deployment, endpoint, moment)
    deciding = list(dict.fromkeys(one for one in (by_deployment, by_endpoint, by_site) if one))
    rule = next((one for one in deciding if one.basis is Basis.RULE), None)
    return Resolution(
        state=ResolutionState.RESOLVED,
        deployment_id=deployment.id if deployment else None,
        deployment_name=deployment.name if deployment else None,
        endpoint_id=endpoint.id if endpoint else None,
        endpoint_name=endpoint.name if endpoint else None,
        site_id=site.id if site else None,
        site_name=site.name if site else None,
        tier=site.tier if site else None,
        unit_id=_unit_of(deployment, endpoint, site),
        rule_id=rule.id if rule else None,
        how="; ".join(_in_words(one, phrases) for one in deciding),
        valid_from_ns=start,
        valid_until_ns=end,
    )


def _only(options: Iterable[During[T]], moment: float) -> T | None:
    """The one thing that holds at a moment; None when there is none or a choice."""
    holding = list(dict.fromkeys(option.what for option in options if option.holds_at(moment)))
    return holding[0] if len(holding) == 1 else None


def _used_by(
    deployment: DeploymentFacts | None, by_site: Statement | None, moment: float
) -> EndpointFacts | None:
    """The one endpoint that a deployment uses. Of several, the one at the place that the sender is known to be at."""
    uses = deployment.uses if deployment is not None else ()
    found = _only(uses, moment)
    if found is not None or by_site is None:
        return found
    return _only([use for use in uses if use.what.site == by_site.site], moment)


def _site_of(
    deployment: DeploymentFacts | None, endpoint: EndpointFacts | None, moment: float
) -> SiteFacts | None:
    """Where a deployment is placed; where an endpoint stands, for a sender that is an endpoint and no deployment."""
    if deployment is not None:
        return _only(deployment.places, moment)
    return endpoint.site if endpoint is not None else None


def _unit_of(
    deployment: DeploymentFacts | None, endpoint: EndpointFacts | None, site: SiteFacts | None
) -> uuid.UUID | None:
    """The unit of the most telling part: a deployment of no unit belongs to the whole organisation."""
    part = deployment or endpoint or site
    return part.unit_id if part is not None else None


def _in_words(statement: Statement, phrases: Mapping[Basis, str]) -> str:
    return phrases[statement.basis] % {"what": describe(statement)}


def describe(statement: Statement) -> str:
    """A statement's patterns in the attribute names of telemetry."""
    patterns = {
        "service.namespace": statement.service_namespace,
        "service.name": statement.service_name,
        "deployment.environment.name": statement.environment,
        "tutela.site": statement.place,
        "tutela.deployment": statement.claimed_deployment,
        "key": statement.key_public_id,
    }
    return ", ".join(f"{name}={pattern}" for name, pattern in patterns.items() if pattern)


def _merged(answers: list[Resolution]) -> tuple[Resolution, ...]:
    merged: list[Resolution] = []
    for answer in answers:
        before = merged[-1] if merged else None
        if before is not None and _continues(before, answer):
            merged[-1] = replace(before, valid_until_ns=answer.valid_until_ns)
        else:
            merged.append(answer)
    return tuple(merged)


def _continues(before: Resolution, after: Resolution) -> bool:
    same = replace(before, valid_from_ns=None, valid_until_ns=None) == replace(
        after, valid_from_ns=None, valid_until_ns=None
    )
    return same and before.valid_until_ns is not None and before.valid_until_ns == after.valid_from_ns
