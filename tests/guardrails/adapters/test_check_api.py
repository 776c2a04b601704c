"""The check API: who may ask, what is refused, what is answered; and that no text is left anywhere."""

from __future__ import annotations

import asyncio
import json
import threading
import urllib.error
import urllib.request

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrails.adapters.checking.answers import Checker
from guardrails.adapters.checking.asked import MAX_BODY_BYTES, Unusable, read
from guardrails.adapters.checking.http import MOST_PER_KEY, CheckApp
from guardrails.domain import Check, CheckRules, Finding, Profile, Scan
from guardrails.domain.profiles import DEFAULT_PROFILE
from guardrails.engines.groundedness import LexAlign
from kernel import tokens
from kernel.contracts.ingest import KeyFacts

PEPPER = b"p" * 32
SECRET = tokens.mint(tokens.TokenKind.ENDPOINT)
TOKEN = SECRET.text()
HOURS = "The workshop closes at six in the evening."


class Names:
    """Finds « Anne »."""

    check = Check.PERSONAL_DATA
    version = "names 1"
    waits: threading.Event | None = None

    def scan(self, text, *, threshold):
        if self.waits is not None:
            self.waits.wait(20)
        if "break" in text:
            raise RuntimeError(f"cannot read {text}")
        start = text.find("Anne")
        return Scan(
            (Finding("PERSON", start, start + 4, 0.9),) if start >= 0 and threshold <= 0.9 else (), "en"
        )


class Keys:
    def __init__(self, **more):
        self.facts = KeyFacts(
            b"k" * 16, SECRET.public_id, "key", tokens.digest(SECRET.secret, pepper=PEPPER), "all", **more
        )

    def find(self, public_id):
        return self.facts if public_id == self.facts.public_id else None


class Profiles:
    def __init__(self, profile=DEFAULT_PROFILE):
        self.profile_, self.asked = profile, []

    def profile(self, sender, _moment_ns):
        self.asked.append(sender)
        return self.profile_


class Protocol:
    def __init__(self, body):
        self.body, self.answer = body, None

    async def __aiter__(self):
        for first in range(0, len(self.body), 65_536):
            yield self.body[first : first + 65_536]

    def response_bytes(self, status, headers, body):
        self.answer = status, dict(headers), json.loads(body)


class Headers(dict):
    def get_all(self, name):
        return [self[name]] if name in self else []


class Scope:
    def __init__(self, path, method, headers):
        self.path, self.method, self.headers = path, method, Headers(headers)


def app(*, keys=None, profiles=None, names=None):
    made = CheckApp(keys=keys or Keys(), profiles=profiles or Profiles(), pepper=PEPPER)
    made.checker = Checker({Check.PERSONAL_DATA: names or Names()}, LexAlign(lexical_only=True))
    return made


async def ask(made, given, *, path="/api/v1/check", method="POST", key=TOKEN, headers=()):
    body = given if isinstance(given, bytes) else json.dumps(given).encode()
    protocol = Protocol(body)
    sent = {"authorization": f"Bearer {key}"} if key else {}
    await made.__rsgi__(Scope(path, method, {**sent, **dict(headers)}), protocol)
    assert protocol.answer is not None
    return protocol.answer


def asked(made, given, **more):
    return asyncio.run(ask(made, given, **more))


def test_what_each_check_came_to_is_answered_with_places_versions_and_thresholds():
    status, _, said = asked(
        app(), {"response": f"{HOURS} Ask Anne.", "query": "When?", "contexts": [{"id": "h", "text": HOURS}]}
    )

    assert status == 200
    assert said["flagged"] == ["personal_data", "groundedness"]
    personal, grounded = said["checks"]["personal_data"], said["checks"]["groundedness"]
    assert personal["findings"] == [
        {"in": "response", "type": "PERSON", "start": 47, "end": 51, "score": 0.9}
    ]
    assert (personal["engine"], personal["threshold"]) == ("names 1", 0.5)
    assert [one["outcome"] for one in grounded["sentences"]] == ["supported", "unsupported"]
    assert grounded["sentences"][0]["evidence"]["context_id"] == "h"
    assert grounded["engine"] == "lexalign-v1+lexical"
    assert said["checks"]["secrets"] == {"outcome": "not_checked", "reason": "not_installed"}


def test_french_answers_are_in_shadow_and_flag_nothing():
    _, _, said = asked(
        app(),
        {
            "response": "Nous louons des vélos à Quimper.",
            "contexts": [{"text": "L'atelier est fermé le samedi."}],
        },
    )

    assert said["checks"]["groundedness"]["outcome"] == "unsupported"
    assert said["checks"]["groundedness"]["shadow"] is True
    assert said["flagged"] == []


def test_the_profile_decides_what_is_checked_and_how_strictly():
    profile = Profile(
        (CheckRules(Check.PERSONAL_DATA, threshold=950), CheckRules(Check.SECRETS, enabled=False))
    )

    _, _, said = asked(app(profiles=Profiles(profile)), {"text": "Ask Anne."})

    assert said["checks"]["personal_data"]["outcome"] == "clean"
    assert said["checks"]["secrets"] == {"outcome": "not_checked", "reason": "off_in_profile"}


