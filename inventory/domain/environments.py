"""What telemetry calls an environment, and what the register calls it."""

from __future__ import annotations

from inventory.domain.words import Environment

_NAMES = {
    Environment.PRODUCTION: ("production", "prod", "prd", "live", "main"),
    Environment.PILOT: ("pilot", "pilote", "canary", "beta", "preview", "early-access"),
    Environment.TEST: ("test", "testing", "qa", "uat", "staging", "stage", "stg", "preprod", "pre-production",
                       "integration", "acceptance", "recette", "ci"),
    Environment.DEVELOPMENT: ("development", "dev", "local", "localhost", "sandbox", "developpement"),
}  # fmt: skip
_BY_NAME = {name: environment for environment, names in _NAMES.items() for name in names}


def canonical_environment(text: str) -> Environment | None:
    """The register's environment for a sender's `deployment.environment.name`; None for words nobody agreed on."""
    return _BY_NAME.get(text.strip().lower())


def same_environment(one: str, other: str) -> bool:
    """Whether two names mean one environment: `prod` is `production`, and an unknown word is only itself."""
    if one.strip().lower() == other.strip().lower():
        return True
    known = canonical_environment(one)
    return known is not None and known == canonical_environment(other)


def contradicts(text: str, environment: str) -> bool:
    """Whether a sender says clearly that it runs elsewhere. Silence and unknown words contradict nothing."""
    known = canonical_environment(text)
    return known is not None and known != environment
