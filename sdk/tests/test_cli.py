from __future__ import annotations

import contextlib
import json
import socket
import threading
from datetime import UTC, datetime, timedelta

import pytest
import tutela
from conftest import KEY, Receiver, Reply, attributes, partial_success
from tutela.cli import main

FOUND = {
    "found": True,
    "received_at": "2026-11-23T10:00:00Z",
    "sender": {
        "id": "5f3c",
        "service_name": "triage",
        "service_namespace": "claims",
        "environment": "production",
        "place": "nantes",
        "claimed_deployment": "claims-triage/production",
    },
    "content_mode": "redact",
    "kind": "tool",
    "flags": [],
    "resolution": {
        "state": "resolved",
        "deployment": "claims-triage/production",
        "endpoint": "vllm nantes",
        "site": "Nantes",
        "how": "claimed by a key that may speak for it",
    },
}


def whoami(ahead: timedelta = timedelta(0)) -> tuple[int, object]:
    there = datetime.now(UTC) - ahead
    return 200, {
        "key": {"public_id": "pAuL0001", "name": "Paul's edge boxes", "scope": "all"},
        "time": there.isoformat(),
    }


@pytest.fixture
def server(receiver):
    receiver.lookup = FOUND
    receiver.pages["/v1/whoami"] = whoami()
    return receiver


def tutela_says(capsys, *arguments: str) -> tuple[int, str]:
    code = main([*arguments])
    return code, capsys.readouterr().out


def check(capsys, url: str, *more: str, key: str = KEY) -> tuple[int, str]:
    return tutela_says(capsys, "check", "--endpoint", url, "--key", key, "--wait", "1", *more)


def test_check_says_that_the_span_arrived_under_which_sender_resolved_to_what(capsys, server):
    code, said = check(capsys, server.url)
    assert code == 0
    assert "✓ The server at" in said
    assert "✓ The key is “Paul's edge boxes” (pAuL0001), scope all." in said
    assert "✓ It arrived at 2026-11-23 10:00:00 UTC" in said
    assert (
        "Sender: claims/triage, environment production, place nantes, claims to be claims-triage/production"
        in said
    )
    assert (
        "✓ Resolved to deployment claims-triage/production, endpoint vllm nantes, site Nantes (claimed by"
        in said
    )
    assert attributes(server.spans[0])["gen_ai.operation.name"] == "execute_tool", "no model call, no cost"
    assert all(headers["authorization"] == f"Bearer {KEY}" for _, headers in server.asked)


def test_check_finds_a_span_that_becomes_visible_a_little_later(capsys, server):
    answer, looks = server.answer_get, []

    def later(path, headers):
        if path.startswith("/v1/spans/"):
            looks.append(path)
        return (404, {"found": False}) if 0 < len(looks) < 4 else answer(path, headers)

    server.answer_get = later
    code, said = tutela_says(capsys, "check", "--endpoint", server.url, "--key", KEY, "--wait", "5")
    assert code == 0
    assert "It arrived" in said


def test_check_says_what_to_do_with_a_sender_that_nobody_knows(capsys, server):
    server.lookup = {
        **FOUND,
        "resolution": {"state": "unknown", "how": "no rule matches"},
        "flags": ["claim_outside_key"],
    }
    code, said = check(capsys, server.url)
    assert code == 0
    assert "does not know yet which deployment this sender is (no rule matches); nothing is lost" in said
    assert "open Discovered in the console" in said
    assert "the claim was ignored" in said


def test_check_says_that_a_sender_was_dismissed(capsys, server):
    server.lookup = {**FOUND, "resolution": {"state": "dismissed", "how": "by Odile"}}
    assert "Somebody has dismissed this sender in the console (by Odile)" in check(capsys, server.url)[1]


def test_check_says_that_an_address_does_not_speak_http(capsys):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=speak_something_else, args=(listener,), daemon=True)
        thread.start()
        code, said = check(capsys, f"http://127.0.0.1:{listener.getsockname()[1]}")
    assert code == 1
    assert "does not speak HTTP" in said
    assert "TUTELA_PROTOCOL=grpc" in said


def speak_something_else(listener: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while True:
            connection, _ = listener.accept()
            connection.recv(65536)
            connection.sendall(b"\x00\x00\x18\x04\x00\x00\x00\x00\x00\n")
            connection.close()


def test_check_speaks_json_for_scripts(capsys, server):
    code, said = check(capsys, server.url, "--json")
    facts = json.loads(said)
    assert code == 0
    assert facts["ok"] is True
    assert facts["exit_code"] == 0
    assert facts["accepted"] is True
    assert facts["arrived"] is True
    assert facts["problem"] is None
    assert facts["span"]["resolution"]["deployment"] == "claims-triage/production"
    assert facts["trace_id"] == server.spans[0].trace_id.hex()
    assert abs(facts["clock_ahead_s"]) < 5


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (Reply(401), "unknown, revoked or was cut off"),
        (Reply(403), "may not do this"),
        (Reply(404), "probably the port of the console, not the OTLP port"),
        (Reply(302, {"location": "/login"}), "a redirect"),
        (Reply(200, {"content-type": "text/html"}, b"<html>"), "web page"),
    ],
)
def test_check_says_what_is_wrong_and_what_to_do(capsys, server, reply, words):
    server.script.append(reply)
    code, said = check(capsys, server.url)
    assert code == 1
    assert words in said
    assert "  Why:  " in said
    assert "  Next: " in said
    assert KEY[20:40] not in said


