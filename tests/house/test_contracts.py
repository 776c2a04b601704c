"""Each import contract is seen failing once: a rule that cannot fail holds nothing."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("kernel", "ui", "audit", "inventory", "telemetry", "guardrails", "governance", "console", "demo")
HEADER = "from __future__ import annotations\n"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the tree that a test may spoil."""
    copy = tmp_path_factory.mktemp("house")
    python_only = shutil.ignore_patterns("node_modules", "static", "locale", "*.mo", "__pycache__")
    for name in (*PACKAGES, "sdk", "tests"):
        shutil.copytree(ROOT / name, copy / name, ignore=python_only)
    shutil.copy(ROOT / "pyproject.toml", copy)
    return copy


def lint(house: Path, contract: str) -> tuple[int, str]:
    path = os.pathsep.join([str(house), str(house / "sdk" / "src")])
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache", "--no-logo", "--contract", contract],
        cwd=house,
        env={**os.environ, "PYTHONPATH": path, "COLUMNS": "200"},
        text=True,
        capture_output=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


OFFENCES = [
    ("layers", "inventory/offence.py", "import telemetry.domain\n", "inventory.offence"),
    ("layers", "kernel/offence.py", "import ui.formats\n", "kernel.offence"),
    ("kernel", "kernel/offence.py", "import django.utils.timezone\n", "django"),
    ("domain", "audit/domain.py", "import django.db\n", "django"),
    ("telemetry-core", "telemetry/normalise/offence.py", "import django.db\n", "django"),
    ("telemetry-core", "telemetry/store/offence.py", "import inventory.models\n", "inventory"),
    ("sdk", "sdk/src/tutela/offence.py", "import kernel.tokens\n", "tutela.offence"),
    ("server", "telemetry/offence.py", "import tutela\n", "telemetry.offence"),
    ("demo", "inventory/offence.py", "import demo\n", "inventory.offence"),
    ("rooms", "audit/utils.py", "", "audit.utils"),
    ("rooms", "inventory/helpers.py", "", "inventory.helpers"),
    ("rooms", "governance/helpers.py", "", "governance.helpers"),
    ("rooms-guardrails", "guardrails/utils.py", "", "guardrails.utils"),
    ("engines", "guardrails/engines/offence.py", "import telemetry.domain\n", "telemetry"),
    ("layers", "guardrails/offence.py", "import governance.apps\n", "guardrails.offence"),
    ("rooms-telemetry", "telemetry/core.py", "", "telemetry.core"),
    ("rooms-kernel", "kernel/common.py", "", "kernel.common"),
    ("rooms-ui", "ui/common.py", "", "ui.common"),
    ("rooms-console", "console/utils.py", "", "console.utils"),
]


@pytest.mark.parametrize(("contract", "where", "offence", "said"), OFFENCES)
def test_a_contract_fails_on_what_it_forbids(
    house: Path, contract: str, where: str, offence: str, said: str
) -> None:
    module = house / where
    before = module.read_text("utf-8") if module.exists() else None
    module.write_text((before or HEADER) + offence, "utf-8")
    try:
        code, output = lint(house, contract)
    finally:
        module.unlink() if before is None else module.write_text(before, "utf-8")
    assert code == 1, output
    assert said in output
    assert "BROKEN" in output


def test_the_offences_cover_every_contract() -> None:
    import tomllib

    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    assert {contract["id"] for contract in contracts} == {contract for contract, *_ in OFFENCES}


def test_every_package_of_the_house_stands_under_the_contracts() -> None:
    import tomllib

    roots = set(
        tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["root_packages"]
    )
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    assert packages - roots == set()
