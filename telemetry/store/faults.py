"""What a database error means for the request that met it."""

from __future__ import annotations

import sqlite3
from enum import Enum

import psycopg
import sqlalchemy as sa

DATABASE_ERRORS = (sa.exc.SQLAlchemyError, sqlite3.Error, psycopg.Error, OverflowError)
"""Bulk writes go past SQLAlchemy, so that the drivers' own errors come as well. OverflowError: SQLite's 64 bits."""

_RETRY = {"40001", "40P01", "55P03"}  # serialization failure, deadlock, lock not available
_NO_PARTITION = "23514"
_VALUES = ("22", "23")  # data exceptions, constraints


class Fault(Enum):
    RETRY = "retry"
    NO_PARTITION = "no partition"
    UNSTORABLE = "unstorable"
    UNAVAILABLE = "unavailable"


def fault_of(error: BaseException) -> Fault:
    """Whether to try again, to refuse the values for good, or to say that the store is not there."""
    cause = error.orig if isinstance(error, sa.exc.DBAPIError) and error.orig is not None else error
    state = getattr(cause, "sqlstate", None)
    if isinstance(state, str):
        return _of_state(state)
    values = (sqlite3.IntegrityError, sqlite3.DataError, sqlite3.InterfaceError, sqlite3.ProgrammingError)
    if isinstance(cause, (*values, OverflowError, psycopg.DataError)):
        return Fault.UNSTORABLE
    return Fault.UNAVAILABLE


def _of_state(state: str) -> Fault:
    if state in _RETRY:
        return Fault.RETRY
    if state == _NO_PARTITION:
        return Fault.NO_PARTITION
    return Fault.UNSTORABLE if state[:2] in _VALUES else Fault.UNAVAILABLE
