"""What is documented is what there is."""

from __future__ import annotations

import importlib
import re
import tomllib
from pathlib import Path

import tutela
from tutela import _settings
from tutela._settings import Options

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()


def test_every_setting_stands_in_the_table_of_the_readme():
    documented = set(re.findall(r"^\| `(\w+)` \|", README, flags=re.MULTILINE))
    assert documented == {"endpoint", "key", *Options.__annotations__}


def test_every_variable_that_is_read_stands_in_the_readme():
    source = Path(_settings.__file__).read_text()
    read = set(re.findall(r'"((?:TUTELA|OTEL)_[A-Z_]+[A-Z])"', source))
    read |= {f"OTEL_EXPORTER_OTLP_{name}" for name in re.findall(r'_otlp\("([A-Z_]+)"\)', source)}
    assert len(read) > 20
    assert {name for name in read if name not in README} == set()


def test_every_public_name_is_sorted_and_documented():
    assert list(tutela.__all__) == sorted(tutela.__all__)
    functions = [name for name in tutela.__all__ if name[0].islower()]
    assert all(f"tutela.{name}(" in README for name in functions), functions


def test_every_entry_point_of_the_distribution_exists():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    groups = [project["scripts"], *project["entry-points"].values()]
    for target in (target for group in groups for target in group.values()):
        module, _, name = target.partition(":")
        assert callable(getattr(importlib.import_module(module), name))


def test_the_sdk_imports_nothing_of_the_server():
    imports = re.compile(r"^\s*(?:from|import) (\w+)", flags=re.MULTILINE)
    allowed = {"tutela", "opentelemetry", "requests", "google", "grpc", "__future__"}
    for file in (ROOT / "src").rglob("*.py"):
        roots = set(imports.findall(file.read_text()))
        assert not roots - allowed - set(__import__("sys").stdlib_module_names), file
