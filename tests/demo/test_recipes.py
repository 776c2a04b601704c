"""The recipes' Python, run as it stands in the documentation, against a whole installation."""

from __future__ import annotations

import os
import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from tests.installations import ROOT, Installation

RECIPES = ROOT / "docs" / "recipes"
NAMES = ("collector", "java", "node", "python-otel", "python-sdk")


def blocks(recipe: str, language: str) -> list[str]:
    """The fenced blocks of a language."""
    return re.findall(rf"```{language}\n(.*?)```", (RECIPES / f"{recipe}.md").read_text("utf-8"), re.DOTALL)


def run(code: str, installation: Installation, folder: Path) -> str:
    """Run a program that knows the address and the key from the environment, and nothing else."""
    file = folder / "app.py"
    file.write_text(code, "utf-8")
    facts = installation.facts
    known = {
        "TUTELA_ENDPOINT": facts["otlp_http"],
        "TUTELA_KEY": facts["otlp_headers"]["Authorization"].removeprefix("Bearer "),
        "PYTHONPATH": str(ROOT / "sdk" / "src"),
        "NO_PROXY": "127.0.0.1,localhost",
    }
    done = subprocess.run(
        [sys.executable, str(file)],
        env={**os.environ, **known},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return done.stdout


def kinds_of(service: str, installation: Installation) -> set[str]:
    question = "SELECT DISTINCT kind FROM spans JOIN senders USING (sender_id) WHERE service_name = ?"
    path = installation.home / "record.sqlite3"
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        return {kind for (kind,) in connection.execute(question, (service,))}


@pytest.mark.integration
@pytest.mark.xdist_group("installation")
def test_the_sdk_recipe_delivers_its_trace(installation: Installation, tmp_path: Path) -> None:
    spans, predictions = blocks("python-sdk", "python")[0], blocks("python-sdk", "python")[2]
    code = (spans + predictions + "handle.force_flush()\n").replace("first-span", "recipe-sdk")
    assert run(code, installation, tmp_path) == "delivered\n"
    assert kinds_of("recipe-sdk", installation) == {"agent", "retriever", "llm", "inference", "review"}


@pytest.mark.integration
@pytest.mark.xdist_group("installation")
@pytest.mark.parametrize("protocol", ["http", "grpc"])
def test_the_plain_recipe_delivers_its_span(
    installation: Installation, tmp_path: Path, protocol: str
) -> None:
    code, over_grpc = blocks("python-otel", "python")
    if protocol == "grpc":
        begins, ends = code.index("exporter = "), code.index("provider = ")
        code = (
            code[:begins] + over_grpc.replace("localhost:4317", installation.facts["otlp_grpc"]) + code[ends:]
        )
    run(code.replace("first-span", f"recipe-{protocol}"), installation, tmp_path)
    assert kinds_of(f"recipe-{protocol}", installation) == {"llm"}


@pytest.mark.parametrize("name", NAMES)
def test_every_recipe_names_the_address_and_the_key_and_helps_when_nothing_arrives(name: str) -> None:
    text = (RECIPES / f"{name}.md").read_text("utf-8")
    assert "export TUTELA_ENDPOINT=http://localhost:4318" in text
    assert "export TUTELA_KEY=ttl_ep_…" in text
    assert "## When nothing arrives" in text
    assert f"]({name}.md)" in (RECIPES / "README.md").read_text("utf-8")
