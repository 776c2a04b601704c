"""Making an export: what a worker does with a row that waits. Leased, so that two workers make it once."""

from __future__ import annotations

import hashlib
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import structlog
from django.conf import settings
from django.db import transaction

from audit.adapters.files import Workbook, csv_bytes, json_bytes
from audit.adapters.signing import Signer, as_text, signer
from audit.evidence import Dataset, Scope, all_datasets
from audit.models import Export, ExportPart
from audit.services.exports import asker, finish_export
from kernel import clock
from kernel.canonical import canonical_json

log = structlog.get_logger(__name__)

LEASE = timedelta(minutes=15)
MOST_ATTEMPTS = 3
PART_BYTES = 1 << 20
KEPT_FOR = timedelta(days=7)
PROGRESS_ROWS = 5_000
VERIFIER = Path(__file__).resolve().parents[1] / "evidence" / "verify.py"
MANIFEST_VERSION = 1

_HOW_TO = """\
This is an export of Tutela. manifest.json says what is in it, as of which moment, and the SHA-256 of every file;
manifest.sig is its Ed25519 signature. To check it on any machine that has Python:

    python3 verify.py <this archive> --key <fingerprint>

Take verify.py from a place that you trust more than this archive, and the fingerprint from the page of exports.
"""


def make_waiting_exports() -> int:
    """Make every export that waits, one after the other. Returns how many."""
    made = 0
    while (row := _lease()) is not None:
        _make(row)
        made += 1
    return made


def forget_old_exports() -> int:
    """Forget archives that are a week old; that they were made stays known. Returns how many."""
    old = Export.objects.filter(state="done", finished_at__lt=clock.now() - KEPT_FOR)
    forgotten = 0
    for row in old[:100]:
        with transaction.atomic():
            ExportPart.objects.filter(export=row).delete()
            forgotten += Export.objects.filter(pk=row.pk, state="done").update(state="expired")
    return forgotten


def _lease() -> Export | None:
    """Take one that is due: waiting, or running under a lease that ended with its worker."""
    now = clock.now()
    due = Export.objects.filter(state__in=("waiting", "running"), due_at__lte=now).order_by("due_at").first()
    if due is None:
        return None
    mine = Export.objects.filter(pk=due.pk, state=due.state, due_at=due.due_at)
    if due.attempts >= MOST_ATTEMPTS:
        if mine.update(state="dead", problem="its workers died", finished_at=now):
            due.refresh_from_db()
            finish_export(asker(due), due)
        return _lease()
    if not mine.update(state="running", due_at=now + LEASE, attempts=due.attempts + 1, rows=0):
        return _lease()  # another worker was quicker
    due.refresh_from_db()
    return due


def _make(row: Export) -> None:
    try:
        with tempfile.TemporaryDirectory(prefix="tutela-export-") as folder:
            archive = Path(folder) / "export.zip"
            manifest = _Making(row, Path(folder), signer(settings.TUTELA.home)).write(archive)
            _keep(row, archive, manifest)
    except Exception as error:  # whatever it is, the row must say so and not be tried for ever
        log.exception("export.failed", export=str(row.pk))
        _put_back(row, error)


def _keep(row: Export, archive: Path, manifest: dict[str, Any]) -> None:
    """The parts, the row and the event together, if the lease is still ours."""
    digest = hashlib.sha256()
    with transaction.atomic(), archive.open("rb") as file:
        mine = Export.objects.select_for_update().filter(pk=row.pk, state="running", attempts=row.attempts)
        if mine.first() is None:
            return
        ExportPart.objects.filter(export=row).delete()
        for number, part in enumerate(iter(lambda: file.read(PART_BYTES), b"")):
            digest.update(part)
            ExportPart.objects.create(export=row, number=number, data=part)
        row.state, row.digest, row.manifest = "done", digest.hexdigest(), manifest
        row.size, row.finished_at, row.problem = archive.stat().st_size, clock.now(), ""
        row.rows = sum(entry["rows"] for entry in manifest["files"])
        row.save()
        finish_export(asker(row), row)


