from __future__ import annotations

import time

import pytest
import tutela
from conftest import KEY, Reply, attributes, warnings
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from opentelemetry import trace
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from tutela import _register
from tutela._problems import Problem, SettingsError
from tutela._settings import Options, Settings, resolve


def end_a_span(name: str = "hello") -> None:
    with trace.get_tracer("host").start_as_current_span(name):
        pass


def test_three_lines_are_enough_for_a_span_to_arrive(receiver):
    handle = tutela.register(endpoint=receiver.url, key=KEY)
    end_a_span()
    assert handle.force_flush(5)
    assert receiver.names() == ["hello"]
    assert receiver.taken[0].path == "/v1/traces"
    assert receiver.taken[0].headers["authorization"] == f"Bearer {KEY}"
    assert handle.status == tutela.Status(state="sending", endpoint=f"{receiver.url}/v1/traces", sent=1)


def test_everything_may_come_from_the_environment(receiver, monkeypatch):
    monkeypatch.setenv("TUTELA_ENDPOINT", receiver.url + "/")
    monkeypatch.setenv("TUTELA_KEY", f" 'Bearer {KEY}'\n")
    monkeypatch.setenv("TUTELA_DEPLOYMENT", "claims-triage/production")
    monkeypatch.setenv("TUTELA_SITE", "nantes")
    monkeypatch.setenv("TUTELA_ENVIRONMENT", "production")
    monkeypatch.setenv("TUTELA_SERVICE_NAMESPACE", "claims")
    monkeypatch.setenv("OTEL_SERVICE_NAME", "triage")
    monkeypatch.setenv("OTEL_RESOURCE_ATTRIBUTES", "team=blue,host.id=machine-7")
    handle = tutela.register()
    end_a_span()
    handle.force_flush(5)
    (resource,) = receiver.resources
    assert receiver.taken[0].headers["authorization"] == f"Bearer {KEY}"
    wanted = {
        "service.name": "triage",
        "service.namespace": "claims",
        "deployment.environment.name": "production",
        "tutela.deployment": "claims-triage/production",
        "tutela.site": "nantes",
        "telemetry.distro.name": "tutela",
        "telemetry.distro.version": tutela.__version__,
        "telemetry.sdk.language": "python",
        "team": "blue",
    }
    assert wanted.items() <= resource.items()
    assert len(resource["service.instance.id"]) == 36
    assert resource["host.id"].startswith("host-")
    assert "machine-7" not in resource["host.id"]


@pytest.mark.parametrize(("mode", "shown"), [("hash", "host-"), ("name", "paris-7"), ("off", None)])
def test_the_host_name_is_hashed_unless_asked_otherwise(receiver, monkeypatch, mode, shown):
    monkeypatch.setattr("socket.gethostname", lambda: "paris-7")
    handle = tutela.register(endpoint=receiver.url, key=KEY, host=mode)
    end_a_span()
    handle.force_flush(5)
    found = receiver.resources[0].get("host.name")
    assert found is None if shown is None else found.startswith(shown)
    assert mode == "name" or "paris-7" not in str(receiver.resources[0])
    assert receiver.resources[0].get("host.id", "host-").startswith("host-")
    assert ("host.id" in receiver.resources[0]) == (mode != "off")


def test_an_existing_provider_stays_and_both_get_the_span(receiver):
    theirs = InMemorySpanExporter()
    provider = TracerProvider(
        resource=Resource.create({"service.name": "host-service", "host.name": "paris-7"})
    )
    provider.add_span_processor(SimpleSpanProcessor(theirs))
    trace.set_tracer_provider(provider)
    handle = tutela.register(endpoint=receiver.url, key=KEY, deployment="claims/production")
    end_a_span()
    handle.force_flush(5)
    assert trace.get_tracer_provider() is provider
    assert [span.name for span in theirs.get_finished_spans()] == receiver.names() == ["hello"]
    assert receiver.resources[0]["service.name"] == "host-service"
    assert receiver.resources[0]["tutela.deployment"] == "claims/production"
    assert "paris-7" not in str(receiver.resources[0])
    assert theirs.get_finished_spans()[0].resource.attributes["host.name"] == "paris-7", "theirs is untouched"


def test_what_register_is_told_goes_over_the_name_of_an_existing_provider(receiver):
    trace.set_tracer_provider(TracerProvider(resource=Resource.create({"service.name": "host-service"})))
    handle = tutela.register(endpoint=receiver.url, key=KEY, service_name="triage")
    end_a_span()
    handle.force_flush(5)
    assert receiver.resources[0]["service.name"] == "triage"


def test_a_provider_that_is_not_of_the_sdk_is_left_alone_and_said_once(receiver, caplog):
    class Foreign(trace.TracerProvider):
        def get_tracer(self, *_args, **_kwargs):
            return trace.NoOpTracer()

    foreign = Foreign()
    trace.set_tracer_provider(foreign)
    handle = tutela.register(endpoint=receiver.url, key=KEY)
    assert trace.get_tracer_provider() is foreign
    assert handle.status.state == "disabled"
    assert "Foreign" in handle.status.last_error
    assert len(warnings(caplog)) == 1
    assert handle.force_flush(1) is False
    assert handle.shutdown(1) is True


