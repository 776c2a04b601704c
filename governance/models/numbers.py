"""Numbers that people read out: V-0042. Without gaps, because a missing one would ask for an explanation."""

from __future__ import annotations

from django.db import models


class Counter(models.Model):
    """The last number given in a series. Whoever locks the row gives the next ones."""

    series = models.CharField(primary_key=True, max_length=16)
    last = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.series}-{self.last:04}"
