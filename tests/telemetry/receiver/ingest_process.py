"""An ingest process of its own, with keys and senders held in memory: what tests and the bench start, stop and kill.

python tests/telemetry/receiver/ingest_process.py <record url> [http port] [grpc port]
prints the two ports as one line of JSON once both listen.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[3]))  # started as a script, from anywhere

from kernel import tokens
from kernel.config import from_env
from kernel.contracts.ingest import (
    CaptureMode,
    KeyFacts,
    Resolution,
    ResolutionState,
    RetentionClass,
    SenderIdentity,
    SenderPolicy,
)
from telemetry.receiver.serving import serve
from telemetry.store import migrate, open_store

PEPPER = bytes(range(32))
CONTENT_KEY = bytes(range(32, 64))


def token(public_id: str, secret: str) -> tokens.Token:
    return tokens.Token(kind="ep", public_id=public_id.ljust(8, "0"), secret=secret * 43)


GOOD = token("good", "a")
NARROW = token("narrow", "b")
REVOKED = token("revoked", "c")
EXPIRED = token("expired", "d")
SMALL = token("small", "e")
STRANGE = token("strange", "f")


def facts(given: tokens.Token, number: int, **more: object) -> KeyFacts:
    return KeyFacts(
        key_id=bytes([number]) * 16,
        public_id=given.public_id,
        name=f"key {number}",
        secret_digest=tokens.digest(given.secret, pepper=PEPPER),
        scope="everything",
        **more,  # type: ignore[arg-type]
    )


@dataclass
class StandingKeys:
    """Keys that never change."""

    keys: dict[str, KeyFacts] = field(
        default_factory=lambda: {
            key.public_id: key
            for key in (
                facts(GOOD, 1),
                facts(
                    NARROW,
                    2,
                    claimable_deployments=frozenset({"triage-prod"}),
                    claimable_sites=frozenset({"lyon"}),
                ),
                facts(REVOKED, 3, revoked_ns=1),
                facts(EXPIRED, 4, expires_ns=1),
                facts(SMALL, 5, max_senders=3),
            )
        }
    )

    def find(self, public_id: str) -> KeyFacts | None:
        return self.keys.get(public_id)


class StandingSenders:
    """A sender's capture mode is in its service's name: `chat-full`, `chat-redact`, `chat-none`; others are hashed."""

    def policy(self, sender: SenderIdentity) -> SenderPolicy:
        mode = sender.service_name.rpartition("-")[2]
        known = mode in set(CaptureMode)
        return SenderPolicy(
            capture_mode=CaptureMode(mode) if known else CaptureMode.HASHED,
            retention_class=RetentionClass.STANDARD,
            resolved=known,
        )

    def resolve(self, sender: SenderIdentity) -> tuple[Resolution, ...]:
        if sender.service_name == "unknown":
            return ()
        return (
            Resolution(state=ResolutionState.RESOLVED, deployment_name="Triage", how="claimed by the sender"),
        )


def main() -> None:
    url, *ports = sys.argv[1:]
    http_port, grpc_port = (int(port) for port in ports) if ports else (0, 0)
    config = from_env({"RECORD_URL": url})
    migrate(url)
    store = open_store(url)

    def ready(http: int, grpc: int) -> None:
        print(json.dumps({"http": http, "grpc": grpc}), flush=True)  # noqa: T201  # how the parent learns the ports

    settings = {name: getattr(config, name) for name in config.__slots__}
    settings |= {"otlp_http_port": http_port, "otlp_grpc_port": grpc_port}
    serve(
        type(config)(**settings),
        keys=StandingKeys(),
        senders=StandingSenders(),
        store=store,
        pepper=PEPPER,
        content_key=CONTENT_KEY,
        ready=ready,
    )
    store.close()


if __name__ == "__main__":
    main()
