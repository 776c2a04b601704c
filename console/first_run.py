"""An installation's first minute: an administrator, an endpoint key, the demonstration estate, and what to do next."""

from __future__ import annotations

import json
import secrets
import sys
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from console import services
from console.models import User
from console.processes.home import write_private
from console.processes.table import reachable
from console.processes.voice import Voice
from governance.services.policies import install_starter
from inventory import services as inventory_services
from kernel.actor import Role, system_actor
from kernel.config import Config, load_secrets

ADMIN_EMAIL = "admin@localhost"
ADMIN_NAME = "Administrator"
FACTS_FILE = "first-run.json"
_ASIDE_FILE = (
    ".first-run.json"  # the facts until everything answers: scripts wait for the name without the dot
)
_DEMO_FILE = "demo.json"
_SETUP = "set-up"


@dataclass(frozen=True, slots=True)
class FirstRun:
    """What a person or a script needs to begin. `otlp_headers` bears an endpoint key."""

    console_url: str
    admin_user: str
    admin_password: str
    otlp_http: str
    otlp_grpc: str
    otlp_headers: dict[str, str]
    check_url: str | None = None  # None where the check API is switched off


def prepare(config: Config, *, demo: bool, voice: Voice) -> FirstRun | None:
    """Fill a new installation; on a later start only bring the addresses up to date.

    `demo` decides at the very first start alone: what began as somebody's own is never filled with an invented
    estate. Returns the facts, or None when somebody has deleted the file that held them.
    """
    facts_file, aside = config.home / FACTS_FILE, config.home / _ASIDE_FILE
    if facts_file.exists():
        facts_file.rename(aside)
    if not User.objects.exists():
        if demo:
            write_private(config.home / _DEMO_FILE, {"built": False})
        write_private(aside, asdict(_fill(config, voice=voice)))
    _fill_demo(config, voice=voice)
    if not aside.exists():
        return None
    facts = replace(FirstRun(**json.loads(aside.read_text("utf-8"))), **_addresses(config))
    write_private(aside, asdict(facts))
    return facts


def has_demo(config: Config) -> bool:
    """Whether this installation holds the demonstration estate."""
    return (config.home / _DEMO_FILE).exists()


def announce(config: Config, facts: FirstRun | None, *, voice: Voice) -> None:
    """Everything answers: put the facts where scripts look for them, and say how to begin."""
    if facts is None:
        voice.plain(_box([f"Tutela answers at {_addresses(config)['console_url']}"]))
        return
    first_time = not (config.home / "run" / "announced").exists()
    (config.home / _ASIDE_FILE).rename(config.home / FACTS_FILE)
    voice.plain(_box(_first_words(config, facts) if first_time else _later_words(config, facts)))
    (config.home / "run").mkdir(exist_ok=True)
    (config.home / "run" / "announced").touch()


def create_administrator(*, email: str, name: str, password: str) -> None:
    """Give the installation an administrator over the whole organisation."""
    actor = system_actor(_SETUP)
    person = services.create_person(actor, email=email, name=name, password=password)
    services.grant_role(
        actor, person, role=Role.ADMINISTRATOR, unit_id=None, reason="administrator made at set-up"
    )


def generated_password() -> str:
    """A password nobody chose: 120 random bits."""
    return secrets.token_urlsafe(15)


def _fill(config: Config, *, voice: Voice) -> FirstRun:
    """Make what a new installation cannot do without."""
    password = generated_password()
    create_administrator(email=ADMIN_EMAIL, name=ADMIN_NAME, password=password)
    voice.say("an administrator with a password of its own: made")
    written = install_starter(system_actor(_SETUP), switched_on=has_demo(config))
    voice.say(
        f"the starter set of policies: {written} written, {'in force' if has_demo(config) else 'switched off'}"
    )
    key = inventory_services.make_key(system_actor(_SETUP), name="First key", reason="made at set-up").token
    return FirstRun(
        admin_user=ADMIN_EMAIL,
        admin_password=password,
        otlp_headers={"Authorization": f"Bearer {key}"},
        **_addresses(config),
    )


def _fill_demo(config: Config, *, voice: Voice) -> None:
    """The demonstration estate, where it was asked for and is not complete: an interrupted start goes on here.

    Imported here alone: an empty installation needs none of it.
    """
    marker = config.home / _DEMO_FILE
    if not marker.exists() or json.loads(marker.read_text("utf-8"))["built"]:
        return
    from demo import estate, past

    voice.say("the demonstration estate, Groupe Armor: this takes a moment …")
    built = estate.build(system_actor(_SETUP), home=config.home)
    voice.say("its ninety days of past, through the real ingest …")
    outcome = past.write(config, load_secrets(config.home), keys=built.keys, say=voice.say)
    voice.say(f"past: {outcome.stored:,} spans stored in {outcome.seconds:.0f} s")
    write_private(marker, {"built": True})


def _addresses(config: Config) -> dict[str, Any]:
    host = reachable(config.host)
    return {
        "console_url": f"http://{host}:{config.port}",
        "otlp_http": f"http://{host}:{config.otlp_http_port}",
        "otlp_grpc": f"{host}:{config.otlp_grpc_port}",
        "check_url": f"http://{host}:{config.check_port}" if config.check_api else None,
    }


def _first_words(config: Config, facts: FirstRun) -> list[str]:
    return [
        f"Tutela answers at  {facts.console_url}",
        f"Sign in as         {facts.admin_user}",
        f"with the password  {facts.admin_password}",
        f"Endpoint key       {_key(facts)}",
        "",
        "Send a first span:",
        f"  export TUTELA_ENDPOINT={facts.otlp_http}",
        f"  export TUTELA_KEY={_key(facts)}",
        f"  {_python()} -m tutela check",
        "",
        f"All of this stands in {config.home / FACTS_FILE}. Ctrl-C stops everything; the data stays.",
    ]


def _later_words(config: Config, facts: FirstRun) -> list[str]:
    return [
        f"Tutela answers at  {facts.console_url}",
        f"Sign in as         {facts.admin_user}",
        f"Password and endpoint key stand in {config.home / FACTS_FILE}.",
    ]


def _key(facts: FirstRun) -> str:
    return facts.otlp_headers["Authorization"].removeprefix("Bearer ")


def _python() -> str:
    """The interpreter as one would type it from here."""
    path = Path(sys.executable)
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)


def _box(lines: list[str]) -> str:
    rule = "─" * max(map(len, lines))
    return "\n".join(["", rule, *lines, rule, ""])
