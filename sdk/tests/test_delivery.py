from __future__ import annotations

import time

import pytest
import tutela
from conftest import KEY, Receiver, Reply, partial_success, wait_until, warnings
from google.rpc.status_pb2 import Status as RpcStatus
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from opentelemetry import trace
from tutela import _exporter, _register
from tutela._transport import retry_after


def registered(receiver, **options) -> tutela.Tutela:
    return tutela.register(endpoint=receiver.url, key=KEY, **options)


def end_spans(count: int, text: str = "") -> None:
    tracer = trace.get_tracer("host")
    for number in range(count):
        tracer.start_span(str(number), attributes={"text": text}).end()


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_a_busy_server_gets_the_spans_again_after_the_pause_it_asks_for(receiver, status):
    receiver.script.append(Reply(status, {"retry-after": "1"}))
    handle = registered(receiver)
    end_spans(1)
    assert handle.force_flush(10)
    first, second = receiver.taken
    assert second.at - first.at >= 1.0
    assert (handle.status.sent, handle.status.failed) == (1, 0)
    assert str(status) in handle.status.last_error


def test_a_pause_of_three_seconds_is_kept_even_when_a_request_may_take_only_one(receiver):
    receiver.script.append(Reply(503, {"retry-after": "3"}))
    handle = registered(receiver, timeout=1)
    end_spans(1)
    assert handle.force_flush(10)
    first, second = receiver.taken
    assert 3.0 <= second.at - first.at < 4.0
    assert handle.status.sent == 1


def test_a_server_that_was_away_gets_the_spans_when_it_is_back(monkeypatch):
    monkeypatch.setattr(_exporter, "FIRST_BACKOFF", 0.05)
    gone = Receiver()
    gone.stop()
    handle = tutela.register(endpoint=gone.url, key=KEY, delay=0.01)
    end_spans(3)
    time.sleep(0.3)
    assert (handle.status.pending, handle.status.failed) == (3, 0)
    assert "cannot be reached" in handle.status.last_error
    assert "refused" in handle.status.last_error


def test_a_span_that_comes_after_a_quiet_time_is_sent_without_being_asked_for(receiver):
    registered(receiver, delay=0.01)
    for number in (1, 2, 3):
        end_spans(1)
        assert wait_until(lambda number=number: len(receiver.spans) == number)
        time.sleep(0.05)  # nothing waits, and the thread that sends has gone to sleep


def test_a_connection_that_the_server_closed_meanwhile_is_no_outage(receiver, caplog):
    handle = registered(receiver)
    receiver.script.append(Reply(-1))  # closes without an answer
    end_spans(1)
    assert handle.force_flush(5)
    assert handle.status.last_error is None
    assert warnings(caplog) == []


def test_what_cannot_be_delivered_in_time_is_given_up_and_counted(receiver, monkeypatch):
    monkeypatch.setattr(_exporter, "FIRST_BACKOFF", 0.05)
    receiver.judge = lambda _: Reply(503)
    handle = registered(receiver, retry_for=0.3)
    end_spans(2)
    assert handle.force_flush(5) is False
    assert (handle.status.sent, handle.status.failed, handle.status.pending) == (0, 2, 0)
    assert len(receiver.taken) > 2


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (Reply(301, {"location": "/elsewhere"}), "a redirect"),
        (Reply(302, {"location": "/login"}), "a redirect"),
        (Reply(307, {"location": "/v1/traces"}), "a redirect"),
        (Reply(200, {"content-type": "text/html; charset=utf-8"}, b"<html>Sign in"), "a web page"),
        (Reply(401), "unknown, revoked or was cut off"),
        (Reply(403), "may not do this"),
        (Reply(404), "probably the port of the console"),
        (Reply(400), "could not decode"),
        (Reply(413), "larger than the server accepts"),
        (Reply(500), "no answer that OTLP knows"),
    ],
)
def test_any_other_answer_is_a_failure_in_words_and_is_not_repeated(receiver, caplog, reply, words):
    receiver.script.append(reply)
    handle = registered(receiver)
    end_spans(1)
    assert handle.force_flush(5) is False
    assert len(receiver.taken) == 1, "a redirect is not followed either, for the key must not travel on"
    assert (handle.status.sent, handle.status.failed) == (0, 1)
    assert words in handle.status.last_error
    assert "Next: " in handle.status.last_error
    assert words in warnings(caplog)[0]


