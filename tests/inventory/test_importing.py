"""Tables come into the register: tried first, cell by cell, then all or nothing, and twice is once."""

from __future__ import annotations

import io

import openpyxl
import pytest

from audit.adapters.files import Workbook, csv_bytes
from audit.evidence import Scope, all_datasets
from audit.models import Event
from inventory.adapters import sheets
from inventory.models import Binding, Deployment, ImportDraft, Placement, Site, System
from inventory.services import importing
from inventory.services.importing import Outcome, table_named
from kernel import clock
from kernel.errors import Conflict, Forbidden, Invalid, NotFound
from tests.cast import ADA, AGNES, ODILE, VICTOR, only_in
from tests.inventory.estate import build

pytestmark = pytest.mark.database


@pytest.fixture
def estate(db):
    return build()


def csv_of(*rows: str) -> bytes:
    return "\n".join(rows).encode()


def draft(data: bytes, *, table: str = "system", actor=ADA):
    return importing.keep_import(actor, name="estate.csv", data=data, table=table)


def tried(data: bytes, **words):
    return importing.try_import(words.get("actor", ADA), draft(data, **words))


def applied(data: bytes, **words):
    return importing.apply_import(words.get("actor", ADA), draft(data, **words), reason="Yearly review")


def outcomes(report) -> list[str]:
    return [row.outcome.value for row in report.rows]


def problems(report) -> list[tuple[str, str]]:
    return [(problem.cell, problem.column) for row in report.rows for problem in row.problems]


NEW = csv_of("name,purpose,unit,decision impact", "Triage,Sorts calls,Clinics,Decides")


def test_a_try_says_what_would_change_and_changes_nothing(estate):
    before = Event.objects.count()
    report = tried(NEW)

    assert outcomes(report) == ["new"]
    assert not System.objects.filter(name="Triage").exists()
    assert Event.objects.count() == before + 1  # that the file was sent


def test_applying_makes_the_rows_with_an_event_each(estate):
    applied(NEW)

    system = System.objects.get(name="Triage")
    assert (system.unit_id, system.decision_impact, system.slug) == (estate.clinics, "decisive", "triage")
    assert Event.objects.filter(action="inventory.system.import", target_id=str(system.pk)).exists()
    assert Event.objects.filter(action="inventory.import.apply").exists()
    assert not ImportDraft.objects.exists()


def test_applying_the_same_file_again_changes_nothing(estate):
    applied(NEW)
    count = Event.objects.filter(target_type="inventory.system").count()

    assert outcomes(applied(NEW)) == ["same"]
    assert Event.objects.filter(target_type="inventory.system").count() == count


def test_a_row_that_is_there_is_changed_where_it_differs_and_empty_cells_leave_it_alone(estate):
    applied(NEW)
    report = applied(csv_of("name,purpose,decision_impact", "triage,,assistive"))

    system = System.objects.get(name="Triage")
    assert outcomes(report) == ["changed"]
    assert (system.purpose, system.decision_impact) == ("Sorts calls", "assistive")
    assert [change.path for change in report.rows[0].changes] == ["decision_impact"]


def test_a_hyphen_empties_a_field(estate):
    applied(NEW)
    applied(csv_of("name,purpose", "Triage,-"))
    assert System.objects.get(name="Triage").purpose == ""


@pytest.mark.parametrize(
    ("head", "cells", "cell"),
    [
        ("name,unit", "Triage,Nowhere", "B2"),
        ("name,decision_impact", "Triage,perhaps", "B2"),
        ("name,persons_estimate", "Triage,many", "B2"),
        ("name,interacts_with_persons", "Triage,maybe", "B2"),
        ("name,persons_affected", "Triage,martians", "B2"),
        ("name,owner", "Triage,nobody@example.org", "B2"),
        ("name,state", "Triage,approved_for_use", "B2"),
        ("name,risk_class", "Triage,high", "B2"),
        ("purpose,slug,name", "x,Not A Slug,Triage", "B2"),
        ("name,unit", "-,Clinics", "A2"),
    ],
)
def test_each_bad_cell_is_named(estate, head, cells, cell):
    report = tried(csv_of(head, cells))
    assert outcomes(report) == ["bad"]
    assert cell in {place for place, _column in problems(report)}


def test_one_bad_row_keeps_the_whole_file_out(estate):
    file = csv_of("name,unit", "Good,Clinics", "Bad,Nowhere", "Better,Shops")
    with pytest.raises(Conflict):
        applied(file)
    assert not System.objects.filter(name__in=["Good", "Better"]).exists()
    assert outcomes(tried(file)) == ["new", "bad", "new"]


def test_a_head_may_speak_french_and_an_older_spreadsheet_s_encoding(estate):
    data = "Nom;Entité interne;Finalité\nTri médical;Clinics;Trier\n".encode("cp1252")
    applied(data)
    assert System.objects.get(name="Tri médical").purpose == "Trier"


