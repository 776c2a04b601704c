"""`make check`: everything about the house that can be known without running it. Run as `python -m tests.house.check`.

Every check runs even when an earlier one fails; the summary names those that did.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
PACKAGES = ("kernel", "ui", "audit", "inventory", "telemetry", "guardrails", "governance", "console", "demo")
ASSETS = ("ui/static/ui/dist", "THIRD_PARTY.txt")
HOME_FOLDER = re.compile(r"(?<![\w.])/(?:home|Users)/(?!user\b)\w+/|(?<![\w.~-])/roo[t]/")
LOCKED_ADDRESS = re.compile(r"^\s*--(?:extra-)?index-url.*|\"resolved\":.*://.*|@ https?://.*|^registry=.*")
LOCKS = ("requirements/run.lock", "requirements/dev.lock", "package-lock.json", ".npmrc")
BINARY = {".png", ".woff2", ".ico", ".pb", ".gz", ".br", ".jpg", ".mo"}

Outcome = str | None
"""What is wrong, or None."""


def run(*command: str | Path, cwd: Path = ROOT, env: dict[str, str] | None = None) -> Outcome:
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env={**os.environ, **(env or {})},
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    return None if done.returncode == 0 else done.stdout.strip() or f"exit code {done.returncode}"


def formatting() -> Outcome:
    return run(BIN / "ruff", "format", "--check", "--quiet", ".")


def lint() -> Outcome:
    return run(BIN / "ruff", "check", "--quiet", ".")


def types() -> Outcome:
    return run(BIN / "mypy", "--no-error-summary", *(part for name in PACKAGES for part in ("-p", name)))


def sdk_types() -> Outcome:
    return run(BIN / "mypy", "--no-error-summary", "--config-file", "pyproject.toml", cwd=ROOT / "sdk")


def layers() -> Outcome:
    return run(BIN / "lint-imports", "--no-cache", "--no-logo", env={"PYTHONPATH": str(ROOT)})


def register_migrations() -> Outcome:
    return manage("makemigrations", "--check", "--dry-run", "--verbosity", "1")


def record_migrations() -> Outcome:
    return run(sys.executable, "-c", _COMPARE_CHAIN)


_COMPARE_CHAIN = """
import sys, tempfile
from alembic import command
from telemetry.store import migrate
from telemetry.store.engines import writing_engine
from telemetry.store.migrations import config
with tempfile.TemporaryDirectory() as folder:
    url = f"sqlite:///{folder}/record.sqlite3"
    migrate(url)
    with writing_engine(url).connect() as connection:
        command.check(config(connection))
"""


def templates() -> Outcome:
    return manage("check_templates") or run(
        BIN / "djlint", *sorted(str(path) for path in ROOT.glob("*/templates")), "--lint", "--quiet"
    )


def translations() -> Outcome:
    return manage("messages", "--check")


def assets() -> Outcome:
    """Build again from the locked npm packages; the result must be what is committed, byte for byte."""
    return run("make", "--silent", "assets") or changed(*ASSETS)


def api_description() -> Outcome:
    return manage("openapi", "--check")


def locks() -> Outcome:
    """Every dependency that is asked for is locked, with a hash. (Resolving anew is `make lock`.)"""
    wrong = []
    for name in ("run", "dev"):
        text = (ROOT / "requirements" / f"{name}.lock").read_text("utf-8")
        pinned = re.findall(r"^([\w.-]+)(?:\[[\w,]+\])?==\S+[^\n]*\\\n\s+--hash=sha256:", text, re.MULTILINE)
        loose = set(re.findall(r"^([\w.-]+)(?:\[[\w,]+\])?==", text, re.MULTILINE)) - set(pinned)
        wrong += [f"{name}.lock: {package} has no hash" for package in sorted(loose)]
        wrong += [f"{name}.lock: {package} is missing" for package in sorted(_wanted(name) - set(pinned))]
    return "\n".join(wrong) or None


def _wanted(name: str) -> set[str]:
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    groups = project["dependency-groups"]
    asked = [*project["project"]["dependencies"], *groups["demo"], *groups["models"]]
    if name == "dev":
        asked += [line for line in groups["dev"] if isinstance(line, str)]
    return {re.split(r"[\[<>=;~! ]", line)[0].lower().replace("_", "-") for line in asked}


def words() -> Outcome:
    """No path of this or anybody's machine, no address of the registry that packages happened to come from."""
    here = re.compile("|".join(map(re.escape, [str(ROOT.parent) + "/", *_registry_hosts()])))
    found = []
    for name in _tracked():
        path = ROOT / name
        if path.suffix in BINARY or not path.is_file():
            continue
        for number, line in enumerate(path.read_text("utf-8", errors="replace").splitlines(), 1):
            match = here.search(line) or HOME_FOLDER.search(line)
            if match is None and name in LOCKS:
                match = LOCKED_ADDRESS.search(line)
            if match:
                found.append(f"{name}:{number}: {match[0]}")
    return "\n".join(found) or None


def _registry_hosts() -> set[str]:
    """Where pip and npm of this machine fetch from, as they say themselves."""
    asked = (
        [sys.executable, "-m", "pip", "config", "get", "global.index-url"],
        ["npm", "config", "get", "registry"],
    )
    answers = (
        subprocess.run(command, text=True, capture_output=True, check=False).stdout for command in asked
    )
    return {host for answer in answers if (host := urlsplit(answer.strip()).hostname)}


def changed(*paths: str) -> Outcome:
    """What git sees differ from the last commit, new files included."""
    done = subprocess.run(
        ["git", "status", "--porcelain", "--", *paths], cwd=ROOT, text=True, capture_output=True, check=True
    )
    return f"differs from what is committed:\n{done.stdout}" if done.stdout.strip() else None


def manage(*arguments: str) -> Outcome:
    with tempfile.TemporaryDirectory(prefix="tutela-check-") as home:
        return run(sys.executable, "manage.py", *arguments, env={"TUTELA_HOME": home})


def _tracked() -> list[str]:
    done = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, text=True, capture_output=True, check=True)
    return [name for name in done.stdout.split("\0") if name]


CHECKS: dict[str, Callable[[], Outcome]] = {
    "format": formatting,
    "lint": lint,
    "types": types,
    "types of the sdk": sdk_types,
    "import contracts": layers,
    "migrations of the register": register_migrations,
    "migrations of the record": record_migrations,
    "templates": templates,
    "translations": translations,
    "assets": assets,
    "API description": api_description,
    "locks": locks,
    "words": words,
}


def main(names: list[str]) -> int:
    """Run the named checks, or all. Returns the exit code."""
    failed = []
    for name in names or CHECKS:
        began = time.monotonic()
        wrong = CHECKS[name]()
        print(f"{'FAIL' if wrong else 'ok':4}  {name}  ({time.monotonic() - began:.1f} s)", flush=True)
        if wrong:
            failed.append(name)
            print("\n".join(f"      {line}" for line in wrong.splitlines()), flush=True)
    print(
        f"\n{len(failed)} of {len(names or CHECKS)} checks failed: {', '.join(failed)}"
        if failed
        else "\nAll checks passed."
    )
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