def test_check_says_that_a_server_stays_busy(capsys, server):
    server.judge = lambda _: Reply(503, {"retry-after": "1"})
    code, said = check(capsys, server.url)
    assert code == 1
    assert "answered 503" in said
    assert "health page" in said


def test_check_says_that_a_server_hangs(capsys, server):
    server.judge = lambda _: Reply(delay=30)
    code, said = check(capsys, server.url)
    assert code == 1
    assert "did not answer within 0." in said


def test_check_asks_for_a_name_where_there_is_none(capsys, server):
    server.lookup = {**FOUND, "sender": {**FOUND["sender"], "service_name": "unknown_service:app.py"}}
    assert "set OTEL_SERVICE_NAME" in check(capsys, server.url)[1]


def test_check_says_that_nobody_is_there(capsys):
    gone = Receiver()
    gone.stop()
    code, said = check(capsys, gone.url)
    assert code == 1
    assert "cannot be reached" in said
    assert "refused" in said


def test_check_says_that_a_name_does_not_resolve(capsys):
    code, said = check(capsys, "http://no-such-host.invalid:4318")
    assert code == 1
    assert "cannot be reached" in said


def test_check_says_that_there_is_no_tls(capsys, server):
    code, said = check(capsys, server.url.replace("http:", "https:"))
    assert code == 1
    assert "No secure connection" in said
    assert "use http://" in said


def test_check_judges_settings_without_the_network(capsys, server):
    code, said = check(capsys, server.url, key=KEY[:50])
    assert code == 2
    assert "cut off when it was pasted: 50 of 66" in said
    code, said = tutela_says(capsys, "check")
    assert code == 2
    assert "TUTELA_ENDPOINT is not set" in said
    assert server.taken == []
    assert server.asked == []


def test_check_says_that_a_clock_is_hours_ahead(capsys, server):
    server.lookup = None
    server.pages["/v1/whoami"] = whoami(timedelta(hours=3))
    server.script.append(partial_success(1, "1 span lies outside the time window."))
    code, said = check(capsys, server.url)
    assert code == 1
    assert "clock is 3.0 h ahead of the server's" in said
    assert "set the clock of this machine" in said


def test_check_says_that_a_span_was_rejected(capsys, server):
    server.script.append(partial_success(1, "Too many senders for this key."))
    code, said = check(capsys, server.url)
    assert code == 1
    assert "Too many senders for this key" in said
    assert "rejected spans" in said


def test_check_says_that_a_span_was_taken_and_is_not_there(capsys, server):
    server.answer_get = lambda path, _: whoami() if path == "/v1/whoami" else (404, {"found": False})
    code, said = check(capsys, server.url)
    assert code == 1
    assert "took the span, but does not find it" in said


def test_check_through_a_collector_says_that_it_cannot_ask(capsys, receiver):
    code, said = check(capsys, receiver.url)
    assert code == 0
    assert "took the test span" in said
    assert "a Collector or a relay" in said


def test_a_test_trace_is_an_agent_that_searches_asks_and_uses_a_tool(capsys, receiver):
    code, said = tutela_says(capsys, "send-test-trace", "--endpoint", receiver.url, "--key", KEY)
    assert code == 0
    assert "took 5 spans" in said
    assert receiver.spans[0].trace_id.hex() in said
    assert sorted(receiver.names()) == [
        "chat tutela-test-model", "chat tutela-test-model", "execute_tool calendar.add",
        "invoke_agent contract-assistant", "retrieval supply-contracts",
    ]  # fmt: skip
    assert len({span.trace_id for span in receiver.spans}) == 1
    assert receiver.resources[0]["service.name"] == "tutela-test"


def test_a_test_trace_that_does_not_arrive_says_why(capsys, receiver):
    receiver.judge = lambda _: Reply(401)
    code, said = tutela_says(capsys, "send-test-trace", "--endpoint", receiver.url, "--key", KEY, "--json")
    assert code == 1
    assert json.loads(said)["problem"]["code"] == "key_refused"
    assert tutela_says(capsys, "send-test-trace", "--key", KEY, "--endpoint", "x")[0] == 2


def test_the_command_explains_itself(capsys):
    with pytest.raises(SystemExit) as left:
        main(["--help"])
    assert left.value.code == 0
    assert "exit codes: 0 it arrived" in capsys.readouterr().out
    with pytest.raises(SystemExit) as left:
        main([])
    assert left.value.code == 2
    with pytest.raises(SystemExit):
        main(["--version"])
    assert tutela.__version__ in capsys.readouterr().out
