"""What costs are asked by."""

from __future__ import annotations

import sqlalchemy as sa
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from inventory.filters import relation
from kernel import clock
from telemetry.filters import LONGEST_LOOK_BACK_NS
from telemetry.queries.spending import Hours, SpendBy, values_seen
from telemetry.services.estate import Estate
from telemetry.services.spending import Telling
from telemetry.tables.costs import BASIS_WORDS, BY_WORDS, STATUS_WORDS
from ui import formats
from ui.filters import Choice, ChoiceFilter, DateRangeFilter, Filter
from ui.icons import TIERS

MOST_MONTHS = 36


def cost_filters(connection: sa.Connection, estate: Estate, telling: Telling) -> list[Filter]:
    """What costs are asked by. Values that calls name are those of the last 400 days; `?` asks for the unnamed."""
    now = telling.month()
    hours = Hours(
        telling.hours_of(now).end - LONGEST_LOOK_BACK_NS // clock.NANOSECONDS_PER_HOUR,
        telling.hours_of(now).end,
    )
    months = [now.plus(-step) for step in range(MOST_MONTHS)]

    def seen(by: SpendBy) -> list[Choice]:
        values = values_seen(connection, by, hours=hours, scope=estate.visible)
        return [Choice(value or "?", value or gettext("not named")) for value in values]

    actor = estate.actor
    return [
        ChoiceFilter(
            name="by", label=_("Split by"), multiple=False,
            choices=[Choice(str(one), word) for one, word in BY_WORDS.items()],
        ),
        ChoiceFilter(
            name="month", label=_("Month"), multiple=False,
            choices=[Choice(str(month), formats.month(month.first)) for month in months],
        ),
        DateRangeFilter(name="when", label=_("Days")),
        relation("system", _("System"), actor, "system"),
        relation("deployment", _("Deployment"), actor, "deployment"),
        relation("unit", _("Unit"), actor, "unit"),
        relation("entity", _("Legal entity"), actor, "entity"),
        relation("site", _("Site"), actor, "site"),
        relation("endpoint", _("Endpoint"), actor, "endpoint"),
        ChoiceFilter(name="tier", label=_("Tier"), choices=[Choice(tier, word) for tier, (word, _icon) in TIERS.items()]),
        ChoiceFilter(name="provider", label=_("Provider"), choices=seen(SpendBy.PROVIDER)),
        ChoiceFilter(name="model", label=_("Model"), choices=seen(SpendBy.MODEL)),
        ChoiceFilter(name="environment", label=_("Environment"), choices=seen(SpendBy.ENVIRONMENT)),
        ChoiceFilter(name="status", label=_("Price"), choices=[Choice(key, word) for key, word in STATUS_WORDS.items()]),
        ChoiceFilter(name="basis", label=_("Priced by"), choices=[Choice(key, word) for key, word in BASIS_WORDS.items()]),
    ]  # fmt: skip
