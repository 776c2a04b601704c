"""Tables of the ledger. Rows are inserted and never changed; triggers see to it."""

from __future__ import annotations

from django.db import models

from kernel import ids


class Event(models.Model):
    """One thing that was done, as canonical JSON (RFC 8785), with the columns that lists filter by.

    `body` is the truth and becomes a leaf of the Merkle log; the columns beside it repeat it for searching. It holds
    ids and digests; names, addresses and free text are disclosures.
    """

    id = models.UUIDField(primary_key=True)
    body = models.BinaryField()
    time = models.DateTimeField()
    action = models.CharField(max_length=80)
    outcome = models.CharField(max_length=16)
    actor_kind = models.CharField(max_length=16)
    actor_id = models.CharField(max_length=64)
    target_type = models.CharField(max_length=80)
    target_id = models.CharField(max_length=64)
    unit_id = models.UUIDField(null=True)
    request_id = models.CharField(max_length=64, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["target_type", "target_id", "-time"], name="audit_event_target"),
            models.Index(fields=["-time"], name="audit_event_time"),
            models.Index(fields=["actor_id", "-time"], name="audit_event_actor"),
            models.Index(fields=["action", "-time"], name="audit_event_action"),
            models.Index(fields=["unit_id", "-time"], name="audit_event_unit"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.target_type}/{self.target_id}"


class Disclosure(models.Model):
    """A personal or free-text field of an event, kept apart (RFC 9901 form) so that it can be erased.

    The event holds only its salted digest; deleting the row takes the salt with it.
    """

    event = models.ForeignKey(Event, on_delete=models.DO_NOTHING, related_name="disclosures")
    digest = models.CharField(max_length=43)
    disclosure = models.TextField()
    subject_id = models.CharField(max_length=64, blank=True)  # whom an erasure would concern

    class Meta:
        constraints = [models.UniqueConstraint(fields=["event", "digest"], name="audit_disclosure_once")]
        indexes = [models.Index(fields=["subject_id"], name="audit_disclosure_subject")]

    def __str__(self) -> str:
        return f"disclosure of {self.event_id}"


class QueueEntry(models.Model):
    """An event that waits for its place in the Merkle log. Inserted with the event, deleted when sequenced."""

    event = models.OneToOneField(Event, on_delete=models.DO_NOTHING, related_name="queue_entry")

    def __str__(self) -> str:
        return f"queued {self.event_id}"


class Export(models.Model):
    """Evidence that somebody asked for. Work in a row: waiting, leased until, done or dead; the broker only rings."""

    id = models.UUIDField(primary_key=True, default=ids.uuid7)
    asked_by = models.CharField(max_length=64)
    grants = models.JSONField()  # the rights of who asked, as they were then
    reason = models.TextField(max_length=500)
    datasets = models.JSONField()
    formats = models.JSONField()
    as_of = models.DateTimeField()
    start = models.DateTimeField()
    end = models.DateTimeField()
    state = models.CharField(max_length=16, default="waiting")  # waiting, running, done, dead, expired
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField()  # when it may be taken; while running, the end of the lease
    rows = models.PositiveBigIntegerField(default=0)  # written so far
    size = models.PositiveBigIntegerField(null=True)  # bytes of the archive
    digest = models.CharField(max_length=64, blank=True)  # SHA-256 of the archive
    manifest = models.JSONField(null=True)
    problem = models.CharField(max_length=300, blank=True)
    asked_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["state", "due_at"], name="audit_export_due"),
            models.Index(fields=["-asked_at"], name="audit_export_asked"),
        ]

    def __str__(self) -> str:
        return f"export {self.id}"


class ExportPart(models.Model):
    """A piece of an archive: in the database, so that any web process can hand out what any worker made."""

    export = models.ForeignKey(Export, on_delete=models.CASCADE, related_name="parts")
    number = models.PositiveIntegerField()
    data = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["export", "number"], name="audit_exportpart_once")]

    def __str__(self) -> str:
        return f"part {self.number} of {self.export_id}"
