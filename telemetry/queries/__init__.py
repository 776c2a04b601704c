"""Reading the record: a bounded number of bounded queries each, always within a stretch of time, answered as values.

Every function takes a SQLAlchemy connection first and works on SQLite and PostgreSQL. What a reader may see comes in
as a scope of senders; who that reader is, is not known here.
"""

from __future__ import annotations
