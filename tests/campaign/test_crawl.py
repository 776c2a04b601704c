"""Every page of the demonstration estate, in both languages and both themes, with a clean console, a kept policy and
no finding of axe. And every page again with hostile text in every field."""

from __future__ import annotations

import re
from collections import Counter, deque
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser import chromium
from tests.browser.visitor import Visitor, visiting
from tests.installations import Installation

pytestmark = [pytest.mark.campaign, pytest.mark.browser, pytest.mark.integration]

PER_KIND = 3  # of a hundred pages that differ only by the object they show, so many are looked at
MOST_PAGES = 400
_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{32}|\d+")
_NOT_PAGES = re.compile(r"^/(?:static|api|sign-out)|[?&](?:export|format)=")


def kind_of(path: str) -> str:
    """Pages of one kind share their address but for ids and the values of the query."""
    address, _, query = path.partition("?")
    names = sorted(part.partition("=")[0] for part in query.split("&") if part)
    return _ID.sub("*", address) + ("?" + "&".join(names) if names else "")


def crawl(visitor: Visitor, *, start: str = "/") -> Iterator[str]:
    """Open every page that can be reached, some of each kind. Yields each address when its page stands."""
    waiting, known, seen = deque([start]), {start}, Counter[str]()
    while waiting and seen.total() < MOST_PAGES:
        path = waiting.popleft()
        if seen[kind_of(path)] >= PER_KIND:
            continue
        seen[kind_of(path)] += 1
        visitor.open(path)
        yield path
        fresh = [link for link in visitor.links() if link not in known and not _NOT_PAGES.search(link)]
        known.update(fresh)
        waiting.extend(fresh)


@pytest.fixture(scope="module")
def estate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """The whole demonstration estate with its past and its traffic."""
    with Installation(tmp_path_factory.mktemp("estate") / "home", DEMO="1") as running:
        yield running.start()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("locale", ["en", "fr"])
def test_every_page_is_clean_and_accessible(
    browser: Browser, estate: Installation, locale: str, scheme: str
) -> None:
    axe, findings, pages = chromium.axe(), [], 0
    with visiting(browser, address=estate.facts["console_url"], locale=locale, scheme=scheme) as visitor:
        visitor.sign_in(estate.facts["admin_user"], estate.facts["admin_password"])
        for path in crawl(visitor):
            pages += 1
            findings += visitor.accessibility(axe)
            if visitor.page.locator("html").get_attribute("lang") != locale:
                findings.append(f"{path}: not in {locale}")
    assert pages > 20
    assert not findings, f"{len(findings)} findings on {pages} pages:\n" + "\n".join(findings)


@pytest.fixture(scope="module")
def besieged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """An installation whose every text field holds a payload."""
    script = Path(__file__).with_name("besiege.py").read_text("utf-8")
    with Installation(tmp_path_factory.mktemp("besieged") / "home", DEMO="0") as running:
        done = running.start().manage("shell", "--no-imports", "-c", script)
        assert done.returncode == 0, done.stderr
        yield running


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_hostile_text_is_only_text_on_every_page(
    browser: Browser, besieged: Installation, scheme: str
) -> None:
    pages = 0
    with visiting(browser, address=besieged.facts["console_url"], scheme=scheme) as visitor:
        visitor.sign_in(besieged.facts["admin_user"], besieged.facts["admin_password"])
        for path in crawl(visitor):
            pages += 1
            assert visitor.page.locator("[onerror], [onload], img[src=x], iframe").count() == 0, path
            assert visitor.page.locator("a[href^='javascript:' i], a[href^='data:' i]").count() == 0, path
            assert "‹49›" not in visitor.page.content(), path
    assert pages > 20
