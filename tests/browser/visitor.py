"""Somebody who uses the console in a real browser and notices whatever is wrong with a page."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, Dialog, Page, Request, Response

VIEWPORT = {"width": 1280, "height": 800}
AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
_WATCH = """
window.__violations = [];
document.addEventListener('securitypolicyviolation', event =>
  window.__violations.push(`${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`));
"""


@dataclass(slots=True)
class Notes:
    """What went wrong, in sentences; a visit without any is a good one."""

    wrong: list[str] = field(default_factory=list)


class Visitor:
    """One person at one browser: signs in, opens pages, keeps notes."""

    def __init__(self, context: BrowserContext, *, address: str) -> None:
        self.address = address
        self.notes = Notes()
        self.page: Page = context.new_page()
        self.page.add_init_script(_WATCH)
        self.page.on("console", lambda message: self._console(message.type, message.text))
        self.page.on("pageerror", lambda error: self._note(f"script error: {error}"))
        self.page.on("dialog", self._dialog)
        self.page.on("request", self._request)
        self.page.on("response", self._response)

    def sign_in(self, user: str, password: str) -> None:
        self.open("/sign-in/")
        self.page.locator("input[type=email]").fill(user)
        self.page.locator("input[type=password]").fill(password)
        self.page.locator("main form button").first.click()
        self.page.wait_for_url(lambda url: "/sign-in" not in url)

    def open(self, path: str, *, expect: int = 200) -> None:
        response = self.page.goto(self.address + path, wait_until="load")
        assert response is not None
        if response.status != expect:
            self._note(f"answers {response.status}")
        self.look()

    def look(self) -> None:
        """Collect what the page itself noticed."""
        self.page.wait_for_load_state("networkidle")
        for violation in self.page.evaluate("window.__violations.splice(0)"):
            self._note(f"content security policy: {violation}")

    def accessibility(self, axe: str) -> list[str]:
        """The findings of axe on the page as it stands, in sentences."""
        self.page.evaluate(axe)  # evaluated by the debugger, so that the page's policy is not in the way
        result = self.page.evaluate(
            "tags => axe.run(document, {runOnly: {type: 'tag', values: tags}})", AXE_TAGS
        )
        return [
            f"{self.where()}: {finding['id']} ({finding['impact']}): {node['target']} {node['html'][:160]}"
            for finding in result["violations"]
            for node in finding["nodes"]
        ]

    def links(self) -> list[str]:
        """Paths of this console that the page links to."""
        # Links inside SVG have no plain `href` property, so the attribute is read.
        found = self.page.eval_on_selector_all(
            "a[href]",
            "links => links.map(link => link.getAttribute('href'))"
            ".filter(href => URL.canParse(href, document.baseURI)).map(href => new URL(href, document.baseURI).href)",
        )
        own = urlsplit(self.address)
        return sorted({_path(url) for url in found if urlsplit(url).netloc == own.netloc})

    def where(self) -> str:
        return _path(self.page.url)

    def _note(self, text: str) -> None:
        self.notes.wrong.append(f"{self.where()}: {text}")

    def _console(self, kind: str, text: str) -> None:
        if (
            kind in {"error", "warning"} and "Failed to load resource" not in text
        ):  # the response says it better
            self._note(f"console {kind}: {text}")

    def _dialog(self, dialog: Dialog) -> None:
        self._note(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in {"http", "https", "ws", "wss"} and parts.netloc != urlsplit(self.address).netloc:
            self._note(f"request leaving: {request.url}")

    def _response(self, response: Response) -> None:
        if response.status >= 500:
            self._note(f"{_path(response.url)} answers {response.status}")


@contextmanager
def visiting(
    browser: Browser, *, address: str, locale: str = "en", scheme: str = "light"
) -> Iterator[Visitor]:
    """A visitor with a fresh profile. Fails at the end when anything was wrong on any page."""
    context = browser.new_context(
        viewport=VIEWPORT, locale=locale, color_scheme=scheme, reduced_motion="reduce"
    )
    try:
        visitor = Visitor(context, address=address)
        yield visitor
        visitor.look()
        assert not visitor.notes.wrong, "\n".join(visitor.notes.wrong)
    finally:
        context.close()


def _path(url: str) -> str:
    parts = urlsplit(url)
    return parts.path + (f"?{parts.query}" if parts.query else "")
