"""Every rule with what it finds and what it leaves alone. Secrets are put together here, so that no file holds one."""

from __future__ import annotations

import base64
import json
import random
import string
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrails.domain import Finding
from guardrails.domain.types import SECRET_TYPES
from guardrails.engines.secrets import SecretsEngine
from guardrails.engines.secrets.rules import RULES
from kernel import tokens

WORD = string.ascii_letters + string.digits
UPPER = string.ascii_uppercase + "234567"
HEX = "0123456789abcdef"
engine = SecretsEngine()


def made(count, alphabet=WORD, seed=7):
    random_ = random.Random(seed)
    return "".join(random_.choice(alphabet) for _ in range(count - 2)) + alphabet[-1] + alphabet[5]


def jwt(header):
    body = base64.urlsafe_b64encode(json.dumps(header).encode()).decode().rstrip("=")
    claims = base64.urlsafe_b64encode(b'{"sub": "1234567890", "name": "x"}').decode().rstrip("=")
    return f"{body}.{claims}.{made(43)}"


def pem(kind="RSA "):
    dashes = "-" * 5
    body = "\n".join(made(64, seed=n) for n in range(4))
    return f"{dashes}BEGIN {kind}PRIVATE KEY{dashes}\n{body}\n{dashes}END {kind}PRIVATE KEY{dashes}"


OWN = tokens.mint(tokens.TokenKind.ENDPOINT).text()

SECRETS = {
    "aws-access-key": ["AKI" + "A" + made(16, UPPER), "ASI" + "A" + made(16, UPPER)],
    "aws-secret-key": [("aws_secret_access_key = {}", made(38) + "/+"), ('"SecretKey": "{}"', made(40))],
    "azure-storage": [("DefaultEndpointsProtocol=https;AccountName=x;AccountKey={}", made(86) + "==")],
    "azure-client": ["abc8" + "Q~" + made(33)],
    "azure-signature": [("https://x.blob.core.windows.net/c?sv=2023&sig={}", made(44) + "%3D")],
    "gcp-api-key": ["AI" + "za" + made(35)],
    "gcp-oauth": ["ya" + "29." + made(60), "GOC" + "SPX-" + made(28)],
    "github-classic": ["gh" + "p_" + made(36), "gh" + "s_" + made(36)],
    "github-fine": ["github" + "_pat_" + made(22) + "_" + made(59)],
    "gitlab": ["gl" + "pat-" + made(20)],
    "openai": ["sk" + "-" + made(20) + "T3Blbk" + "FJ" + made(20), "sk" + "-proj-" + made(60) + "T3Blbk" + "FJ" + made(60)],
    "openai-project": ["sk" + "-proj-" + made(64)],
    "openai-like": ["sk" + "-" + made(48)],
    "anthropic": ["sk" + "-ant-" + "api03-" + made(93) + "AA"],
    "hugging-face": ["h" + "f_" + made(34)],
    "slack-token": ["xo" + "xb-" + "123456789012-1234567890123-" + made(24), "xa" + "pp-1-A012345678-1234567890-" + made(64, HEX)],
    "slack-webhook": ["https://hooks." + "slack.com/services/T01234567/B01234567/" + made(24)],
    "stripe": ["sk" + "_live_" + made(24), "wh" + "sec_" + made(32)],
    "twilio-key": ["S" + "K" + made(32, HEX)],
    "twilio-token": [("TWILIO_AUTH_TOKEN={}", made(32, HEX))],
    "sendgrid": ["S" + "G." + made(22) + "." + made(43)],
    "npm": ["np" + "m_" + made(36)],
    "pypi": ["py" + "pi-AgE" + "IcHlwaS5vcmc" + made(80)],
    "jwt": [jwt({"alg": "HS256", "typ": "JWT"})],
    "private-key": [pem(), pem(""), pem("OPENSSH "), pem("EC ").replace("\n", "\\n")],
    "vault": ["hv" + "s." + made(90)],
    "vault-old": [("VAULT_TOKEN={}", "s." + made(24))],
    "tutela": [OWN],
    "store-url": ["postgres" + "ql+psycopg://app:" + made(12) + "@db.internal:5432", "mongo" + "db+srv://u:" + made(9) + "@c.example.net", "red" + "is://:" + made(20) + "@cache:6379"],
    "url-password": [("git clone https://bob:{}@git.corp.fr/x.git", made(14))],
    "named": [("password = {}", "Tr0ub4dor&3"), ('"api_key": "{}"', made(24)), ("MOT_DE_PASSE: '{}'", "Été-2026!x"), ("DB_PASSWORD={}", "p4Ss-w0rd!9")],
    "told": [("My password is {}, please log in.", "Hunter2!x9"), ("Le mot de passe est « {} ».", "Soleil#2026")],
}  # fmt: skip