def test_columns_that_nobody_knows_are_said_and_passed_over(estate):
    report = tried(csv_of("name,colour", "Triage,blue"))
    assert outcomes(report) == ["new"]
    assert "colour" in report.ignored[0]


def workbook(**tables) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in tables.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def test_a_workbook_may_hold_things_that_need_each_other_in_any_order(estate):
    data = workbook(
        binding=[["deployment", "dataset_version", "purpose"], ["Triage live", "Calls / 2026", "input"]],
        placement=[["deployment", "site"], ["triage-live", "Lyon"]],
        deployment=[["name", "slug", "system", "state"], ["Triage live", "triage-live", "Triage", "live"]],
        system=[["name", "unit"], ["Triage", "Clinics"]],
        site=[["name", "tier", "country", "unit"], ["Lyon", "private_data_centre", "FR", "Clinics"]],
        dataset=[["name", "unit"], ["Calls", "Clinics"]],
        dataset_version=[["dataset", "label", "personal_data", "special_categories"], ["Calls", "2026", "yes", "health"]],
    )  # fmt: skip
    assert problems(tried(data, table="")) == []
    report = applied(data, table="")

    assert report.count(Outcome.NEW) == 7
    deployment = Deployment.objects.get(slug="triage-live")
    assert (deployment.system.name, deployment.state) == ("Triage", "live")
    assert Placement.objects.get(deployment=deployment).site == Site.objects.get(name="Lyon")
    assert Binding.objects.get(deployment=deployment).dataset_version.special_categories == ["health"]
    assert applied(data, table="").count(Outcome.SAME) == 7


def test_what_is_exported_comes_back_as_it_is(estate):
    now = clock.now()
    scope = Scope(ADA, now, now, now)
    for dataset in all_datasets():
        table = table_named(dataset.name) if dataset.name.startswith("register.") else None
        if table is None:
            continue
        read = dataset.read(scope)
        rows = [
            row
            for row in read.rows
            if "retired_at" not in read.columns or not row[list(read.columns).index("retired_at")]
        ]
        if not rows:
            continue
        report = tried(b"".join(csv_bytes(read.columns, rows)), table=table.name)
        assert report.ignored == (), dataset.name
        assert {row.outcome for row in report.rows} == {Outcome.SAME}, (dataset.name, report.rows)


# ---- rights


def test_rows_ask_for_the_rights_that_forms_ask_for(estate):
    clinics = only_in(ODILE, estate.clinics)
    report = tried(csv_of("name,unit", "Mine,Clinics", "Theirs,Shops"), actor=clinics)
    assert outcomes(report) == ["new", "bad"]


@pytest.mark.parametrize("actor", [AGNES, VICTOR])
def test_who_changes_nothing_imports_nothing(estate, actor):
    with pytest.raises(Forbidden):
        draft(NEW, actor=actor)


def test_a_file_belongs_to_who_sent_it(estate):
    with pytest.raises(NotFound):
        importing.try_import(ODILE, draft(NEW))


def test_applying_wants_a_reason(estate):
    with pytest.raises(Invalid):
        importing.apply_import(ADA, draft(NEW), reason="  ")


def test_a_dropped_file_is_gone(estate):
    sent = draft(NEW)
    importing.drop_import(ADA, sent)
    with pytest.raises(NotFound):
        importing.try_import(ADA, sent)


# ---- hostile files


def bomb() -> bytes:
    import zipfile

    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * (101 * 1024 * 1024))
    return file.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        b"", b"name", b"\n\n\n", b"PK\x03\x04 no zip", b"\x00\x01\x02", csv_of("name", *["x"] * 2_001), b"x" * (6 << 20),
        bomb(), csv_of("name", '"' + "x" * 200_000),
    ],
    ids=["empty", "head", "blank", "broken", "binary", "rows", "bytes", "bomb", "field"],
)  # fmt: skip
def test_a_file_that_is_no_table_is_refused_in_words(data):
    with pytest.raises(Invalid) as refused:
        sheets.read("x.csv", data)
    assert str(refused.value)


def test_a_formula_is_read_as_its_value_and_never_run(tmp_path):
    book = tmp_path / "book.xlsx"
    with book.open("wb") as file:
        made = Workbook(file, folder=tmp_path)
        made.add("system", ["name"], [["=1+1"]])
        made.close()
    (sheet,) = sheets.read("book.xlsx", book.read_bytes())
    assert sheet.lines[0].cells == ("'=1+1",)


def test_text_that_no_text_has_is_refused_at_its_cell(estate):
    assert problems(tried(csv_of("name,purpose", "Triage,a\x00b")))[0][0] == "B2"
