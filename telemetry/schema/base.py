"""What every table of the record is made of: names, types, units."""

from __future__ import annotations

import sqlalchemy as sa

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

Big = sa.BigInteger()
Day = sa.Integer()
Word = sa.String(64)
Name = sa.String(256)
Id8 = sa.LargeBinary(8)
Id16 = sa.LargeBinary(16)
Digest = sa.LargeBinary(32)
Json = sa.Text()  # written and read as JSON text: the same on every engine, and COPY takes it as it is