def test_the_servers_own_words_are_passed_on(receiver):
    body = RpcStatus(code=16, message="This key was revoked on 3 May.").SerializeToString()
    receiver.script.append(Reply(401, body=body))
    handle = registered(receiver)
    end_spans(1)
    handle.force_flush(5)
    assert "The server says: “This key was revoked on 3 May”" in handle.status.last_error


def test_the_same_problem_is_logged_once_and_counted_each_time(receiver, caplog):
    receiver.judge = lambda _: Reply(401)
    handle = registered(receiver)
    for _ in range(3):
        end_spans(1)
        handle.force_flush(5)
    assert handle.status.failed == 3
    assert len(warnings(caplog)) == 1


def test_what_the_server_says_beside_a_success_is_logged_once_per_message(receiver, caplog):
    receiver.script += [
        partial_success(0, "Old names."),
        partial_success(0, "Old names."),
        partial_success(0, "Other."),
    ]
    handle = registered(receiver)
    for _ in range(3):
        end_spans(1)
        assert handle.force_flush(5)
    assert handle.status.sent == 3
    assert [said.rpartition(": ")[2] for said in warnings(caplog)] == ["Old names.", "Other."]


def test_spans_that_the_server_rejects_count_as_failed(receiver):
    receiver.script.append(partial_success(2, "2 spans lie outside the time window."))
    handle = registered(receiver)
    end_spans(5)
    assert handle.force_flush(5) is False
    assert (handle.status.sent, handle.status.failed) == (3, 2)
    assert "outside the time window" in handle.status.last_error


def test_a_batch_that_is_too_large_is_cut_until_it_fits(receiver):
    def judge(taken):
        spans = taken.request.resource_spans[0].scope_spans[0].spans
        return Reply(413) if len(spans) > 3 else Reply()

    receiver.judge = judge
    handle = registered(receiver)
    end_spans(10)
    assert handle.force_flush(5)
    assert sorted(receiver.names(), key=int) == [str(number) for number in range(10)]
    assert handle.status.sent == 10


def test_a_heavy_batch_is_cut_before_it_leaves(receiver, monkeypatch):
    monkeypatch.setattr(_exporter, "MAX_BODY", 50_000)
    handle = registered(receiver)
    end_spans(20, text="x" * 10_000)
    assert handle.force_flush(5)
    assert len(receiver.spans) == 20
    assert len(receiver.taken) >= 5


def test_one_span_that_cannot_be_written_does_not_cost_the_others(receiver):
    handle = registered(receiver)
    tracer = trace.get_tracer("host")
    tracer.start_span("fine").end()
    tracer.start_span(object()).end()
    tracer.start_span("fine too").end()
    assert handle.force_flush(5) is False
    assert sorted(receiver.names()) == ["fine", "fine too"]
    assert (handle.status.sent, handle.status.failed) == (2, 1)
    assert "could not be written as OTLP" in handle.status.last_error


def test_a_full_queue_drops_the_oldest_and_says_so(receiver, caplog):
    receiver.script.append(Reply(delay=0.5))
    handle = registered(receiver, queue_size=10, batch_size=1, delay=0.01)
    end_spans(1)
    time.sleep(0.2)
    end_spans(14)
    assert handle.status.dropped == 4
    handle.force_flush(5)
    assert (handle.status.sent, handle.status.dropped) == (11, 4)
    assert receiver.names() == ["0", *(str(number) for number in range(4, 14))]
    assert "the oldest are dropped" in warnings(caplog)[0]


def test_spans_that_end_after_the_shutdown_are_counted(receiver):
    handle = registered(receiver)
    handle.shutdown(2)
    end_spans(2)
    assert handle.status.dropped == 2
    assert receiver.spans == []


