"""What every row of the register has, and how its columns are constrained."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils.deconstruct import deconstructible
from django.utils.translation import gettext_lazy as _

from kernel import ids

NAME_LENGTH = 200
SLUG_LENGTH = 80
WORD_LENGTH = 32

country_code = RegexValidator(r"\A[A-Z]{2}\Z", _("Use the two capital letters of ISO 3166-1, such as FR."))
most = MaxValueValidator(2**53, _("This number is too large."))  # beyond it, JSON readers lose digits
region_code = RegexValidator(
    r"\A[A-Za-z0-9][A-Za-z0-9._-]{0,62}\Z", _("Use letters, digits, dots, hyphens and underscores.")
)


class Kept(models.Model):
    """A row that is retired and never deleted, with a version for optimistic locking."""

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    updated_at = models.DateTimeField(_("changed"), auto_now=True)
    retired_at = models.DateTimeField(_("retired"), null=True, blank=True, editable=False)

    class Meta:
        abstract = True


class Named(Kept):
    """A noun of the register: a name for people, a slug for machines."""

    name = models.CharField(_("name"), max_length=NAME_LENGTH)
    slug = models.SlugField(_("short name"), max_length=SLUG_LENGTH, unique=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name


class Dated(Kept):
    """A relation that holds from a moment to a moment, [valid_from, valid_until). NULL is an open end."""

    valid_from = models.DateTimeField(_("from"), null=True, blank=True)
    valid_until = models.DateTimeField(_("until"), null=True, blank=True)

    class Meta:
        abstract = True


def _require_list_of_text(value: Any) -> None:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise ValidationError(_("This must be a list of texts."))
    if len(set(value)) != len(value):
        raise ValidationError(_("The same entry stands here twice."))


@deconstructible
class EachOf:
    """Validates a JSON list of words, each from a closed vocabulary, none twice."""

    def __init__(self, words: Iterable[str]) -> None:
        self.words = tuple(str(word) for word in words)

    def __call__(self, value: Any) -> None:
        _require_list_of_text(value)
        unknown = [item for item in value if item not in self.words]
        if unknown:
            raise ValidationError(_("Not one of the known words: %(word)s"), params={"word": unknown[0]})

    def __eq__(self, other: object) -> bool:
        return isinstance(other, EachOf) and self.words == other.words

    def __hash__(self) -> int:
        return hash(self.words)


@deconstructible
class EachText:
    """Validates a JSON list of texts, none twice, each of a bounded length and not empty."""

    def __init__(self, *, longest: int, most: int = 100) -> None:
        self.longest = longest
        self.most = most

    def __call__(self, value: Any) -> None:
        _require_list_of_text(value)
        if len(value) > self.most:
            raise ValidationError(_("At most %(most)s entries."), params={"most": self.most})
        if any(not item.strip() or len(item) > self.longest for item in value):
            raise ValidationError(
                _("Each entry needs 1 to %(longest)s characters."), params={"longest": self.longest}
            )

    def __eq__(self, other: object) -> bool:
        return isinstance(other, EachText) and (self.longest, self.most) == (other.longest, other.most)

    def __hash__(self) -> int:
        return hash((self.longest, self.most))


def word_list(label: Any, vocabulary: type[StrEnum], **options: Any) -> models.JSONField[Any, Any]:
    """A column that holds a list of words from a vocabulary, as JSON."""
    return models.JSONField(label, default=list, blank=True, validators=[EachOf(vocabulary)], **options)


def text_list(label: Any, *, longest: int, **options: Any) -> models.JSONField[Any, Any]:
    """A column that holds a list of short texts, as JSON."""
    return models.JSONField(
        label, default=list, blank=True, validators=[EachText(longest=longest)], **options
    )


def word(label: Any, labels: Mapping[Any, Any], **options: Any) -> models.CharField[Any, Any]:
    """A column that holds one word of a vocabulary, with its labels as choices."""
    choices = [(key.value, text) for key, text in labels.items()]
    return models.CharField(label, max_length=WORD_LENGTH, choices=choices, **options)


def known(table: str, field: str, vocabulary: type[StrEnum]) -> models.CheckConstraint:
    """The database refuses a word that is not in the vocabulary."""
    values = [member.value for member in vocabulary]
    return models.CheckConstraint(condition=Q(**{f"{field}__in": values}), name=f"{table}_{field}_known")


def named(table: str) -> models.CheckConstraint:
    """The database refuses an empty name."""
    return models.CheckConstraint(condition=~Q(name=""), name=f"{table}_has_name")


def one_name(table: str, *within: str) -> models.UniqueConstraint:
    """Among those not retired, a name is used once, whatever its case (within the given columns)."""
    return models.UniqueConstraint(
        Lower("name"),
        *within,
        condition=Q(retired_at__isnull=True),
        name=f"{table}_one_name",
        violation_error_message=_("Another one already has this name."),
    )


def in_order(table: str) -> models.CheckConstraint:
    """The database refuses an interval that ends before it begins."""
    return models.CheckConstraint(
        condition=Q(valid_from__isnull=True)
        | Q(valid_until__isnull=True)
        | Q(valid_from__lt=F("valid_until")),
        name=f"{table}_from_before_until",
        violation_error_message=_("The end must lie after the beginning."),
    )


def once(table: str, *fields: str) -> models.UniqueConstraint:
    """The same relation is open at most once."""
    return models.UniqueConstraint(
        fields=fields,
        condition=Q(retired_at__isnull=True, valid_until__isnull=True),
        nulls_distinct=False,
        name=f"{table}_open_once",
        violation_error_message=_("This is already so."),
    )


def not_itself(table: str, one: str, other: str) -> models.CheckConstraint:
    """The database refuses a relation of a thing with itself."""
    return models.CheckConstraint(
        condition=~Q(**{one: F(other)}),
        name=f"{table}_not_itself",
        violation_error_message=_("A thing cannot stand in this relation to itself."),
    )
