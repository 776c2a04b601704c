"""`tutela.check`: what the host hears, whatever the network does."""

from __future__ import annotations

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import tutela
from conftest import KEY

CLEAN = {"flagged": [], "checks": {"personal_data": {"outcome": "clean"}}}
FOUND = {"flagged": ["personal_data"], "checks": {"personal_data": {"outcome": "found"}}}
FAILED = {"flagged": [], "checks": {"secrets": {"outcome": "failed"}, "personal_data": {"outcome": "clean"}}}
OFF = {"flagged": [], "checks": {"secrets": {"outcome": "not_checked", "reason": "off_in_profile"}}}


class Server:
    """Answers checks with what it is told."""

    def __init__(self):
        self.status, self.body, self.delay, self.asked = 200, json.dumps(CLEAN).encode(), 0.0, []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                outer.asked.append(
                    (self.path, {k.lower(): v for k, v in self.headers.items()}, json.loads(body))
                )
                time.sleep(outer.delay)
                self.send_response(outer.status)
                if outer.status == 302:
                    self.send_header("location", "http://127.0.0.1:1/")
                self.send_header("content-length", str(len(outer.body)))
                self.end_headers()
                self.wfile.write(outer.body)

            def log_message(self, *_args):
                """Quiet."""

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.http.serve_forever, daemon=True).start()
        self.address = f"http://127.0.0.1:{self.http.server_port}"

    def close(self):
        self.http.shutdown()
        self.http.server_close()


@pytest.fixture
def server(monkeypatch):
    made = Server()
    monkeypatch.setenv("TUTELA_CHECK_ENDPOINT", made.address)
    monkeypatch.setenv("TUTELA_KEY", KEY)
    yield made
    made.close()


def test_a_text_without_findings_may_pass(server):
    found = tutela.check(text="hello", on_error="closed")

    assert (found.allowed, found.answered, found.flagged, found.reason, bool(found)) == (
        True,
        True,
        (),
        None,
        True,
    )


def test_everything_is_sent_as_the_api_takes_it(server):
    tutela.check(
        response="a", query="q", contexts=["one", {"id": "x", "text": "two"}], checks=["groundedness"]
    )

    path, headers, body = server.asked[0]
    assert (path, headers["authorization"]) == ("/api/v1/check", f"Bearer {KEY}")
    assert body == {
        "response": "a",
        "query": "q",
        "contexts": [{"id": "0", "text": "one"}, {"id": "x", "text": "two"}],
        "checks": ["groundedness"],
    }


@pytest.mark.parametrize("on_error", ["open", "closed"])
def test_what_is_found_holds_a_text_back_whatever_was_chosen(server, on_error):
    server.body = json.dumps(FOUND).encode()

    found = tutela.check(text="x", on_error=on_error)

    assert (found.allowed, found.flagged) == (False, ("personal_data",))


@pytest.mark.parametrize(("on_error", "allowed"), [("open", True), ("closed", False)])
class TestWithoutAnAnswer:
    def test_a_server_that_is_not_there(self, monkeypatch, on_error, allowed):
        monkeypatch.setenv("TUTELA_CHECK_ENDPOINT", "http://127.0.0.1:1")
        monkeypatch.setenv("TUTELA_KEY", KEY)
        found = tutela.check(text="x", on_error=on_error)
        assert (found.allowed, found.answered) == (allowed, False)
        assert found.reason

    def test_a_server_that_takes_too_long(self, server, on_error, allowed):
        server.delay = 1.0
        begun = time.monotonic()
        found = tutela.check(text="x", on_error=on_error, timeout=0.1)
        assert found.allowed is allowed
        assert time.monotonic() - begun < 0.9

    @pytest.mark.parametrize("status", [302, 400, 401, 403, 413, 429, 500, 503])
    def test_a_refusal_in_the_servers_words(self, server, on_error, allowed, status):
        server.status, server.body = status, b'{"detail": "Too many checks wait already."}'
        found = tutela.check(text="x", on_error=on_error)
        assert (found.allowed, found.answered) == (allowed, False)
        assert f"{status}: Too many checks wait already." in (found.reason or "")

    @pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"checks": 1}', b'{"checks": {"a": 1}}'])
    def test_an_answer_that_is_none(self, server, on_error, allowed, body):
        server.body = body
        assert tutela.check(text="x", on_error=on_error).allowed is allowed

    def test_a_check_that_failed_on_the_server(self, server, on_error, allowed):
        server.body = json.dumps(FAILED).encode()
        found = tutela.check(text="x", on_error=on_error)
        assert (found.allowed, found.answered, found.reason) == (allowed, False, "not checked: secrets")

    def test_no_address_no_key_or_a_text_that_is_none(self, server, monkeypatch, on_error, allowed):
        assert tutela.check(text=object(), on_error=on_error).allowed is allowed
        monkeypatch.delenv("TUTELA_KEY")
        assert tutela.check(text="x", on_error=on_error).allowed is allowed
        monkeypatch.delenv("TUTELA_CHECK_ENDPOINT")
        assert tutela.check(text="x", on_error=on_error).allowed is allowed


def test_what_the_organisation_switched_off_is_no_failure(server):
    server.body = json.dumps(OFF).encode()

    assert tutela.check(text="x", on_error="closed").allowed


def test_another_choice_than_open_or_closed_is_a_mistake_of_the_caller():
    with pytest.raises(ValueError, match="must be 'open' or 'closed'"):
        tutela.check(text="x", on_error="maybe")


def test_neither_key_nor_text_stands_in_the_log(server, caplog):
    server.status = 503
    tutela.check(text="my secret text", on_error="open")

    assert "Not checked" in caplog.text
    assert "secret text" not in caplog.text
    assert KEY not in caplog.text
