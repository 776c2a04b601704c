"""The price book: list prices of providers with their history, and the organisation's own prices over them."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from inventory.models.amounts import ExactDecimal
from inventory.models.base import Dated, in_order
from inventory.models.endpoints import Endpoint
from kernel import ids

AMOUNTS = (
    "input_price", "output_price", "cache_read_price", "cache_write_price", "reasoning_price", "request_price", "unit_price",
)  # fmt: skip


class PriceBook(models.Model):
    """One edition of a list of prices, as it was imported. Editions stay: what was priced by one can be looked up."""

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    source = models.CharField(_("source"), max_length=80)
    edition = models.CharField(_("edition"), max_length=40)
    digest = models.CharField("SHA-256", max_length=64, unique=True)
    fallbacks = models.JSONField(default=dict)  # provider → those whose models it sells
    left_out = models.JSONField(default=list)  # what the source knows and the book does not, in words
    entry_count = models.PositiveIntegerField(_("prices"))
    imported_at = models.DateTimeField(_("imported"))

    class Meta:
        verbose_name = _("price book")
        verbose_name_plural = _("price books")
        indexes = [models.Index(fields=["-imported_at"], name="inventory_pricebook_imported")]

    def __str__(self) -> str:
        return f"{self.source} {self.edition}"


class PriceEntry(models.Model):
    """One list price. Rows are inserted with their edition and never changed."""

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    book = models.ForeignKey(PriceBook, on_delete=models.PROTECT, related_name="entries")
    position = models.PositiveIntegerField()  # the order in which rules are asked
    provider = models.CharField(_("provider"), max_length=64)
    model = models.CharField(_("model"), max_length=200)
    match = models.JSONField()
    context = models.CharField(_("context"), max_length=32, blank=True)
    rates = models.JSONField()
    valid_from = models.DateField(_("from"), null=True)
    valid_until = models.DateField(_("until"), null=True)

    class Meta:
        verbose_name = _("list price")
        verbose_name_plural = _("list prices")
        indexes = [
            models.Index(fields=["book", "position"], name="inventory_priceentry_order"),
            models.Index(fields=["book", "provider", "model"], name="inventory_priceentry_model"),
        ]

    def __str__(self) -> str:
        return f"{self.provider} {self.model}"


def _dollars(label: object) -> ExactDecimal:
    return ExactDecimal(label, places=9, null=True, blank=True)


class OwnPrice(Dated):
    """What the organisation really pays for a model, by contract, during [valid_from, valid_until)."""

    provider = models.CharField(_("provider"), max_length=64)
    model = models.CharField(
        _("model"), max_length=200, help_text=_("As telemetry names it, or its beginning with a * behind it.")
    )
    endpoint = models.ForeignKey(
        Endpoint,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="own_prices",
        verbose_name=_("endpoint"),
        help_text=_("Empty: wherever the model answers."),
    )
    input_price = _dollars(_("input, USD per million tokens"))
    output_price = _dollars(_("output, USD per million tokens"))
    cache_read_price = _dollars(_("cached input, USD per million tokens"))
    cache_write_price = _dollars(_("cache writing, USD per million tokens"))
    reasoning_price = _dollars(_("reasoning, USD per million tokens"))
    request_price = _dollars(_("USD per call"))
    unit_price = _dollars(_("USD per unit of its own"))
    note = models.TextField(_("note"), blank=True, max_length=4000)

    class Meta:
        verbose_name = _("own price")
        verbose_name_plural = _("own prices")
        constraints = [
            in_order("inventory_ownprice"),
            models.CheckConstraint(
                condition=~Q(provider="") & ~Q(model=""), name="inventory_ownprice_names_a_model"
            ),
            models.CheckConstraint(
                condition=Q(*((f"{name}__isnull", False) for name in AMOUNTS), _connector=Q.OR),
                name="inventory_ownprice_says_a_price",
                violation_error_message=_("Give at least one price; 0 is a price as well."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.provider} {self.model}"

    def clean(self) -> None:
        """A star stands at the end alone."""
        if "*" in self.model[:-1]:
            raise ValidationError({"model": _("A * may stand at the end alone.")})
