"""Bringing a table in, at the keyboard."""

from __future__ import annotations

import io

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from inventory.models import ImportDraft, System
from inventory.services import importing
from tests.cast import AGNES, ODILE
from tests.inventory.estate import build

pytestmark = pytest.mark.database


@pytest.fixture
def estate(db):
    return build()


def sent(client, text: str, *, table: str = "system"):
    return client.post("/import/", {"file": SimpleUploadedFile("estate.csv", text.encode()), "table": table})


def test_an_officer_sends_a_table_sees_what_it_would_do_and_does_it(estate, sign_in):
    client = sign_in(ODILE)
    address = sent(client, "name,unit\nTriage,Clinics\n")["Location"]
    body = client.get(address).content.decode()
    assert "Triage" in body
    assert not System.objects.filter(name="Triage").exists()

    assert client.post(address, {"reason": "First inventory"}).status_code == 302
    assert System.objects.filter(name="Triage").exists()


def test_a_bad_cell_is_shown_with_its_place_and_nothing_can_be_applied(estate, sign_in):
    client = sign_in(ODILE)
    address = sent(client, "name,unit\n<b>Triage</b>,Nowhere\n")["Location"]
    body = client.get(address).content.decode()
    assert "<code>B2</code>" in body
    assert "<b>Triage</b>" not in body
    assert "all rows come in, or none" in body
    client.post(address, {"reason": "x"})
    assert not System.objects.filter(name__contains="Triage").exists()


def test_a_file_that_is_no_table_is_refused_on_the_form(estate, sign_in):
    body = sent(sign_in(ODILE), "").content.decode()
    assert "is empty" in body


def test_a_file_can_be_forgotten(estate, sign_in):
    client = sign_in(ODILE)
    address = sent(client, "name\nTriage\n")["Location"]
    client.post(f"{address}drop/")
    assert not ImportDraft.objects.exists()


def test_who_may_not_change_the_register_is_refused(estate, sign_in):
    assert sent(sign_in(AGNES), "name\nTriage\n").status_code == 200  # the form says so
    assert not ImportDraft.objects.exists()


def test_the_empty_workbook_has_a_sheet_for_every_table(estate, sign_in):
    data = sign_in(ODILE).get("/import/template.xlsx").content
    names = openpyxl.load_workbook(io.BytesIO(data)).sheetnames
    assert names == [table.name for table in importing.TABLES]


def test_the_pages_speak_french(estate, sign_in):
    client = sign_in(ODILE, language="fr")
    assert "Comment un tableau est lu" in client.get("/import/").content.decode()
    address = sent(client, "name,unit\nTriage,Nulle part\n")["Location"]
    assert "Rien ne s’appelle" in client.get(address).content.decode()
