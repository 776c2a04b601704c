"""An estate with telemetry: the clinic's radiology, the shop's assistant, and somebody nobody knows."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import pytest
from django.conf import settings as django_settings
from django.test import Client
from django.utils import translation

from console.models import RoleGrant, User
from kernel.actor import Actor
from kernel.contracts.ingest import CaptureMode, SenderIdentity
from telemetry.domain import Document, SpanKind, SpanStatus
from telemetry.services import record
from telemetry.store import Store
from tests import cast
from tests.inventory.estate import Estate, build, sender
from tests.telemetry.seeding import SECOND, Seed, text

SignIn = Callable[..., Client]


@dataclass(frozen=True)
class World:
    estate: Estate
    seed: Seed
    clinic: SenderIdentity
    shop: SenderIdentity
    stranger: SenderIdentity
    radiology_trace: bytes
    shop_trace: bytes
    strange_trace: bytes


@pytest.fixture
def mounted(record_store: Store, settings: object, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """The console's pages read this test's own record."""
    monkeypatch.setattr(
        django_settings, "TUTELA", replace(django_settings.TUTELA, record_url=record_store.url)
    )
    record.close()  # whoever looked before read another record
    yield record_store
    record.close()


@pytest.fixture
def world(db: None, mounted: Store) -> World:
    estate = build()
    seed = Seed(mounted)
    clinic = estate.sender(claimed_deployment=estate.radiology_slug)
    shop = sender(estate.key.id, "shop-assistant", claimed_deployment="shop-assistant-production")
    shop = replace(shop, claimed_deployment=_slug(estate.shop_live))
    stranger = sender(estate.key.id, "shadow-bot", environment="production")
    return World(
        estate=estate,
        seed=seed,
        clinic=clinic,
        shop=shop,
        stranger=stranger,
        radiology_trace=_radiology(seed, clinic),
        shop_trace=seed.write(shop, seed.trace(shop, name="find product", model="saas-9")),
        strange_trace=seed.write(
            stranger, seed.trace(stranger, name="summarise mail", model="gpt-x"), devices=[b"d" * 16]
        ),
    )


def _slug(deployment: uuid.UUID) -> str:
    from inventory.models import Deployment

    return Deployment.objects.get(pk=deployment).slug


def _radiology(seed: Seed, clinic: SenderIdentity) -> bytes:
    trace_id, root = seed.id(16), seed.id(8)
    spans = [
        seed.span(clinic, trace_id=trace_id, span_id=root, name="draft_report", kind=SpanKind.AGENT, duration_ns=3 * SECOND),
        seed.span(
            clinic, trace_id=trace_id, parent=root, name="retrieve", kind=SpanKind.RETRIEVER, mode=CaptureMode.FULL,
            documents=[Document(id="guide-12", score=0.5, content="Lungs are clear.")],
        ),
        seed.span(
            clinic, trace_id=trace_id, parent=root, name="chat weights-7b", kind=SpanKind.LLM, model="weights-7b",
            tokens=(1200, 80), mode=CaptureMode.FULL, status=SpanStatus.ERROR,
            said=[text("user", "<script>alert(1)</script> Summarise the scan.")],
            answered=[text("assistant", "The scan is normal.")],
            attributes={"gen_ai.request.model": "weights-7b", "server.address": "gpu-1.clinic.example"},
        ),
    ]  # fmt: skip
    return seed.write(clinic, spans)


@pytest.fixture
def sign_in(db: None) -> Iterator[SignIn]:
    """A browser in which somebody of the cast has signed in, in a language."""

    def enter(actor: Actor, *, language: str = "en") -> Client:
        user = User.objects.create(id=actor.id, email=actor.email, name=actor.label, language=language)
        for grant in actor.grants:
            units = [None] if grant.units is None else sorted(grant.units, key=str)
            for unit in units:
                RoleGrant.objects.create(
                    user=user, role=grant.role.value, unit_id=unit, read_content=grant.read_content
                )
        client = Client()
        client.force_login(user)
        return client

    yield enter
    translation.deactivate()


__all__ = ["World", "cast"]
