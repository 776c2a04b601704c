"""The past: the same every time, conserved, and explained by the rules of the estate."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from django.conf import settings

from demo import estate, past
from demo.past import days, wire
from inventory.adapters.directories import RegisterSenderDirectory
from kernel import clock
from kernel.actor import system_actor
from kernel.config import Config
from kernel.contracts.ingest import SenderIdentity
from telemetry import schema
from telemetry.store import Store, open_store

LAST = date(2026, 11, 19)
UNTIL_NS = clock.to_ns(datetime(2026, 11, 19, 16, 30, tzinfo=UTC))
LENGTH = 4


def requests_of(length: int) -> list[bytes]:
    return [wire.request(parcels) for _, parcels in days.everything(last=LAST, length=length) if parcels]


def test_the_past_is_the_same_every_time() -> None:
    assert requests_of(3) == requests_of(3)


def test_no_two_spans_of_the_past_share_an_id() -> None:
    seen = Counter(
        (span.trace_id, span.span_id)
        for _, parcels in days.everything(last=LAST, length=4)
        for parcel in parcels
        for span in parcel.spans
        if any(span.span_id)  # all zeros is what a broken exporter sends, on purpose
    )
    assert set(seen.values()) == {1}


def test_nothing_gets_out_before_it_has_happened() -> None:
    for _, parcels in days.everything(last=LAST, length=3):
        for parcel in parcels:
            assert all(span.end_time_unix_nano <= parcel.out_ns for span in parcel.spans)


@dataclasses.dataclass
class Written:
    """A few days of past in a record of their own."""

    config: Config
    keys: dict[str, str]
    outcome: past.Outcome
    said: list[str]
    store: Store

    def write_again(self) -> past.Outcome:
        return past.write(
            self.config,
            settings.TUTELA_SECRETS,
            keys=self.keys,
            say=self.said.append,
            until_ns=UNTIL_NS,
            length=LENGTH,
        )

    def numbers(self, *columns: sa.ColumnElement[int]) -> list[tuple[int, ...]]:
        with self.store.engine.connect() as connection:
            return [tuple(row) for row in connection.execute(sa.select(*columns))]

    def senders(self) -> list[tuple[SenderIdentity, str]]:
        """Every sender with the capture mode of its spans."""
        table, spans = schema.senders.c, schema.spans.c
        said = (
            table.service_namespace,
            table.service_name,
            table.environment,
            table.place,
            table.claimed_deployment,
        )
        both = schema.senders.join(schema.spans, spans.sender_id == table.sender_id)
        ask = sa.select(table.key_id, *said, spans.capture_mode).select_from(both).distinct()
        with self.store.engine.connect() as connection:
            return [(SenderIdentity(row[0], *row[1:-1]), row[-1]) for row in connection.execute(ask)]


@pytest.fixture
def written(transactional_db: None, record_url: str, tmp_path: Path) -> Iterator[Written]:
    del transactional_db
    built = estate.build(system_actor("tests"), home=tmp_path)
    config = dataclasses.replace(settings.TUTELA, home=tmp_path, record_url=record_url)
    store = open_store(record_url)
    made = Written(config=config, keys=built.keys, outcome=past.Outcome(), said=[], store=store)
    made.outcome = made.write_again()
    yield made
    store.close()


def test_every_span_is_accounted_for_and_none_is_written_twice(written: Written) -> None:
    outcome = written.outcome
    assert outcome.received == outcome.stored + outcome.duplicate + outcome.rejected
    assert outcome.stored > 500
    assert outcome.rejected > 0
    assert written.said == []  # four days are written before there is anything to say
    accounts, spans = schema.ingest_minutes.c, schema.spans.c
    for received, *became in written.numbers(
        accounts.received, accounts.stored, accounts.duplicate, accounts.rejected
    ):
        assert received == sum(became)
    for start, duration, received in written.numbers(spans.start_ns, spans.duration_ns, spans.received_ns):
        assert start + duration <= received <= UNTIL_NS
    assert written.write_again().already

    (written.config.home / "demo-past.json").write_text(f'{{"until_ns": {UNTIL_NS}}}', "utf-8")
    finished = written.write_again()  # as after a run that was cut off
    assert (finished.stored, finished.duplicate) == (0, finished.received - finished.rejected)
    assert written.numbers(sa.func.count(spans.span_id)) == [(outcome.stored,)]


def test_the_estate_explains_every_sender_but_two_and_says_what_is_kept_of_each(written: Written) -> None:
    directory = RegisterSenderDirectory()
    explained = {}
    for sender, capture_mode in written.senders():
        found = directory.resolve(sender)
        name = (found[-1].deployment_name or found[-1].endpoint_name) if found else None
        explained[sender.service_name] = (name, capture_mode)
    directory.close()
    assert explained == {
        "tri-sinistres": ("Tri des sinistres, production", "redact"),
        "radio-redaction": ("Comptes rendus, cliniques", "none"),
        "releve": ("Relève, hôpital Saint-Hervé", "redact"),
        "vendeur-augmente": ("Vendeur augmenté, 140 magasins", "full"),
        "controle-soudure": ("Contrôle des soudures, deux chantiers", "hashed"),
        "maintenance-copilot": ("Copilot on Gwalarn", "full"),
        "talentport-connecteur": ("Présélection, pilote", "full"),
        "armor-code": ("Code assistant, all developers", "full"),
        "litellm-proxy": ("AI gateway Frankfurt", "hashed"),
        "contract-summaries": ("Contract summaries", "full"),
        "prevision-demande": ("Prévision de la demande, Grenoble", "hashed"),
        "armor-vous-repond": ("Armor vous répond, site public", "redact"),
        "traduction-poste": ("Traduction, 4 200 AI PC", "none"),
        "recherche-intranet": ("Recherche dans l’intranet", "hashed"),
        "n8n-marketing": (None, "hashed"),
        "rag-sandbox": (None, "hashed"),
    }
