"""The table of secrets: who issues it, the words that must stand in a text, the shape, what else must hold, how sure."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from guardrails.engines.secrets.evidence import a_jwt, a_password, no_placeholder, our_key, random_looking

VERSION = 1
"""Raise it with every change of the table."""


@dataclass(frozen=True, slots=True)
class SecretRule:
    """One shape. Group `v`, where there is one, is the secret; `keywords` are plain and cheap to look for."""

    name: str
    type: str
    keywords: tuple[str, ...]
    shape: re.Pattern[str]
    score: float = 0.95
    holds: Callable[[str], bool] = no_placeholder
    any_case: bool = False  # keywords are looked for in the text in lower case


def _rule(
    name: str,
    kind: str,
    keywords: str,
    shape: str,
    score: float = 0.95,
    holds: Callable[[str], bool] = no_placeholder,
    *,
    any_case: bool = False,
) -> SecretRule:
    flags = re.IGNORECASE if any_case else re.NOFLAG
    return SecretRule(
        name, kind, tuple(keywords.split("|")), re.compile(shape, flags), score, holds, any_case
    )


_B = r"(?<![A-Za-z0-9_\-])"
_E = r"(?![A-Za-z0-9_\-])"
_IS = r"[\"'\\]{0,2}\s{0,3}(?:[:=]{1,2}|=>|:=)\s{0,3}[\"'\\]{0,2}"
_NAMED = (
    r"(?:pass(?:word|wd|phrase)|pwd|mot[ _]de[ _]passe|mdp|secret|api[_\- ]?key|(?:access|auth|bearer|refresh)[_\- ]?token|client[_\- ]?secret|"
    r"secret[_\- ]?key|private[_\- ]?key)"
)
_STORES = r"(?:postgres(?:ql)?|mysql|mariadb|mongodb|redis|rediss|amqps?|mssql|sqlserver|oracle|clickhouse|cockroachdb|ldaps?|ftps?|sftp|smtps?)"

RULES = (
    _rule("aws-access-key", "AWS_ACCESS_KEY", "AKIA|ASIA|ABIA|ACCA", r"(?<![A-Za-z0-9])(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}(?![A-Za-z0-9])"),
    _rule("aws-secret-key", "AWS_SECRET_KEY", "secret", rf"secret[_\- ]?(?:access[_\- ]?)?key{_IS}(?P<v>[A-Za-z0-9/+]{{40}})(?![A-Za-z0-9/+=])", 0.9, random_looking, any_case=True),
    _rule("azure-storage", "AZURE_KEY", "AccountKey=", r"AccountKey=(?P<v>[A-Za-z0-9+/]{86}==)"),
    _rule("azure-client", "AZURE_KEY", "Q~", r"(?<![A-Za-z0-9_~.\-])[A-Za-z0-9_~.\-]{3}\dQ~[A-Za-z0-9_~.\-]{31,34}(?![A-Za-z0-9_~\-])", 0.95, random_looking),
    _rule("azure-signature", "AZURE_KEY", "sig=", r"[?&]sig=(?P<v>[A-Za-z0-9%+/]{43,70}(?:%3D|=))(?![A-Za-z0-9%])", 0.9, random_looking),
    _rule("gcp-api-key", "GCP_KEY", "AIza", rf"{_B}AIza[0-9A-Za-z_\-]{{35}}{_E}"),
    _rule("gcp-oauth", "GCP_KEY", "ya29.|GOCSPX-", rf"{_B}(?:ya29\.[0-9A-Za-z_\-]{{30,2000}}|GOCSPX-[0-9A-Za-z_\-]{{28}}){_E}"),
    _rule("github-classic", "GITHUB_TOKEN", "ghp_|gho_|ghu_|ghs_|ghr_", rf"{_B}gh[pousr]_[A-Za-z0-9]{{36,255}}{_E}"),
    _rule("github-fine", "GITHUB_TOKEN", "github_pat_", rf"{_B}github_pat_[A-Za-z0-9]{{22}}_[A-Za-z0-9]{{59}}{_E}"),
    _rule("gitlab", "GITLAB_TOKEN", "glpat-|gldt-|glrt-|glptt-|glcbt-|glsoat-|glagent-", rf"{_B}gl(?:pat|dt|rt|ptt|cbt|soat|agent)-[A-Za-z0-9_\-.]{{20,128}}"),
    _rule("openai", "OPENAI_KEY", "T3BlbkFJ", rf"{_B}sk-(?:(?:proj|svcacct|admin)-)?[A-Za-z0-9_\-]{{20,100}}T3BlbkFJ[A-Za-z0-9_\-]{{20,100}}{_E}", 1.0),
    _rule("openai-project", "OPENAI_KEY", "sk-proj-|sk-svcacct-|sk-admin-", rf"{_B}sk-(?:proj|svcacct|admin)-[A-Za-z0-9_\-]{{40,200}}{_E}", 0.9, random_looking),
    _rule("openai-like", "OPENAI_KEY", "sk-", rf"{_B}sk-[A-Za-z0-9]{{32,64}}{_E}", 0.85, random_looking),
    _rule("anthropic", "ANTHROPIC_KEY", "sk-ant-", rf"{_B}sk-ant-[a-z]{{2,12}}\d{{2}}-[A-Za-z0-9_\-]{{40,160}}{_E}", 1.0),
    _rule("hugging-face", "HUGGING_FACE_TOKEN", "hf_|api_org_", rf"{_B}(?:hf|api_org)_[A-Za-z0-9]{{34,40}}{_E}"),
    _rule("slack-token", "SLACK_TOKEN", "xox|xapp-", rf"{_B}(?:xox[abeoprs]-(?:\d{{1,14}}-){{1,3}}[A-Za-z0-9\-]{{10,80}}|xapp-\d-[A-Z0-9]{{6,14}}-\d{{6,16}}-[a-f0-9]{{32,80}}){_E}"),
    _rule("slack-webhook", "SLACK_WEBHOOK", "hooks.slack.com", r"https://hooks\.slack\.com/(?:services|workflows|triggers)/[A-Z0-9]{6,14}/[A-Za-z0-9]{6,24}/[A-Za-z0-9/]{16,80}"),
    _rule("stripe", "STRIPE_KEY", "sk_live_|sk_test_|rk_live_|rk_test_|whsec_", rf"{_B}(?:[sr]k_(?:live|test)_[A-Za-z0-9]{{16,128}}|whsec_[A-Za-z0-9+/]{{32,64}}={{0,2}}){_E}"),
    _rule("twilio-key", "TWILIO_KEY", "SK", r"(?<![A-Za-z0-9])SK[0-9a-f]{32}(?![A-Za-z0-9])", 0.9, random_looking),
    _rule("twilio-token", "TWILIO_KEY", "twilio", rf"twilio[\w\- ]{{0,20}}token{_IS}(?P<v>[0-9a-f]{{32}})(?![0-9a-z])", 0.9, random_looking, any_case=True),
    _rule("sendgrid", "SENDGRID_KEY", "SG.", rf"{_B}SG\.[A-Za-z0-9_\-]{{22}}\.[A-Za-z0-9_\-]{{43}}{_E}"),
    _rule("npm", "NPM_TOKEN", "npm_", rf"{_B}npm_[A-Za-z0-9]{{36}}{_E}"),
    _rule("pypi", "PYPI_TOKEN", "pypi-AgE", rf"{_B}pypi-AgE[A-Za-z0-9_\-]{{60,300}}{_E}"),
    _rule("jwt", "JWT", "eyJ", r"(?<![A-Za-z0-9_\-.])eyJ[A-Za-z0-9_\-]{10,2000}\.eyJ[A-Za-z0-9_\-]{8,8000}\.[A-Za-z0-9_\-]{16,2000}", 0.9, a_jwt),
    _rule("private-key", "PRIVATE_KEY", "PRIVATE KEY", r"-----BEGIN (?:[A-Z0-9]{2,12} ){0,2}PRIVATE KEY(?: BLOCK)?-----(?:[^-]|-(?!----)){20,16000}(?:-----END [A-Z0-9 ]{4,40}-----)?", 1.0, lambda text: len(text) > 80),
    _rule("vault", "VAULT_TOKEN", "hvs.|hvb.|hvr.", rf"{_B}hv[sbr]\.[A-Za-z0-9_\-]{{24,300}}{_E}"),
    _rule("vault-old", "VAULT_TOKEN", "vault", rf"vault[\w\- ]{{0,20}}token{_IS}(?P<v>s\.[A-Za-z0-9]{{24}})(?![A-Za-z0-9])", 0.9, random_looking, any_case=True),
    _rule("tutela", "TUTELA_KEY", "ttl_", r"(?<![A-Za-z0-9_])ttl_[a-z]{2}_[0-9A-Za-z]{8}_[0-9A-Za-z]{43}_[0-9A-Za-z]{6}(?![A-Za-z0-9])", 1.0, our_key),
    _rule("store-url", "DATABASE_URL", "://", rf"(?<![A-Za-z]){_STORES}(?:\+[a-z0-9]{{2,20}})?://[^\s:/@\"'<>]{{0,80}}:[^\s/@\"'<>$%{{}}*]{{3,120}}@[^\s/\"'<>?]{{1,200}}", 0.95, lambda text: no_placeholder(text.rsplit("@", 1)[0]), any_case=True),
    _rule("url-password", "PASSWORD", "://", r"https?://[^\s:/@\"'<>]{1,80}:(?P<v>[^\s/@\"'<>${}*]{4,120})@[A-Za-z0-9.\-]{1,200}", 0.85, any_case=True),
    _rule("named", "PASSWORD", "pass|pwd|mdp|secret|key|token", rf"(?<![A-Za-z]){_NAMED}{_IS}(?P<v>[^\s\"'`,;<>]{{8,128}})", 0.7, a_password, any_case=True),
    _rule("told", "PASSWORD", "password|passphrase|mot de passe|mdp", r"(?<!\w)(?:password|passphrase|mot de passe|mdp) (?:is|was|est|était|:)\s{1,2}[\"'«“]?\s?(?P<v>[^\s\"'`«»“”<>]{6,64}[^\s\"'`«»“”<>.,;:!?])", 0.7, a_password, any_case=True),
)  # fmt: skip
