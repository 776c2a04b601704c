"""The first quarter of an hour in a real browser: the door, the overview, a list, a trace that just arrived."""

from __future__ import annotations

import json
import re
import secrets
import time
import urllib.request

import pytest
from playwright.sync_api import Browser, expect

from tests.browser import chromium
from tests.browser.visitor import Visitor, visiting
from tests.installations import Installation

pytestmark = [pytest.mark.browser, pytest.mark.integration, pytest.mark.xdist_group("installation")]

HOSTILE = "<img src=x onerror=alert(1)>\"'</script><script>alert(2)</script>{{7*7}}${7*7}\u2028\u202e"


def send_span(installation: Installation, **attributes: str) -> str:
    """Send one chat span as any OpenTelemetry SDK would, in JSON; returns its trace id."""
    trace_id, now = secrets.token_hex(16), time.time_ns()
    span = {
        "traceId": trace_id,
        "spanId": secrets.token_hex(8),
        "name": "chat small-model",
        "kind": 3,
        "startTimeUnixNano": str(now - 2_000_000_000),
        "endTimeUnixNano": str(now),
        "attributes": [
            {"key": name, "value": {"stringValue": value}}
            for name, value in {
                "gen_ai.operation.name": "chat",
                "gen_ai.provider.name": "openai",
                "gen_ai.request.model": "small-model",
                **attributes,
            }.items()
        ],
    }
    resource = {
        "attributes": [
            {"key": "service.name", "value": {"stringValue": attributes.get("service", "letters")}}
        ]
    }
    body = {"resourceSpans": [{"resource": resource, "scopeSpans": [{"spans": [span]}]}]}
    facts = installation.facts
    request = urllib.request.Request(  # noqa: S310  # our own http address
        f"{facts['otlp_http']}/v1/traces",
        data=json.dumps(body).encode(),
        headers={"Content-Type": "application/json", **facts["otlp_headers"]},
    )
    with urllib.request.urlopen(request, timeout=20) as response:  # noqa: S310
        assert response.status == 200
    return trace_id


def as_administrator(visitor: Visitor, installation: Installation) -> Visitor:
    visitor.sign_in(installation.facts["admin_user"], installation.facts["admin_password"])
    return visitor


def test_the_administrator_signs_in_and_finds_the_overview(
    browser: Browser, installation: Installation
) -> None:
    with visiting(browser, address=installation.facts["console_url"]) as visitor:
        as_administrator(visitor, installation)
        assert visitor.where() == "/"
        expect(visitor.page.locator("h1")).to_be_visible()


def test_a_wrong_password_opens_nothing_and_says_so(browser: Browser, installation: Installation) -> None:
    with visiting(browser, address=installation.facts["console_url"]) as visitor:
        visitor.open("/sign-in/")
        visitor.page.locator("input[type=email]").fill("somebody@example.org")
        visitor.page.locator("input[type=password]").fill("not the password")
        visitor.page.locator("main form button").first.click()
        expect(visitor.page.get_by_text("do not open an account")).to_be_visible()


def test_a_span_that_was_just_sent_stands_in_the_list_and_opens(
    browser: Browser, installation: Installation
) -> None:
    trace_id = send_span(installation)
    with visiting(browser, address=installation.facts["console_url"]) as visitor:
        as_administrator(visitor, installation)
        visitor.open("/traces/")
        link = visitor.page.locator(f"a[href*='{trace_id}']").first
        expect(link).to_be_visible()
        link.click()
        visitor.page.wait_for_url(re.compile(trace_id))
        expect(visitor.page.get_by_text("chat small-model").first).to_be_visible()


def test_hostile_telemetry_is_only_text(browser: Browser, installation: Installation) -> None:
    trace_id = send_span(
        installation,
        **{
            "service": HOSTILE,
            "gen_ai.request.model": HOSTILE,
            "gen_ai.response.model": HOSTILE,
            "gen_ai.conversation.id": HOSTILE,
            "error.type": HOSTILE,
            "server.address": HOSTILE,
        },
    )
    with visiting(browser, address=installation.facts["console_url"]) as visitor:
        as_administrator(visitor, installation)
        for path in ("/", "/traces/", f"/traces/{trace_id}/", "/discovered/", "/senders/", "/sessions/"):
            visitor.open(path)
            assert visitor.page.locator("img[src=x]").count() == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("locale", ["en", "fr"])
def test_the_first_pages_are_accessible_in_every_dress(
    browser: Browser, installation: Installation, locale: str, scheme: str
) -> None:
    axe = chromium.axe()
    with visiting(
        browser, address=installation.facts["console_url"], locale=locale, scheme=scheme
    ) as visitor:
        visitor.open("/sign-in/")
        findings = visitor.accessibility(axe)
        as_administrator(visitor, installation)
        assert visitor.page.locator("html").get_attribute("lang") == locale
        for path in ("/", "/traces/", "/discovered/"):
            visitor.open(path)
            findings += visitor.accessibility(axe)
        assert not findings, "\n".join(findings)
