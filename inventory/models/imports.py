"""Files that somebody wants to bring into the register, kept until they do or a day has passed."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from kernel import ids


class ImportDraft(models.Model):
    """A file that is being tried. It is no row of the register: dropped when it was applied."""

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    asked_by = models.CharField(max_length=64)
    name = models.CharField(_("file"), max_length=200)
    table = models.CharField(max_length=32, blank=True)
    data = models.BinaryField()
    digest = models.CharField(max_length=64)
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        verbose_name = _("file to import")
        verbose_name_plural = _("files to import")

    def __str__(self) -> str:
        return self.name
