"""Evidence that leaves the house: complete, as of a moment, harmless in a spreadsheet, and verifiable elsewhere."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
import zipfile
from datetime import timedelta
from pathlib import Path

import openpyxl
import pytest

from audit.adapters import files
from audit.evidence.past import ERASED
from audit.models import Disclosure, Event, Export, ExportPart
from audit.queries.exports import find_export
from audit.services import making
from audit.services.exports import ask_export, take_export
from inventory import services
from kernel import clock
from kernel.errors import Conflict, Forbidden, Invalid, NotFound
from tests.cast import AGNES, ODILE, PAUL, VICTOR, only_in
from tests.inventory.estate import BUILDER, build

pytestmark = pytest.mark.database
VERIFIER = making.VERIFIER
SYSTEMS, TRAIL = "register.system", "audit.trail"


@pytest.fixture
def estate(db):
    return build()


def ask(actor=AGNES, **words):
    now = clock.now()
    asked = {
        "datasets": [SYSTEMS, TRAIL], "formats": ["csv", "json", "xlsx"], "as_of": now, "start": now - timedelta(days=1),
        "end": now + timedelta(days=1), "reason": "Audit 12",
    }  # fmt: skip
    return ask_export(actor, **{**asked, **words})


def made(tmp_path: Path, actor=AGNES, **words) -> Path:
    """An export, asked for, made by a worker and taken away."""
    export_id = ask(actor, **words)
    assert making.make_waiting_exports() == 1
    _name, parts = take_export(actor, export_id)
    path = tmp_path / f"{export_id}.zip"
    path.write_bytes(b"".join(parts))
    return path


def verify(path: Path, *arguments: str) -> tuple[int, str]:
    """The verifier as an auditor runs it: alone, on the bare interpreter."""
    done = subprocess.run(
        [sys.executable, "-I", "-S", str(VERIFIER), str(path), *arguments],
        text=True,
        capture_output=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def records(path: Path, name: str = SYSTEMS) -> list[dict]:
    with zipfile.ZipFile(path) as archive:
        return json.loads(archive.read(f"json/{name}.json"))


def manifest(path: Path) -> dict:
    with zipfile.ZipFile(path) as archive:
        return json.loads(archive.read("manifest.json"))


def altered(path: Path, change) -> Path:
    """A copy of the archive with its files changed by `change(name → bytes)`."""
    copy = path.with_suffix(".altered.zip")
    with zipfile.ZipFile(path) as archive:
        content = {name: archive.read(name) for name in archive.namelist()}
    change(content)
    with zipfile.ZipFile(copy, "w") as archive:
        for name, data in content.items():
            archive.writestr(name, data)
    return copy


# ---- verifiable


def test_an_export_is_verified_by_a_script_that_knows_only_python(estate, tmp_path):
    path = made(tmp_path)
    code, said = verify(path, "--key", manifest(path)["key"])

    assert code == 0, said
    assert "csv/register.system.csv" in said


def replaced(name: str, data: bytes):
    return lambda content: content.update({name: data})


def flipped(name: str):
    return lambda content: content.update(
        {name: content[name][:-20] + bytes([content[name][-20] ^ 1]) + content[name][-19:]}
    )


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (flipped("csv/register.system.csv"), "csv/register.system.csv is not what was signed"),
        (flipped("manifest.json"), "The signature does not fit"),
        (flipped("manifest.sig"), "The signature does not fit"),
        (lambda content: content.pop("json/audit.trail.json"), "json/audit.trail.json is missing"),
        (replaced("csv/extra.csv", b"x"), "csv/extra.csv is in no manifest"),
    ],
)
def test_whatever_is_altered_is_said(estate, tmp_path, change, said):
    code, output = verify(altered(made(tmp_path), change))

    assert code == 1
    assert said in output


def test_an_export_signed_with_another_key_is_said(estate, tmp_path):
    code, output = verify(made(tmp_path), "--key", "ab" * 32)
    assert code == 1
    assert "another key" in output


def test_what_is_no_export_is_said_without_a_traceback(tmp_path):
    path = tmp_path / "nothing.zip"
    path.write_bytes(b"PK nothing")
    assert verify(path)[0] == 2


def test_the_verifier_agrees_with_the_library_on_the_vectors_of_rfc_8032():
    import importlib.util

    spec = importlib.util.spec_from_file_location("verify", VERIFIER)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    public = bytes.fromhex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c")
    signature = bytes.fromhex(
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c"
        "387b2eaeb4302aeeb00d291612bb0c00"
    )
    assert module.signed_by(public, b"\x72", signature)
    assert not module.signed_by(public, b"\x73", signature)
    assert not module.signed_by(public, b"\x72", signature[:32] + bytes(32))


# ---- complete, and no more


def test_every_format_holds_the_same_rows(estate, tmp_path):
    path = made(tmp_path)
    with zipfile.ZipFile(path) as archive:
        table = list(csv.DictReader(io.StringIO(archive.read("csv/register.system.csv").decode("utf-8-sig"))))
        book = openpyxl.load_workbook(io.BytesIO(archive.read("export.xlsx")), read_only=True)
        sheet = list(book["register.system"].iter_rows(values_only=True))
    objects = records(path)

    assert [row["id"] for row in table] == [row["id"] for row in objects] == [row[0] for row in sheet[1:]]
    counted = {entry["name"]: entry["rows"] for entry in manifest(path)["files"]}
    assert counted["csv/register.system.csv"] == len(objects)


def test_an_export_holds_what_its_asker_may_read(estate, tmp_path):
    mine = records(made(tmp_path, only_in(AGNES, estate.shops)))
    assert {row["unit"] for row in mine} == {str(estate.shops)}


def test_the_events_of_the_trail_carry_their_exact_bytes(estate, tmp_path):
    rows = records(made(tmp_path), TRAIL)
    bodies = {str(event.pk): bytes(event.body).decode() for event in Event.objects.all()}

    assert rows
    assert all(bodies[row["id"]] == row["body"] for row in rows)


def test_the_manifest_says_as_of_when_and_by_whom(estate, tmp_path):
    said = manifest(made(tmp_path, only_in(AGNES, estate.shops)))
    assert said["asked_by"] == AGNES.id
    assert said["units"] == [str(estate.shops)]
    assert said["as_of"].endswith("Z")


# ---- as of a moment


def test_the_register_is_shown_as_it_was(estate, tmp_path):
    before = clock.now()
    services.edit_system(BUILDER, estate.radiology, version=None, decision_impact="decisive", purpose="Other")
    new = services.register_system(BUILDER, name="Later", unit=estate.clinics)

    then = {row["id"]: row for row in records(made(tmp_path, as_of=before))}
    now = {row["id"]: row for row in records(made(tmp_path))}

    assert then[str(estate.radiology)]["decision_impact"] != "decisive"
    assert then[str(estate.radiology)]["purpose"] != "Other"
    assert now[str(estate.radiology)]["decision_impact"] == "decisive"
    assert str(new) not in then
    assert str(new) in now


def test_several_changes_are_undone_in_turn(estate, tmp_path):
    moments = []
    for impact in ("informational", "assistive", "decisive"):
        services.edit_system(BUILDER, estate.radiology, version=None, decision_impact=impact)
        moments.append((clock.now(), impact))
    for moment, impact in moments:
        rows = {row["id"]: row for row in records(made(tmp_path, as_of=moment))}
        assert rows[str(estate.radiology)]["decision_impact"] == impact


def test_what_was_erased_since_is_unknown_and_said_so(estate, tmp_path):
    services.edit_deployment(BUILDER, estate.radiology_live, version=None, note="Ask Dr Who")
    before = clock.now()
    services.edit_deployment(BUILDER, estate.radiology_live, version=None, note="Ask nobody")
    Disclosure.objects.filter(event__target_id=str(estate.radiology_live)).delete()

    path = made(tmp_path, as_of=before, datasets=["register.deployment"])
    rows = {row["id"]: row for row in records(path, "register.deployment")}

    assert rows[str(estate.radiology_live)]["note"] == ERASED
    assert any(
        ERASED in note
        for entry in manifest(path)["files"]
        for one in entry["datasets"]
        for note in one["notes"]
    )


# ---- harmless


@pytest.mark.parametrize(
    "name", ['=HYPERLINK("http://x")', "+1", "-1+1", "@SUM(A1)", "\t=1", "=cmd|' /C calc'!A0"]
)
def test_formulas_are_made_harmless_in_tables_and_sheets(name, tmp_path):
    line = b"".join(files.csv_bytes(["name"], [[name]])).decode("utf-8-sig").splitlines()[1]
    path = tmp_path / "book.xlsx"
    with path.open("wb") as file:
        book = files.Workbook(file, folder=tmp_path)
        book.add("one", ["name"], [[name]])
        book.close()
    cell = openpyxl.load_workbook(path)["one"]["A2"]

    assert line.strip('"').startswith("'")
    assert (cell.data_type, cell.value[0]) == ("s", "'")


def test_whole_numbers_keep_their_digits_in_every_format(tmp_path):
    nano = 2**60 + 1
    assert str(nano) in b"".join(files.csv_bytes(["cost"], [[nano]])).decode()
    assert json.loads(b"".join(files.json_bytes(["cost"], [[nano]]))) == [{"cost": str(nano)}]
    path = tmp_path / "book.xlsx"
    with path.open("wb") as file:
        book = files.Workbook(file, folder=tmp_path)
        book.add("one", ["cost"], [[nano]])
        book.close()
    assert openpyxl.load_workbook(path)["one"]["A2"].value == str(nano)


# ---- asked for, made, taken


@pytest.mark.parametrize(
    ("words", "field"),
    [
        ({"datasets": []}, "datasets"),
        ({"datasets": [SYSTEMS, "nonsense"]}, "datasets"),
        ({"formats": ["pdf"]}, "formats"),
        ({"as_of": clock.now() + timedelta(days=9)}, "as_of"),
        ({"end": clock.now() - timedelta(days=9)}, "end"),
        ({"reason": " "}, "reason"),
    ],
)
def test_what_cannot_be_exported_is_said_beside_its_field(estate, words, field):
    with pytest.raises(Invalid) as refused:
        ask(**words)
    assert field in refused.value.fields


def test_who_may_not_export_is_refused(estate):
    with pytest.raises(Forbidden):
        ask(VICTOR)


def test_who_may_not_audit_gets_no_trail(estate):
    with pytest.raises(Invalid):
        ask(PAUL)
    assert ask(PAUL, datasets=[SYSTEMS])


def test_others_see_an_export_only_if_they_audit_everything(estate):
    export_id = ask(PAUL, datasets=[SYSTEMS])
    assert find_export(AGNES, export_id)
    with pytest.raises(NotFound):
        find_export(only_in(ODILE, estate.shops), export_id)


def test_asking_making_and_taking_are_on_record(estate, tmp_path):
    path = made(tmp_path)
    steps = Event.objects.filter(target_type="audit.export").order_by("time").values_list("action", flat=True)
    assert list(steps) == ["audit.export.ask", "audit.export.finish", "audit.export.take"]
    assert path.exists()


def test_what_is_not_ready_cannot_be_taken(estate):
    with pytest.raises(Conflict):
        take_export(AGNES, ask())


def test_an_export_whose_worker_died_is_made_by_the_next(estate, tmp_path):
    export_id = ask()
    Export.objects.filter(pk=export_id).update(
        state="running", attempts=1, due_at=clock.now() - timedelta(seconds=1)
    )
    assert making.make_waiting_exports() == 1
    assert Export.objects.get(pk=export_id).state == "done"


def test_an_export_that_kills_its_workers_ends_dead_and_says_so(estate):
    export_id = ask()
    Export.objects.filter(pk=export_id).update(
        state="running", attempts=3, due_at=clock.now() - timedelta(seconds=1)
    )
    assert making.make_waiting_exports() == 0
    row = Export.objects.get(pk=export_id)
    assert (row.state, row.problem) == ("dead", "its workers died")


def test_an_export_that_fails_is_tried_again_and_then_dead_with_its_reason(estate, monkeypatch):
    export_id = ask()

    def broken(*_args, **_words):
        raise OSError("no space left on device")

    monkeypatch.setattr(making, "csv_bytes", broken)
    for _attempt in range(3):
        Export.objects.filter(pk=export_id).update(due_at=clock.now())
        making.make_waiting_exports()
    row = Export.objects.get(pk=export_id)
    assert row.state == "dead"
    assert "no space left" in row.problem


def test_an_export_held_by_a_worker_is_left_to_it(estate):
    export_id = ask()
    Export.objects.filter(pk=export_id).update(
        state="running", attempts=1, due_at=clock.now() + timedelta(minutes=5)
    )
    assert making.make_waiting_exports() == 0


def test_archives_are_forgotten_after_a_week(estate, tmp_path):
    made(tmp_path)
    Export.objects.update(finished_at=clock.now() - timedelta(days=8))

    assert making.forget_old_exports() == 1
    assert not ExportPart.objects.exists()
    assert Export.objects.get().state == "expired"
