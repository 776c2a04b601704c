"""Triggers that make ledger tables append-only, on SQLite and PostgreSQL.

They stop mistakes and ordinary SQL. Who may drop a trigger may change a row: that is what the Merkle log is for.
"""

from __future__ import annotations

from django.db import connections

APPEND_ONLY_TABLES = ("audit_event",)
UPDATE_ONLY_REFUSED_TABLES = ("audit_disclosure",)  # erasure deletes disclosures; nothing may rewrite one
_SAME_ROW = {
    "audit_event": "id = NEW.id",
    "audit_disclosure": "id = NEW.id OR (event_id = NEW.event_id AND digest = NEW.digest)",
}

_MESSAGE = "the ledger is append-only: {table} refuses {operation}"


def install(using: str) -> None:
    """Create or replace the triggers on the given database alias. Safe to call again."""
    connection = connections[using]
    statements = _postgresql() if connection.vendor == "postgresql" else _sqlite()
    tables = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        for table, statement in statements:
            if table in tables:
                cursor.execute(statement)


def _refusals() -> list[tuple[str, str]]:
    both = [(table, operation) for table in APPEND_ONLY_TABLES for operation in ("UPDATE", "DELETE")]
    return both + [(table, "UPDATE") for table in UPDATE_ONLY_REFUSED_TABLES]


def _sqlite() -> list[tuple[str, str]]:
    return _sqlite_replacements() + [
        (
            table,
            (
                f"CREATE TRIGGER IF NOT EXISTS {table}_no_{operation.lower()} BEFORE {operation} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{_MESSAGE.format(table=table, operation=operation)}'); END"
            ),
        )
        for table, operation in _refusals()
    ]


def _sqlite_replacements() -> list[tuple[str, str]]:
    """INSERT OR REPLACE deletes the row that is in its way without asking the triggers on DELETE."""
    return [
        (
            table,
            (
                f"CREATE TRIGGER IF NOT EXISTS {table}_no_replace BEFORE INSERT ON {table} "  # noqa: S608  # our own names
                f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {same}) "
                f"BEGIN SELECT RAISE(ABORT, '{_MESSAGE.format(table=table, operation='REPLACE')}'); END"
            ),
        )
        for table, same in _SAME_ROW.items()
    ]


def _postgresql() -> list[tuple[str, str]]:
    function = (
        "CREATE OR REPLACE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "RAISE EXCEPTION 'the ledger is append-only: % refuses %', TG_TABLE_NAME, TG_OP; END $$"
    )
    found = [(APPEND_ONLY_TABLES[0], function)]
    found += [
        (
            table,
            (
                f"CREATE OR REPLACE TRIGGER {table}_no_{operation.lower()} BEFORE {operation} ON {table} "
                "FOR EACH ROW EXECUTE FUNCTION audit_refuse()"
            ),
        )
        for table, operation in _refusals()
    ]
    found += [
        (
            table,
            (
                f"CREATE OR REPLACE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()"
            ),
        )
        for table in APPEND_ONLY_TABLES
    ]
    return found
