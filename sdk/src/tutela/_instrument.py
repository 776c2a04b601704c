"""Loads the instrumentations that are installed and asked for. Nothing is loaded unasked."""

from __future__ import annotations

import re
from importlib import metadata

from opentelemetry.trace import TracerProvider

from tutela._tally import log

AUTO = "auto"
_OPENINFERENCE = "openinference_instrumentor"
_OPENTELEMETRY = "opentelemetry_instrumentor"

# Entry points of opentelemetry_instrumentor that watch generative AI. `auto` must not load those for web and database.
_GENAI = frozenset(
    {
        "agno",
        "alephalpha",
        "anthropic",
        "bedrock",
        "cohere",
        "crewai",
        "google_genai",
        "google-genai",
        "google_generativeai",
        "groq",
        "haystack",
        "langchain",
        "llamaindex",
        "mcp",
        "mistralai",
        "ollama",
        "openai",
        "openai_agents",
        "replicate",
        "sagemaker",
        "together",
        "transformers",
        "vertexai",
        "watsonx",
    }
)
_DISTRIBUTION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


def load(wanted: tuple[str, ...], provider: TracerProvider) -> tuple[str, ...]:
    """Switch on the wanted instrumentations and return the names of those that run. Never raises."""
    loaded = [name for name in _names(wanted) if _switch_on(name, provider, asked=name in wanted)]
    if loaded:
        log.info("Instrumented: %s", ", ".join(loaded))
    return tuple(loaded)


def _names(wanted: tuple[str, ...]) -> list[str]:
    names = [name for name in wanted if name != AUTO]
    if AUTO in wanted:
        names += sorted(_installed(_OPENINFERENCE) | (_installed(_OPENTELEMETRY) & _GENAI))
    return list(dict.fromkeys(names))


def _installed(group: str) -> set[str]:
    return {point.name for point in metadata.entry_points(group=group)}


def _switch_on(name: str, provider: TracerProvider, *, asked: bool) -> bool:
    point = _find(name)
    if point is None:
        log.warning(
            "No instrumentation named %s is installed, so its calls are not seen. "
            "Next: pip install openinference-instrumentation-%s",
            name,
            name.replace("_", "-"),
        )
        return False
    try:
        instrumentor = point.load()()
        if not asked and not _library_is_there(instrumentor.instrumentation_dependencies()):
            return False
        if getattr(instrumentor, "is_instrumented_by_opentelemetry", False):
            return True
        instrumentor.instrument(tracer_provider=provider)
    except Exception as error:  # noqa: BLE001  # code of others, which must not take the host down with it
        log.warning(
            "The instrumentation %s could not be switched on: %s: %s", name, type(error).__name__, error
        )
        return False
    return True


def _find(name: str) -> metadata.EntryPoint | None:
    """The instrumentation of that name: OpenInference first, because it records more of what was said."""
    for group in (_OPENINFERENCE, _OPENTELEMETRY):
        for point in metadata.entry_points(group=group, name=name):
            return point
    return None


def _library_is_there(requirements: object) -> bool:
    """Whether any of the libraries that an instrumentation watches is installed."""
    names = [
        match.group()
        for item in (requirements if isinstance(requirements, (list, tuple, set)) else ())
        if (match := _DISTRIBUTION.match(str(item)))
    ]
    return any(_is_installed(name) for name in names)


def _is_installed(distribution: str) -> bool:
    try:
        metadata.distribution(distribution)
    except metadata.PackageNotFoundError:
        return False
    return True
