"""Taking evidence away at the keyboard."""

from __future__ import annotations

import pytest

from audit.models import Export
from audit.services import making
from tests.cast import AGNES, ODILE, VICTOR
from tests.inventory.estate import build

pytestmark = pytest.mark.database
ASKED = {
    "datasets": ["register.system"], "formats": ["csv"], "start": "2026-01-01", "end": "2026-02-01", "as_of": "",
    "reason": "Yearly audit",
}  # fmt: skip


@pytest.fixture
def estate(db):
    return build()


def test_an_auditor_asks_waits_and_downloads(estate, sign_in):
    client = sign_in(AGNES)
    page = client.post("/exports/new/", ASKED)["Location"]
    assert "every 2s" in client.get(page).content.decode()

    making.make_waiting_exports()
    body = client.get(page).content.decode()
    assert "every 2s" not in body
    assert "csv/register.system.csv" in body
    archive = client.post(f"{page}archive/")
    assert b"".join(archive.streaming_content).startswith(b"PK")


def test_the_first_day_and_the_last_are_inside(estate, sign_in):
    sign_in(AGNES).post("/exports/new/", ASKED)
    row = Export.objects.get()
    assert (row.start.isoformat()[:10], row.end.isoformat()[:10]) == ("2026-01-01", "2026-02-02")


def test_what_cannot_be_is_said_beside_its_field(estate, sign_in):
    body = sign_in(AGNES).post("/exports/new/", {**ASKED, "end": "2025-01-01"}).content.decode()
    assert "The period must end after it begins." in body
    assert not Export.objects.exists()


def test_only_what_one_may_read_is_offered(estate, sign_in):
    assert "audit.trail" in sign_in(ODILE).get("/exports/new/").content.decode()


def test_a_stranger_finds_nothing(estate, sign_in):
    assert sign_in(VICTOR).get("/exports/").status_code == 403


def test_the_verifier_can_be_taken_apart_from_any_export(estate, sign_in):
    assert sign_in(AGNES).get("/exports/verify.py").content == making.VERIFIER.read_bytes()


def test_the_pages_speak_french(estate, sign_in):
    client = sign_in(AGNES, language="fr")
    assert "Rien n’a encore été emporté" in client.get("/exports/").content.decode()
    assert "Nouvel export" in client.get("/exports/new/").content.decode()