HARMLESS = {
    "aws-access-key": ["AKIA is a prefix", "AKI" + "AIOSFODNN7EXAMPLE", "xAKI" + "A" + made(16, UPPER)],
    "aws-secret-key": ["secret key: a word", "secret_key = " + "a" * 40],
    "azure-storage": ["AccountKey=short=="],
    "azure-client": ["FAQ~and more words that follow here without digits"],
    "azure-signature": ["?sig=abc%3D"],
    "gcp-api-key": ["AIza-short", "MAI" + "za" + made(35)],
    "gcp-oauth": ["ya29.short"],
    "github-classic": ["gh" + "p_" + "x" * 36, "ghp_short"],
    "github-fine": ["github_pat_11ABC_def"],
    "gitlab": ["glpat-short"],
    "openai": ["T3BlbkFJ alone"],
    "openai-project": ["sk-proj-your-key-goes-in-here-and-nowhere-else-at-all"],
    "openai-like": ["sk-learn-contrib", "sk-" + "a" * 48],
    "anthropic": ["sk-ant-api03-<your key>", "sk-ant-short"],
    "hugging-face": ["hf_hub_download(repo_id)", "hf_transfer"],
    "slack-token": ["xoxb-your-token", "xox is no word"],
    "slack-webhook": ["https://hooks.slack.com/services/"],
    "stripe": ["sk_test_...", "whsec_xxxx"],
    "twilio-key": ["SKU 0123456789", "S" + "K" + "0" * 32],
    "twilio-token": ["twilio auth token: <token>"],
    "sendgrid": ["SG.abc.def"],
    "npm": ["npm_config_registry", "npm_lifecycle_event"],
    "pypi": ["pypi-AgEIcHlwaS5vcmc"],
    "jwt": [jwt({"typ": "JWT"}), "eyJ.eyJ.x"],
    "private-key": ["-----BEGIN PUBLIC KEY-----\n" + made(200), "a PRIVATE KEY is secret"],
    "vault": ["hvs.short"],
    "vault-old": ["vault token = s.short"],
    "tutela": [OWN[:-1] + ("a" if OWN[-1] != "a" else "b"), "ttl_seconds"],
    "store-url": ["postgresql://localhost/db", "postgresql://user:${PASSWORD}@host", "redis://cache:6379/0"],
    "url-password": ["https://example.com:8080/path@v2", "https://user@host/"],
    "named": ["password = os.environ['PASSWORD']", "password: ********", "api_key=<your key>", "token: string", "secret = settings.SECRET", "pwd=$(pwd)/very", "passwordless: true"],
    "told": ["The password is required.", "le mot de passe est obligatoire", "my password is incorrect!"],
}  # fmt: skip

POSITIVE = [(name, case) for name, cases in SECRETS.items() for case in cases]
NEGATIVE = [(name, text) for name, cases in HARMLESS.items() for text in cases]


@pytest.mark.parametrize(("name", "case"), POSITIVE, ids=[name for name, _ in POSITIVE])
def test_a_secret_is_found_where_it_stands(name, case):
    frame, secret = case if isinstance(case, tuple) else ("Voici la clé : {} merci", case)
    text = frame.replace("{}", secret)
    rule = next(rule for rule in RULES if rule.name == name)
    start = text.index(secret)
    assert Finding(rule.type, start, start + len(secret), rule.score) in _alone(rule, text)
    (found,) = engine.scan(text, threshold=0.5).findings
    assert found.start <= start
    assert found.end >= start + len(secret)


def _alone(rule, text):
    group = "v" if "v" in rule.shape.groupindex else 0
    return [
        Finding(rule.type, *match.span(group), rule.score)
        for match in rule.shape.finditer(text)
        if rule.holds(match[group])
    ]


@pytest.mark.parametrize(("name", "text"), NEGATIVE, ids=[name for name, _ in NEGATIVE])
def test_what_only_looks_like_one_is_left_alone(name, text):
    assert name in {rule.name for rule in RULES}
    assert engine.scan(text, threshold=0.5).findings == ()


def test_every_rule_has_examples_of_both_kinds_and_a_known_type():
    names = {rule.name for rule in RULES}
    assert set(SECRETS) == set(HARMLESS) == names
    assert {rule.type for rule in RULES} == set(SECRET_TYPES)


@given(
    st.text() | st.text(alphabet="sk-_antghpAKIA=:/@.password0123456789eyJ-BEGIN \n\ud800\0", max_size=200)
)
def test_no_text_makes_it_raise(text):
    end = 0
    for found in engine.scan(text, threshold=0.0).findings:
        assert end <= found.start < found.end <= len(text)
        end = found.end


@pytest.mark.parametrize(
    "piece",
    ["eyJ", "sk-", "password = ", "://a:b", "a" * 50, "-----BEGIN PRIVATE KEY-----", "secret key", "SG.a"],
)
def test_a_megabyte_takes_little_time(piece):
    start = time.process_time()
    engine.scan((piece * (1_000_000 // len(piece) + 1))[:1_000_000], threshold=0.5)
    assert time.process_time() - start < 5


def test_the_threshold_shuts_out_what_is_less_sure():
    assert engine.scan("password = Tr0ub4dor&3", threshold=0.8).findings == ()
