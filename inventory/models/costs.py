"""What things cost that no price list knows: machines of one's own, seats, currencies; and how months are told."""

from __future__ import annotations

from decimal import Decimal
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from inventory.domain.words import HardwareBasis
from inventory.models import labels
from inventory.models.amounts import ExactDecimal
from inventory.models.base import Dated, Kept, in_order, known, most, word
from inventory.models.endpoints import Endpoint
from inventory.models.organisation import LegalEntity
from inventory.models.systems import System

currency_code = RegexValidator(r"\A[A-Z]{3}\Z", _("Use the three capital letters of ISO 4217, such as EUR."))
not_the_dollar = RegexValidator(
    r"\AUSD\Z", _("Costs are counted in US dollars: there is no rate for them."), inverse_match=True
)
at_least_one = MinValueValidator(1)


def known_zone(value: str) -> None:
    """Refuse a time zone that the tz database does not have."""
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError) as error:
        raise ValidationError(_("There is no such time zone. Write it as Europe/Paris.")) from error


def _currency() -> models.CharField[str, str]:
    return models.CharField(_("currency"), max_length=3, validators=[currency_code])


class CostProfile(Dated):
    """What an hour of one machine behind an endpoint costs, during [valid_from, valid_until)."""

    endpoint = models.ForeignKey(
        Endpoint, on_delete=models.PROTECT, related_name="cost_profiles", verbose_name=_("endpoint")
    )
    basis = word(_("basis"), labels.HARDWARE_BASIS, default=HardwareBasis.OWNED)
    currency = _currency()
    machines = models.PositiveIntegerField(_("machines"), default=1, validators=[at_least_one, most])
    slots = models.PositiveIntegerField(
        _("calls at once, per machine"), default=1, validators=[at_least_one, MaxValueValidator(100_000)]
    )
    availability = ExactDecimal(
        _("planned availability (%)"),
        places=2,
        least=Decimal("0.01"),
        default=Decimal(100),
        validators=[MaxValueValidator(100)],
    )
    purchase_price = ExactDecimal(_("purchase price of one machine"), places=2, null=True, blank=True)
    life_years = ExactDecimal(
        _("expected life (years)"), places=2, least=Decimal("0.01"), null=True, blank=True
    )
    rent_per_hour = ExactDecimal(_("rent per hour"), places=6, null=True, blank=True)
    power_watts = models.PositiveIntegerField(
        _("power (W)"), null=True, blank=True, validators=[MaxValueValidator(10_000_000)]
    )
    tariff = ExactDecimal(_("tariff per kWh"), places=6, null=True, blank=True)
    pue = ExactDecimal(
        _("PUE"), places=3, least=Decimal(1), default=Decimal(1), validators=[MaxValueValidator(10)]
    )
    fixed_per_hour = ExactDecimal(_("other fixed cost per hour"), places=6, default=Decimal(0))
    note = models.TextField(_("note"), blank=True, max_length=4000)

    class Meta:
        verbose_name = _("cost profile")
        verbose_name_plural = _("cost profiles")
        constraints = [
            known("inventory_costprofile", "basis", HardwareBasis),
            in_order("inventory_costprofile"),
            models.CheckConstraint(
                condition=~Q(basis=HardwareBasis.OWNED)
                | Q(purchase_price__isnull=False, life_years__isnull=False, rent_per_hour__isnull=True),
                name="inventory_costprofile_owned_says_price",
                violation_error_message=_(
                    "An owned machine has a purchase price and an expected life, and no rent."
                ),
            ),
            models.CheckConstraint(
                condition=~Q(basis=HardwareBasis.RENTED)
                | Q(rent_per_hour__isnull=False, purchase_price__isnull=True, life_years__isnull=True),
                name="inventory_costprofile_rented_says_rent",
                violation_error_message=_("A rented machine has a rent per hour, and no purchase price."),
            ),
            models.CheckConstraint(
                condition=Q(power_watts__isnull=True, tariff__isnull=True)
                | Q(power_watts__isnull=False, tariff__isnull=False),
                name="inventory_costprofile_power_and_tariff",
                violation_error_message=_("Give the power with its tariff, or neither."),
            ),
        ]

    def __str__(self) -> str:
        return str(self.endpoint.name)


class SeatPrice(Dated):
    """AI that is bought by the seat: what a seat costs per month, how many there are, for which system."""

    name = models.CharField(_("plan"), max_length=200)
    system = models.ForeignKey(
        System,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="seat_prices",
        verbose_name=_("AI system"),
    )
    vendor = models.ForeignKey(
        LegalEntity,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="seat_prices",
        verbose_name=_("vendor"),
    )
    currency = _currency()
    price_per_month = ExactDecimal(_("price per seat and month"), places=6)
    seats = models.PositiveIntegerField(_("seats"), validators=[most])
    note = models.TextField(_("note"), blank=True, max_length=4000)

    class Meta:
        verbose_name = _("seat price")
        verbose_name_plural = _("seat prices")
        constraints = [
            models.CheckConstraint(condition=~Q(name=""), name="inventory_seatprice_has_name"),
            in_order("inventory_seatprice"),
            models.CheckConstraint(
                condition=Q(system__isnull=False) | Q(vendor__isnull=False),
                name="inventory_seatprice_says_whose",
                violation_error_message=_("Say for which system the seats are, or from which vendor."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ExchangeRate(Kept):
    """How many US dollars one unit of a currency is, from a day on until the next rate."""

    currency = models.CharField(_("currency"), max_length=3, validators=[currency_code, not_the_dollar])
    day = models.DateField(_("from"))
    usd_per_unit = ExactDecimal(_("US dollars for one unit"), places=9, least=Decimal("0.000000001"))
    source = models.CharField(_("source"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("exchange rate")
        verbose_name_plural = _("exchange rates")
        constraints = [
            models.CheckConstraint(condition=Q(usd_per_unit__gt=0), name="inventory_exchangerate_positive"),
            models.UniqueConstraint(
                fields=["currency", "day"],
                condition=Q(retired_at__isnull=True),
                name="inventory_exchangerate_one_a_day",
                violation_error_message=_("There is a rate of this currency for this day already."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.currency} {self.day}"


class CostSettings(Kept):
    """In which currency costs are shown, and where a month begins. One row; without it, US dollars and UTC."""

    only = models.BooleanField(default=True, unique=True, editable=False)
    currency = models.CharField(
        _("reporting currency"), max_length=3, default="USD", validators=[currency_code]
    )
    zone = models.CharField(_("time zone of a month"), max_length=64, default="UTC", validators=[known_zone])

    class Meta:
        verbose_name = _("cost settings")
        verbose_name_plural = _("cost settings")
        constraints = [models.CheckConstraint(condition=Q(only=True), name="inventory_costsettings_only")]

    def __str__(self) -> str:
        return f"{self.currency}, {self.zone}"
