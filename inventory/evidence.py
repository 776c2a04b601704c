"""The register as evidence: every noun, as it was at a moment."""

from __future__ import annotations

from functools import partial

from audit import evidence
from audit.evidence import Dataset
from audit.evidence.rows import Kept
from inventory.services import nouns
from inventory.services.writing import sees
from kernel.actor import Permission

_LEFT_OUT = frozenset({"version", "created_at", "updated_at"})


def register_all() -> None:
    """Called once, when the app is ready."""
    for order, noun in enumerate(nouns.ALL):
        kept = Kept(
            noun.model, noun.kind, "created_at", partial(sees, noun), left_out=_LEFT_OUT | noun.unrecorded
        )
        name = f"register.{noun.kind.partition('.')[2]}"
        label = noun.model._meta.verbose_name_plural or noun.kind
        evidence.register(Dataset(name, label, Permission.REGISTER_READ, kept.read, order=order))