@pytest.mark.parametrize(
    ("may", "claimed", "status", "taken"),
    [
        (None, None, 200, ""),
        (None, "a/production", 200, "a/production"),
        (frozenset({"a/production"}), None, 200, "a/production"),
        (frozenset({"a/production", "b/production"}), None, 200, ""),
        (frozenset({"a/production"}), "b/production", 403, None),
    ],
)
def test_the_profile_is_that_of_the_keys_deployment(may, claimed, status, taken):
    profiles = Profiles()
    made = app(keys=Keys(claimable_deployments=may), profiles=profiles)

    found, _, _ = asked(made, {"text": "x"} | ({"deployment": claimed} if claimed else {}))

    assert found == status
    assert [sender.claimed_deployment for sender in profiles.asked] == ([] if taken is None else [taken])


def test_a_check_that_fails_is_said_and_the_text_is_nowhere_in_the_log(capfd):
    status, _, said = asked(
        app(), {"response": f"break my-secret-text. {HOURS}", "contexts": [{"text": HOURS}]}
    )

    assert status == 200
    assert said["checks"]["personal_data"]["outcome"] == "failed"
    assert said["checks"]["groundedness"]["outcome"] in {"supported", "unsupported"}
    assert "my-secret-text" not in "".join(capfd.readouterr()) + json.dumps(said)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({}, "text"),
        ({"text": 1}, "text"),
        ({"text": "x", "more": 1}, "more"),
        ({"text": "x", "checks": ["toxicity"]}, "checks"),
        ({"text": "x", "checks": []}, "checks"),
        ({"text": "x", "checks": [1]}, "checks"),
        ({"text": "x", "checks": ["groundedness"]}, "response"),
        ({"response": "x", "contexts": "y"}, "contexts"),
        ({"response": "x", "contexts": [{"id": "1"}]}, "contexts.0"),
        ({"response": "x", "contexts": [{"text": "x"}] * 401}, "contexts"),
    ],
)
def test_a_mistake_is_named_by_its_field(given, field):
    status, headers, said = asked(app(), given)

    assert (status, headers["content-type"], list(said["errors"])) == (
        400,
        "application/problem+json",
        [field],
    )


@pytest.mark.parametrize(
    "key",
    [None, "nothing", TOKEN[:-1] + "x", "ttl_ep_" + "a" * 60],
    ids=["none", "nothing", "miswritten", "made up"],
)
def test_nobody_is_answered_without_a_good_key(key):
    assert asked(app(), {"text": "x"}, key=key)[0] == 401


@pytest.mark.parametrize("facts", [{"revoked_ns": 1}, {"expires_ns": 1}])
def test_a_revoked_or_expired_key_is_none(facts):
    assert asked(app(keys=Keys(**facts)), {"text": "x"})[0] == 401


@pytest.mark.parametrize("headers", [(), (("content-length", str(MAX_BODY_BYTES + 1)),)])
def test_a_body_beyond_the_limit_is_refused_before_it_is_parsed(headers):
    assert asked(app(), b"[" * (MAX_BODY_BYTES + 1), headers=headers)[0] == 413


def test_until_the_engines_are_loaded_and_when_it_stops_it_says_so_and_when_to_come_back():
    made = app()
    made.checker = None
    assert asked(made, b"", path="/readyz", method="GET")[0] == 503
    status, headers, _ = asked(made, {"text": "x"})
    assert (status, headers["retry-after"]) == (503, "1")
    assert asked(made, b"", path="/healthz", method="GET", key=None)[0] == 200


def test_one_key_cannot_take_every_place_and_places_are_given_back():
    names = Names()
    names.waits = threading.Event()
    made = app(names=names)

    async def crowd():
        waiting = [asyncio.create_task(ask(made, {"text": "x"})) for _ in range(MOST_PER_KEY)]
        await asyncio.sleep(0.3)
        refused = await ask(made, {"text": "x"})
        names.waits.set()
        return refused, await asyncio.gather(*waiting), await ask(made, {"text": "x"})

    (status, headers, _), answers, after = asyncio.run(crowd())

    assert (status, headers["retry-after"]) == (429, "1")
    assert {answer[0] for answer in answers} == {after[0]} == {200}


@given(
    st.binary(max_size=200)
    | st.recursive(
        st.none() | st.text() | st.integers(-9, 9),
        lambda inner: (
            st.lists(inner)
            | st.dictionaries(st.sampled_from(["text", "response", "contexts", "checks", "id"]), inner)
        ),
    ).map(lambda value: json.dumps(value).encode())
)
def test_any_body_is_read_or_refused(body):
    try:
        found = read(body)
    except Unusable:
        return
    assert found.texts


@pytest.mark.integration
@pytest.mark.models
@pytest.mark.xdist_group("installation")
def test_the_check_process_of_an_installation_answers_the_sdk(installation, monkeypatch):
    import tutela

    facts = installation.facts
    monkeypatch.setenv("TUTELA_CHECK_ENDPOINT", facts["check_url"])
    monkeypatch.setenv("TUTELA_KEY", facts["otlp_headers"]["Authorization"].removeprefix("Bearer "))

    clean = tutela.check(response=HOURS, contexts=[HOURS], on_error="closed", timeout=30)
    found = tutela.check(response="Mail anne.martin@example.org.", on_error="open", timeout=30)
    with pytest.raises(urllib.error.HTTPError, match="401"):
        urllib.request.urlopen(urllib.request.Request(f"{facts['check_url']}/api/v1/check", b"{}"))  # noqa: S310

    assert (clean.allowed, clean.checks["groundedness"]["outcome"]) == (True, "supported")
    assert (found.allowed, "personal_data" in found.flagged) == (False, True)
