"""Decimal numbers that every database keeps exactly: stored as whole numbers, read as decimals."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import DecimalValidator, MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

MOST = 10**18
"""The largest whole number stored, far inside 64 bits."""


class ExactDecimal(models.Field):  # type: ignore[type-arg]  # the stubs' field knows no decimal over an integer column
    """A decimal with at most `places` decimals, never negative, stored as an integer of its smallest steps.

    SQLite keeps decimals as floating point and would round a price; an integer it keeps.
    """

    def __init__(self, *args: Any, places: int, least: Decimal | int = 0, **options: Any) -> None:
        self.places = places
        self.least = least
        super().__init__(*args, **options)

    def deconstruct(self) -> tuple[str, str, Any, Any]:
        """What a migration writes down."""
        name, path, args, options = super().deconstruct()
        return name, path, args, {**options, "places": self.places, "least": self.least}

    def get_internal_type(self) -> str:
        """The column is a 64-bit integer."""
        return "BigIntegerField"

    @property
    def validators(self) -> list[Any]:
        """Not below the least, not beyond what is stored exactly, not finer than the smallest step."""
        largest = Decimal(MOST).scaleb(-self.places)
        return [
            *super().validators,
            MinValueValidator(self.least),
            MaxValueValidator(largest, _("This number is too large.")),
            DecimalValidator(19, self.places),
        ]

    def from_db_value(self, value: int | None, *_context: object) -> Decimal | None:
        """What stands in the column, as the decimal that was meant."""
        return None if value is None else tidy(Decimal(value).scaleb(-self.places))

    def to_python(self, value: Any) -> Decimal | None:
        """A number or a text as a decimal. Raises ValidationError for anything else."""
        if value is None or value == "":
            return None
        try:
            number = value if isinstance(value, Decimal) else Decimal(str(value))
        except InvalidOperation:
            number = Decimal("NaN")
        if not number.is_finite() or abs(number.adjusted()) > 18:
            raise ValidationError(_("This is not a number."), code="invalid")
        return tidy(number)

    def get_prep_value(self, value: Any) -> int | None:
        """The whole number of smallest steps."""
        number = self.to_python(super().get_prep_value(value))
        return None if number is None else int(number.scaleb(self.places))


def tidy(number: Decimal) -> Decimal:
    """The same number in one spelling: no zeros at the end, no exponent."""
    short = number.normalize()
    exponent = short.as_tuple().exponent
    return short.quantize(Decimal(1)) if isinstance(exponent, int) and exponent > 0 else short
