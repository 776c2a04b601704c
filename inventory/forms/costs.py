"""Forms of what no price list knows: cost profiles, seat prices, exchange rates, and how months are told."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.utils.translation import gettext_lazy as _

from inventory.domain.words import HardwareBasis
from inventory.forms.fields import DayField, Label, RefField, word
from inventory.forms.nouns import NounForm
from inventory.models import labels

_ISO = _("Three capital letters, such as EUR.")
_NOT_GIVEN = _("Empty: not given.")


class AmountField(forms.DecimalField):
    """A decimal number, shown as it was typed: without zeros at its end."""

    def __init__(
        self,
        *,
        label: Label,
        places: int,
        required: bool = False,
        help_text: Label = "",
        initial: Decimal | None = None,
    ) -> None:
        super().__init__(
            label=label, required=required, help_text=help_text, min_value=Decimal(0), max_digits=19,
            decimal_places=places, initial=initial,
        )  # fmt: skip

    def prepare_value(self, value: Any) -> Any:
        return f"{value:f}" if isinstance(value, Decimal) else value


def currency(label: Label, *, help_text: Label = _ISO) -> forms.CharField:
    """A currency by its code."""
    return forms.CharField(label=label, min_length=3, max_length=3, help_text=help_text)


class CostProfileForm(NounForm):
    endpoint = RefField(label=_("Endpoint"), kind="endpoint", required=True)
    basis = word(_("Basis"), labels.HARDWARE_BASIS, initial=HardwareBasis.OWNED)
    currency = currency(_("Currency"))
    machines = forms.IntegerField(
        label=_("Machines"), min_value=1, initial=1, help_text=_("How many alike stand behind the endpoint.")
    )
    slots = forms.IntegerField(
        label=_("Calls at once, per machine"),
        min_value=1,
        initial=1,
        help_text=_("A call takes this share of its machine while it runs."),
    )
    availability = AmountField(
        label=_("Planned availability (%)"),
        places=2,
        required=True,
        initial=Decimal(100),
        help_text=_("The share of all hours for which a machine is planned to run."),
    )
    purchase_price = AmountField(
        label=_("Purchase price of one machine"), places=2, help_text=_("For owned machines.")
    )
    life_years = AmountField(label=_("Expected life (years)"), places=2, help_text=_("For owned machines."))
    rent_per_hour = AmountField(label=_("Rent per hour"), places=6, help_text=_("For rented machines."))
    power_watts = forms.IntegerField(
        label=_("Power (W)"),
        min_value=0,
        required=False,
        help_text=_("What a machine draws on average while it is planned to run. Empty: not given."),
    )
    tariff = AmountField(label=_("Tariff per kWh"), places=6, help_text=_NOT_GIVEN)
    pue = AmountField(
        label=_("PUE"),
        places=3,
        required=True,
        initial=Decimal(1),
        help_text=_("All power of the site over that of its machines; 1 where nothing is lost."),
    )
    fixed_per_hour = AmountField(
        label=_("Other fixed cost per hour"),
        places=6,
        required=True,
        initial=Decimal(0),
        help_text=_("Housing, network, maintenance, staff, for one machine."),
    )
    valid_from = DayField(label=_("From"), help_text=_("Empty: as long as known."))
    valid_until = DayField(label=_("Until"), help_text=_("Empty: it has no end."))
    note = forms.CharField(
        label=_("Note"), max_length=4000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )


class SeatPriceForm(NounForm):
    name = forms.CharField(label=_("Plan"), max_length=200, help_text=_("What the vendor calls it."))
    system = RefField(label=_("AI system"), kind="system")
    vendor = RefField(label=_("Vendor"), kind="entity")
    currency = currency(_("Currency"))
    price_per_month = AmountField(label=_("Price per seat and month"), places=6, required=True)
    seats = forms.IntegerField(label=_("Seats"), min_value=0)
    valid_from = DayField(label=_("From"), help_text=_("Empty: as long as known."))
    valid_until = DayField(label=_("Until"), help_text=_("Empty: it has no end."))
    note = forms.CharField(
        label=_("Note"), max_length=4000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )


class OwnPriceForm(NounForm):
    provider = forms.CharField(
        label=_("Provider"), max_length=64, help_text=_("As telemetry names it, such as openai or azure.")
    )
    model = forms.CharField(
        label=_("Model"),
        max_length=200,
        help_text=_("As telemetry names it, or its beginning with a * behind it."),
    )
    endpoint = RefField(
        label=_("Endpoint"), kind="endpoint", help_text=_("Empty: wherever the model answers.")
    )
    input_price = AmountField(label=_("Input, USD per million tokens"), places=9)
    output_price = AmountField(label=_("Output, USD per million tokens"), places=9)
    cache_read_price = AmountField(label=_("Cached input, USD per million tokens"), places=9)
    cache_write_price = AmountField(label=_("Cache writing, USD per million tokens"), places=9)
    reasoning_price = AmountField(label=_("Reasoning, USD per million tokens"), places=9)
    request_price = AmountField(label=_("USD per call"), places=9)
    unit_price = AmountField(label=_("USD per unit of its own"), places=9)
    valid_from = DayField(label=_("From"), help_text=_("Empty: as long as known."))
    valid_until = DayField(label=_("Until"), help_text=_("Empty: it has no end."))
    note = forms.CharField(
        label=_("Note"), max_length=4000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )


class DateField(forms.DateField):
    """A calendar day, as a day."""

    def __init__(self, *, label: Label, help_text: Label = "") -> None:
        super().__init__(
            label=label,
            help_text=help_text,
            widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        )

    def prepare_value(self, value: Any) -> Any:
        return value.isoformat() if isinstance(value, date) else value


class ExchangeRateForm(NounForm):
    currency = currency(_("Currency"))
    day = DateField(label=_("From"), help_text=_("It holds until the next rate of the currency."))
    usd_per_unit = AmountField(
        label=_("US dollars for one unit"), places=9, required=True, help_text=_("Such as 1.0834 for EUR.")
    )
    source = forms.CharField(
        label=_("Source"), max_length=200, required=False, help_text=_("Who says so, such as a central bank.")
    )


class CostSettingsForm(NounForm):
    currency = currency(
        _("Reporting currency"),
        help_text=_("Costs are counted in US dollars and shown in this currency, at dated rates."),
    )
    zone = forms.ChoiceField(
        label=_("Time zone of a month"),
        choices=lambda: [(name, name) for name in sorted(available_timezones())],
        help_text=_("A month begins at midnight there; budgets and figures of a month follow it."),
    )
