"""`check`: ask before you speak. One request, one answer, and a decision of the caller's for when none comes."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from tutela import _keys
from tutela._tally import log
from tutela._transport import USER_AGENT

OnError = Literal["open", "closed"]
PATH = "/api/v1/check"
TIMEOUT_S = 3.0
_MOST_BYTES = 8 * 1024 * 1024
_UNANSWERED = frozenset({"failed", "not_checked"})
_DECIDED = "off_in_profile"


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What came of `check`.

    `allowed`: nothing was found, or nothing could be asked and the caller chose to go on. `answered`: every check that
    was asked for was made, or is switched off by the organisation's profile. `flagged` names the checks that found
    something; `checks` is what each came to, as the server says it; `reason` is in words where something is not as it
    should be.
    """

    allowed: bool
    answered: bool
    flagged: tuple[str, ...] = ()
    checks: Mapping[str, Any] = field(default_factory=dict)
    reason: str | None = None

    def __bool__(self) -> bool:
        return self.allowed


def check(
    *,
    text: str | None = None,
    response: str | None = None,
    contexts: Iterable[str | Mapping[str, str]] = (),
    query: str | None = None,
    checks: Sequence[str] | None = None,
    deployment: str | None = None,
    on_error: OnError = "open",
    timeout: float = TIMEOUT_S,
    endpoint: str | None = None,
    key: str | None = None,
) -> CheckResult:
    """Ask Tutela whether a text or a response may pass: personal data, secrets, groundedness.

        found = tutela.check(response=answer, contexts=[page.text for page in pages], query=question, on_error="closed")
        if not found.allowed: ...

    `endpoint` (TUTELA_CHECK_ENDPOINT) is the address of the check API, `key` (TUTELA_KEY) an endpoint key. Whatever the
    network does, this returns within about `timeout` seconds per step and does not raise: without an answer `allowed`
    is True with `on_error="open"` and False with `"closed"`. Raises ValueError for another `on_error`.
    """
    if on_error not in ("open", "closed"):
        raise ValueError(f"on_error is {on_error!r}, and must be 'open' or 'closed'")
    try:
        request = _request(
            endpoint, key,
            {"text": text, "response": response, "query": query, "deployment": deployment,
             "contexts": [one if isinstance(one, str) else dict(one) for one in contexts],
             "checks": None if checks is None else list(checks)},
        )  # fmt: skip
        return _result(_ask(request, timeout), on_error)
    except Exception as error:  # noqa: BLE001  # the host must go on, in the way that it chose
        return _unanswered(on_error, error)


class _Unusable(Exception):
    """What is wrong, in words for the log and the result."""


class _NoRedirect(HTTPRedirectHandler):
    def redirect_request(self, *_args: Any, **_more: Any) -> None:
        """A key does not travel to another address."""


_opener = build_opener(_NoRedirect)


def _request(endpoint: str | None, key: str | None, given: Mapping[str, Any]) -> Request:
    address = (endpoint or os.environ.get("TUTELA_CHECK_ENDPOINT") or "").strip().rstrip("/")
    parts = urlsplit(address)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise _Unusable(
            "no address: give endpoint, or set TUTELA_CHECK_ENDPOINT to the check address of `make run`"
        )
    secret = _keys.clean(key or os.environ.get("TUTELA_KEY") or "")
    problem = _keys.problem_of(secret) if secret else None
    if not secret or problem is not None:
        raise _Unusable(str(problem) if problem else "no key: give key, or set TUTELA_KEY")
    body = {name: value for name, value in given.items() if value is not None and value != []}
    if "contexts" in body:
        body["contexts"] = [
            {"id": str(place), "text": one} if isinstance(one, str) else one
            for place, one in enumerate(body["contexts"])
        ]
    return Request(  # noqa: S310  # only http and https come so far
        address if address.endswith(PATH) else address + PATH,
        data=json.dumps(body).encode(),
        headers={
            "authorization": f"Bearer {secret}", "content-type": "application/json", "user-agent": USER_AGENT,
        },
        method="POST",
    )  # fmt: skip


def _ask(request: Request, timeout: float) -> dict[str, Any]:
    try:
        with _opener.open(request, timeout=timeout) as answer:
            said = json.loads(answer.read(_MOST_BYTES))
    except HTTPError as error:
        raise _Unusable(_refusal(error)) from None
    if not isinstance(said, dict) or not isinstance(said.get("checks"), dict):
        raise _Unusable("the server's answer is none of the check API's")
    return said


def _refusal(error: HTTPError) -> str:
    """The server's own words about a refusal, where it has any."""
    with error:
        try:
            said = json.loads(error.read(65_536))
        except ValueError:
            said = {}
    detail = said.get("detail") if isinstance(said, dict) else None
    return (
        f"the server answered {error.code}: {detail}"
        if isinstance(detail, str)
        else f"the server answered {error.code}"
    )


def _unanswered(on_error: OnError, error: Exception) -> CheckResult:
    reason = str(error) if isinstance(error, _Unusable) else f"no answer ({type(error).__name__})"
    log.warning("Not checked: %s. %s", reason, "Going on." if on_error == "open" else "Held back.")
    return CheckResult(allowed=on_error == "open", answered=False, reason=f"not checked: {reason}")


def _result(said: Mapping[str, Any], on_error: OnError) -> CheckResult:
    flagged = tuple(one for one in said.get("flagged", ()) if isinstance(one, str))
    missing = [
        name
        for name, one in said["checks"].items()
        if one.get("outcome") in _UNANSWERED and one.get("reason") != _DECIDED
    ]
    reason = f"not checked: {', '.join(missing)}" if missing else None
    if flagged:
        reason = f"found: {', '.join(flagged)}"
    allowed = not flagged and (not missing or on_error == "open")
    return CheckResult(allowed, not missing, flagged, said["checks"], reason)