def test_a_provider_that_wraps_the_sdks_is_used(receiver):
    class Wrapper(trace.TracerProvider):
        def __init__(self):
            self.inner = TracerProvider()
            self.add_span_processor = self.inner.add_span_processor
            self.get_tracer = self.inner.get_tracer

        def get_tracer(self, *_args, **_kwargs):
            raise AssertionError

    trace.set_tracer_provider(Wrapper())
    handle = tutela.register(endpoint=receiver.url, key=KEY)
    end_a_span()
    assert handle.force_flush(5)
    assert receiver.names() == ["hello"]


def test_a_second_call_returns_the_same_handle_and_sends_once(receiver, caplog):
    first = tutela.register(endpoint=receiver.url, key=KEY)
    assert tutela.register(endpoint=receiver.url, key=KEY) is first
    assert warnings(caplog) == []
    assert tutela.register(endpoint=receiver.url, key=KEY, site="nantes") is first
    assert "called again with other settings" in warnings(caplog)[0]
    end_a_span()
    first.force_flush(5)
    assert receiver.names() == ["hello"]


def test_after_a_shutdown_it_can_be_registered_again(receiver):
    first = tutela.register(endpoint=receiver.url, key=KEY)
    assert first.shutdown(2)
    assert first.status.state == "closed"
    second = tutela.register(endpoint=receiver.url, key=KEY)
    end_a_span()
    assert second is not first
    assert second.force_flush(5)
    assert receiver.names() == ["hello"]


def test_a_registration_that_failed_can_be_repaired(receiver):
    assert not tutela.register(endpoint="nonsense").enabled
    assert tutela.register(endpoint=receiver.url, key=KEY).enabled


def test_a_bad_second_call_leaves_the_first_in_use(receiver, caplog):
    first = tutela.register(endpoint=receiver.url, key=KEY)
    assert tutela.register(endpoint="nonsense") is first
    assert first.enabled
    assert "The first registration stays in use" in warnings(caplog)[0]


BAD = {
    "no endpoint": ({}, "no endpoint was given"),
    "no scheme": ({"endpoint": "tutela.example:4318"}, "http:// or https://"),
    "key in the address": ({"endpoint": "https://u:p@tutela.example"}, "neither a user"),
    "impossible port": ({"endpoint": "http://tutela.example:99999"}, "t is no address"),
    "number as endpoint": ({"endpoint": 4318}, "must be text"),
    "unknown option": (
        {"endpoint": "http://x", "deploymnet": "y"},
        "deploymnet cannot be used. There is no such setting",
    ),
    "unknown capture": ({"endpoint": "http://x", "capture": "some"}, "one of full, none"),
    "negative time": ({"endpoint": "http://x", "timeout": -1}, "must lie between"),
    "not a number": ({"endpoint": "http://x", "timeout": float("nan")}, "not finite"),
    "line break": ({"endpoint": "http://x", "deployment": "a\nb"}, "control character"),
    "missing file": ({"endpoint": "http://x", "certificate": "/nowhere.pem"}, "here is no file"),
    "cut key": ({"endpoint": "http://x", "key": KEY[:40]}, "cut off when it was pasted: 40 of 66"),
    "mistyped key": ({"endpoint": "http://x", "key": KEY.replace("kk", "kK", 1)}, "checksum does not match"),
    "API key": ({"endpoint": "http://x", "key": KEY.replace("ttl_ep", "ttl_ap")}, "key of the API"),
    "key with a blank": ({"endpoint": "http://x", "key": KEY[:20] + " " + KEY[20:]}, "has a blank"),
}


@pytest.mark.parametrize(("arguments", "words"), BAD.values(), ids=BAD.keys())
def test_a_bad_argument_is_one_warning_in_words_and_a_disabled_handle(caplog, arguments, words):
    handle = tutela.register(**arguments)
    assert handle.status.state == "disabled"
    (said,) = warnings(caplog)
    assert words in said
    assert "Next: " in said
    assert "No spans are sent." in said
    assert KEY[20:40] not in said, "no message repeats a key"
    end_a_span()


_ANYTHING = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(),
    st.binary(),
    st.lists(st.text()),
    st.just(object()),
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    endpoint=_ANYTHING
    | st.sampled_from(["http://[", "http://127.0.0.1:1", "https://é.example", "http://\x00"]),
    key=_ANYTHING | st.just(KEY),
    options=st.dictionaries(st.sampled_from([*Options.__annotations__, "nonsense"]), _ANYTHING, max_size=6),
)
def test_register_never_raises_whatever_it_is_given(fresh, endpoint, key, options):
    handle = tutela.register(endpoint, key, **options)
    assert isinstance(handle, tutela.Tutela)
    assert handle.status.state in {"sending", "disabled"}
    assert isinstance(repr(handle), str)
    handle.shutdown(0)
    _register._current = _register.Tutela()


