"""Instrumentations are found by entry point; here they are small installed distributions of our own."""

from __future__ import annotations

import sys

import pytest
import tutela
from conftest import KEY, warnings
from opentelemetry import trace

MODULE = """
class Instrumentor:
    watches = ("requests >= 2.0",)
    provider = None
    is_instrumented_by_opentelemetry = False
    def instrumentation_dependencies(self):
        return self.watches
    def instrument(self, **kwargs):
        type(self).provider = kwargs["tracer_provider"]
        type(self).is_instrumented_by_opentelemetry = True
class Inference(Instrumentor): pass
class Duplicate(Instrumentor): pass
class Genai(Instrumentor): pass
class Web(Instrumentor): pass
class Unwatched(Instrumentor):
    watches = ("library-of-nobody >= 1",)
class Broken(Instrumentor):
    def instrument(self, **kwargs):
        raise RuntimeError("incompatible")
"""
POINTS = """
[openinference_instrumentor]
openai = fake_instrumentors:Inference
langchain = fake_instrumentors:Unwatched
smolagents = fake_instrumentors:Broken
[opentelemetry_instrumentor]
openai = fake_instrumentors:Duplicate
ollama = fake_instrumentors:Genai
flask = fake_instrumentors:Web
"""


@pytest.fixture
def installed(tmp_path, monkeypatch):
    (tmp_path / "fake_instrumentors.py").write_text(MODULE)
    info = tmp_path / "fake_instrumentors-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: fake-instrumentors\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(POINTS)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "fake_instrumentors", raising=False)
    import fake_instrumentors

    return fake_instrumentors


def test_nothing_is_instrumented_unasked(installed, receiver):
    assert tutela.register(receiver.url, KEY).instrumented == ()
    assert installed.Inference.provider is None


def test_what_is_asked_for_is_loaded_openinference_first(installed, receiver):
    handle = tutela.register(receiver.url, KEY, instrument=["openai"])
    assert handle.instrumented == ("openai",)
    assert installed.Inference.provider is trace.get_tracer_provider()
    assert installed.Duplicate.provider is None


def test_auto_loads_what_watches_generative_ai_and_has_its_library(installed, receiver, monkeypatch, caplog):
    monkeypatch.setenv("TUTELA_INSTRUMENT", "auto")
    handle = tutela.register(receiver.url, KEY)
    assert handle.instrumented == ("ollama", "openai")
    assert installed.Web.provider is None
    assert installed.Unwatched.provider is None
    assert "smolagents could not be switched on: RuntimeError: incompatible" in warnings(caplog)[0]


def test_an_instrumentation_that_runs_already_is_not_started_again(installed, receiver):
    installed.Inference.is_instrumented_by_opentelemetry = True
    assert tutela.register(receiver.url, KEY, instrument="openai").instrumented == ("openai",)
    assert installed.Inference.provider is None
