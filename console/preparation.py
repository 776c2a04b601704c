"""What must stand before any process starts: both databases at their newest shape, texts and static files built."""

from __future__ import annotations

import hashlib
import io
import time
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.migrations.executor import MigrationExecutor

from console import catalogues
from console.processes.voice import Voice
from kernel.actor import system_actor
from telemetry import store

Step = Callable[[], str]


def prepare(voice: Voice) -> None:
    """Bring everything up to date; says what it does and how long it took. Safe to repeat; quick when all is done."""
    for title, step in (
        ("register", migrate_register),
        ("record", migrate_record),
        ("guardrails", make_default_profile),
        ("price book", import_prices),
        ("texts", compile_texts),
        ("static files", collect_static),
    ):
        began = time.monotonic()
        outcome = step()
        voice.say(f"{title}: {outcome} ({time.monotonic() - began:.1f} s)")


def migrate_register() -> str:
    """Run Django's migrations. Returns what was done, in words."""
    executor = MigrationExecutor(connections[DEFAULT_DB_ALIAS])
    waiting = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    if waiting:
        call_command("migrate", verbosity=0, interactive=False)
    return f"{waiting} migrations applied" if waiting else "up to date"


def migrate_record() -> str:
    """Run the record's Alembic chain. Returns what was done, in words."""
    url = settings.TUTELA.record_url
    try:
        store.check(url)
    except store.NotMigrated:
        store.migrate(url)
        return "migrated"
    return "up to date"


def make_default_profile() -> str:
    """Make the guardrail profile of whoever has none of their own. Returns what was done, in words."""
    from guardrails.models import GuardrailProfile
    from guardrails.services import ensure_default_profile

    if GuardrailProfile.objects.filter(is_default=True).exists():
        return "up to date"
    ensure_default_profile(system_actor("preparation"))
    return "default profile made"


def import_prices() -> str:
    """Take the list prices of the installed package in, where they are newer than the book. Returns what was done."""
    from inventory.adapters.genai_prices import installed_edition
    from inventory.queries.prices import newest_book
    from inventory.services.prices import import_price_book

    book = newest_book()
    if book is not None and book.edition == installed_edition():
        return "up to date"
    import_price_book(system_actor("preparation"))
    book = newest_book()
    return f"{book.entry_count:,} list prices of {book} imported" if book else "nothing imported"


def compile_texts() -> str:
    """Compile the message catalogues that are newer than what was made of them."""
    made = catalogues.compile_all(settings.BASE_DIR)
    return f"{made} catalogues compiled" if made else "up to date"


def collect_static() -> str:
    """Gather, name by content and compress the static files, unless the sources are what they were last time."""
    stamp, fingerprint = Path(settings.STATIC_ROOT) / ".sources", _static_fingerprint()
    if stamp.exists() and stamp.read_text("ascii") == fingerprint:
        return "up to date"
    call_command("collectstatic", verbosity=0, interactive=False, clear=True, stdout=io.StringIO())
    stamp.write_text(fingerprint, "ascii")
    return "collected"


def _static_fingerprint() -> str:
    """Names, sizes and times of all static sources."""
    digest = hashlib.sha256()
    for finder in get_finders():
        for path, storage in finder.list(ignore_patterns=None):
            state = Path(storage.path(path)).stat()
            digest.update(f"{path}\0{state.st_size}\0{state.st_mtime_ns}\n".encode())
    return digest.hexdigest()