@settings(max_examples=300, deadline=None)
@given(
    environ=st.dictionaries(
        st.sampled_from(
            ["TUTELA_ENDPOINT", "TUTELA_KEY", "TUTELA_TIMEOUT", "TUTELA_INSTRUMENT", "TUTELA_CERTIFICATE"]
        )
        | st.sampled_from(
            ["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_HEADERS", "OTEL_BSP_SCHEDULE_DELAY"]
        ),
        st.text() | st.sampled_from(["http://h", "1e400", "a=b,c=%zz", "a=%0d%0ab"]),
    )
)
def test_any_environment_gives_settings_or_a_problem_in_words(environ):
    outcome = settings_or_problem(environ)
    if isinstance(outcome, Problem):
        assert outcome.what
        assert outcome.next
    else:
        assert outcome.url.startswith(("http://", "https://"))
        assert all((name + value).isprintable() for name, value in outcome.headers)


def settings_or_problem(environ: dict[str, str]) -> Settings | Problem:
    try:
        return resolve(None, None, {}, environ)
    except SettingsError as error:
        return error.problem


def test_registering_and_ending_spans_does_not_wait_for_an_endpoint_that_hangs(receiver):
    receiver.judge = lambda _: Reply(delay=30)
    began = time.monotonic()
    handle = tutela.register(endpoint=receiver.url, key=KEY, delay=0.01)
    for number in range(2000):
        end_a_span(str(number))
    assert time.monotonic() - began < 1.5
    began = time.monotonic()
    assert handle.force_flush(0.2) is False
    assert handle.shutdown(0.3) is False
    assert time.monotonic() - began < 1.5
    status = handle.status
    assert (status.sent, status.dropped, status.pending) == (0, 2000, 0)


def test_credentials_for_another_backend_do_not_travel_to_tutela(receiver, monkeypatch):
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://other.example")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_HEADERS", "x-other-key=secret,authorization=Basic%20other")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")
    handle = tutela.register(endpoint=receiver.url, key=KEY)
    end_a_span()
    handle.force_flush(5)
    assert "x-other-key" not in receiver.taken[0].headers
    assert receiver.taken[0].headers["authorization"] == f"Bearer {KEY}"


def test_the_variables_of_opentelemetry_are_enough_by_themselves(receiver, monkeypatch, caplog):
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.url)
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_HEADERS", f"authorization=Bearer%20{KEY},x-region=west")
    handle = tutela.register()
    end_a_span()
    handle.force_flush(5)
    assert receiver.taken[0].headers["authorization"] == f"Bearer {KEY}"
    assert receiver.taken[0].headers["x-region"] == "west"
    assert warnings(caplog) == []


def test_a_full_traces_endpoint_is_used_as_it_is(receiver, monkeypatch):
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", receiver.url + "/gateway/traces")
    handle = tutela.register(key=KEY)
    end_a_span()
    handle.force_flush(5)
    assert receiver.taken[0].path == "/gateway/traces"


def test_no_key_and_a_key_in_clear_are_each_said(caplog):
    tutela.register(endpoint="http://127.0.0.1:9", timeout=0.1)
    assert "No endpoint key was given" in warnings(caplog)[0]
    tutela.register().shutdown(0)
    tutela.register(endpoint="http://tutela.example:4318", key=KEY)
    assert "travels unencrypted" in warnings(caplog)[-1]
    assert KEY[20:40] not in "".join(warnings(caplog))


def test_the_repr_of_settings_shows_no_key(receiver):
    handle = tutela.register(endpoint=receiver.url, key=KEY)
    assert KEY[20:40] not in repr(handle) + repr(handle._settings)


def test_a_switched_off_opentelemetry_is_said(monkeypatch, receiver):
    monkeypatch.setenv("OTEL_SDK_DISABLED", "true")
    assert "OTEL_SDK_DISABLED" in tutela.register(endpoint=receiver.url, key=KEY).status.last_error


def test_conversations_are_not_cut_off_at_128_attributes(receiver):
    handle = tutela.register(endpoint=receiver.url, key=KEY)
    with trace.get_tracer("host").start_as_current_span("chat") as span:
        for number in range(600):
            span.set_attribute(f"llm.input_messages.{number}.message.content", "x")
    handle.force_flush(5)
    assert len(attributes(receiver.spans[0])) == 600


def test_a_missing_instrumentation_is_said_with_its_package(receiver, caplog):
    handle = tutela.register(endpoint=receiver.url, key=KEY, instrument=["openai_of_nobody"])
    assert handle.enabled
    assert handle.instrumented == ()
    assert "pip install openinference-instrumentation-openai-of-nobody" in warnings(caplog)[0]