def _put_back(row: Export, error: Exception) -> None:
    last = row.attempts >= MOST_ATTEMPTS
    row.state, row.problem = ("dead" if last else "waiting"), f"{type(error).__name__}: {error}"[:300]
    row.due_at = clock.now() + timedelta(seconds=30 * row.attempts)
    row.finished_at = clock.now() if last else None
    with transaction.atomic():
        row.save()
        if last:
            finish_export(asker(row), row)


@dataclass
class _Making:
    """One export in the making."""

    row: Export
    folder: Path
    signer: Signer
    files: list[dict[str, Any]] = field(default_factory=list)
    written: int = 0

    def write(self, archive: Path) -> dict[str, Any]:
        """Write the archive; returns its manifest."""
        scope = Scope(asker(self.row), self.row.as_of, self.row.start, self.row.end)
        wanted = [item for item in all_datasets() if item.name in self.row.datasets]
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as target:
            for form, lines in (("csv", csv_bytes), ("json", json_bytes)):
                if form in self.row.formats:
                    for dataset in wanted:
                        self._stream(target, dataset, scope, form, lines)
            if "xlsx" in self.row.formats:
                self._workbook(target, wanted, scope)
            manifest = self._manifest()
            body = canonical_json(manifest)
            target.writestr("manifest.json", body)
            target.writestr("manifest.sig", as_text(self.signer.sign(body)))
            target.writestr("signing-key.pub", as_text(self.signer.public))
            target.write(VERIFIER, "verify.py")
        return manifest

    def _stream(
        self,
        target: zipfile.ZipFile,
        dataset: Dataset,
        scope: Scope,
        form: str,
        lines: Callable[[Sequence[str], Iterator[Sequence[Any]]], Iterator[bytes]],
    ) -> None:
        table, digest, size = dataset.read(scope), hashlib.sha256(), 0
        rows = self._counted(table.rows)
        name = f"{form}/{dataset.name}.{form}"
        before = self.written
        with target.open(name, "w", force_zip64=True) as file:
            for line in lines(table.columns, rows):
                file.write(line)
                digest.update(line)
                size += len(line)
        self._entry(
            name, digest.hexdigest(), size, self.written - before, [(dataset, table.filters, table.notes)]
        )

    def _workbook(self, target: zipfile.ZipFile, wanted: Sequence[Dataset], scope: Scope) -> None:
        path = self.folder / "export.xlsx"
        said, before = [], self.written
        with path.open("wb") as file:
            book = Workbook(file, folder=self.folder)
            for dataset in wanted:
                table = dataset.read(scope)
                book.add(dataset.name, table.columns, self._counted(table.rows))
                said.append((dataset, table.filters, table.notes))
            book.close()
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        target.write(path, "export.xlsx")
        self._entry("export.xlsx", digest, path.stat().st_size, self.written - before, said)

    def _entry(
        self,
        name: str,
        digest: str,
        size: int,
        rows: int,
        said: Sequence[tuple[Dataset, dict[str, Any], list[str]]],
    ) -> None:
        self.files.append(
            {
                "name": name,
                "sha256": digest,
                "bytes": size,
                "rows": rows,
                "datasets": [
                    {"name": dataset.name, "filters": filters, "notes": notes}
                    for dataset, filters, notes in said
                ],
            }
        )

    def _counted(self, rows: Any) -> Iterator[Sequence[Any]]:
        """The rows, with the progress written down now and then."""
        for row in rows:
            self.written += 1
            if self.written % PROGRESS_ROWS == 0:
                Export.objects.filter(pk=self.row.pk).update(rows=self.written)
            yield row

    def _manifest(self) -> dict[str, Any]:
        return {
            "v": MANIFEST_VERSION,
            "export": str(self.row.pk),
            "asked_by": self.row.asked_by,
            "made_at": _text(clock.now()),
            "as_of": _text(self.row.as_of),
            "period": {"start": _text(self.row.start), "end": _text(self.row.end)},
            "units": self._units(),
            "how_to_check": _HOW_TO,
            "key": self.signer.fingerprint,
            "files": self.files,
        }

    def _units(self) -> list[str] | None:
        """The units that the asker's rights held the export to; None: the whole organisation."""
        if any(grant["units"] is None for grant in self.row.grants):
            return None
        return sorted({unit for grant in self.row.grants for unit in grant["units"]})


def _text(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")