def test_a_shutdown_in_the_middle_of_a_long_pause_tries_once_more(receiver):
    receiver.script.append(Reply(503, {"retry-after": "60"}))
    handle = registered(receiver, delay=0.01)
    end_spans(1)
    time.sleep(0.3)
    assert handle.shutdown(3)
    assert receiver.names() == ["0"]


def test_a_shutdown_against_a_busy_server_is_bounded_and_counts_what_is_left(receiver):
    receiver.judge = lambda _: Reply(503, {"retry-after": "1"})
    handle = registered(receiver)
    end_spans(600)
    began = time.monotonic()
    assert handle.shutdown(0.5) is False
    assert time.monotonic() - began < 1.5
    status = handle.status
    assert status.failed + status.dropped == 600
    assert status.pending == 0
    assert "ended before all spans were delivered" in status.last_error


def test_a_batch_that_is_half_delivered_at_the_end_counts_each_span_once(receiver, monkeypatch):
    monkeypatch.setattr(_exporter, "MAX_BODY", 5_000)
    receiver.script += [Reply(), Reply(), Reply(delay=30)]
    handle = registered(receiver, batch_size=20)
    end_spans(20, text="x" * 2_000)
    assert wait_until(lambda: len(receiver.taken) == 3)
    assert handle.shutdown(0.2) is False
    status = handle.status
    assert status.sent > 0
    assert status.dropped > 0
    assert status.sent + status.failed + status.dropped == 20
    receiver.release.set()
    time.sleep(0.3)
    assert handle.status == status, "what comes of the last request does not count a second time"


def test_an_error_that_nobody_foresaw_costs_one_batch_and_not_the_thread(receiver, monkeypatch):
    handle = registered(receiver)
    with monkeypatch.context() as broken:
        broken.setattr("tutela._transport.judge", lambda *_, **__: 1 / 0)
        end_spans(2)
        assert handle.force_flush(5) is False
    end_spans(1)
    assert handle.force_flush(5)
    assert (handle.status.sent, handle.status.failed, handle.status.pending) == (1, 2, 0)
    assert "ZeroDivisionError" in handle.status.last_error


def test_requests_are_gzip_unless_asked_otherwise(receiver):
    handle = registered(receiver)
    end_spans(1)
    handle.force_flush(5)
    assert receiver.taken[0].headers["content-encoding"] == "gzip"
    handle.shutdown(1)
    handle = registered(receiver, compression="none")
    end_spans(1)
    handle.force_flush(5)
    assert "content-encoding" not in receiver.taken[1].headers


def test_a_netrc_file_does_not_replace_the_key(receiver, tmp_path, monkeypatch):
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login other password other\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    handle = registered(receiver)
    end_spans(1)
    handle.force_flush(5)
    assert receiver.taken[0].headers["authorization"] == f"Bearer {KEY}"


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("3", 3.0), ("0.5", 0.5), ("-7", 0.0), ("", None), ("soon", None), ("inf", None), ("nan", None),
     ("Thu, 01 Jan 1970 00:00:00 GMT", 0.0)],
)  # fmt: skip
def test_retry_after_is_seconds_or_a_date(text, seconds):
    assert retry_after(text) == seconds


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    replies=st.lists(st.sampled_from([200, 200, 302, 401, 413, 429, 500, 503]), max_size=8),
    groups=st.lists(st.integers(0, 9), min_size=1, max_size=4),
)
def test_every_span_is_accounted_for_exactly_once(monkeypatch, receiver, replies, groups):
    monkeypatch.setattr(_exporter, "FIRST_BACKOFF", 0.001)
    _register.current().shutdown(0)
    _register._current = _register.Tutela()
    receiver.spans.clear()
    receiver.script.clear()
    receiver.script.extend(Reply(status) for status in replies)
    handle = registered(receiver, retry_for=0.05, batch_size=4, queue_size=12)
    for count in groups:
        end_spans(count)
        handle.force_flush(5)
    status = handle.status
    assert status.sent + status.failed + status.dropped == sum(groups)
    assert status.sent == len(receiver.spans)
    assert status.pending == 0
