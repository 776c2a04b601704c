"""The register's pages in the sidebar, with how many things each holds."""

from __future__ import annotations

from collections.abc import Callable

from django.utils.translation import gettext_lazy as _

from inventory import queries
from kernel.actor import Actor, Permission
from ui import navigation
from ui.navigation import Group, Item
from ui.text import Text

_REGISTER: tuple[tuple[Text, str, str, Callable[[Actor], int]], ...] = (
    (_("Systems"), "systems", "boxes", queries.count_systems),
    (_("Models"), "models", "brain", queries.count_models),
    (_("Datasets"), "datasets", "database", queries.count_datasets),
    (_("Deployments"), "deployments", "package", queries.count_deployments),
    (_("Endpoints"), "endpoints", "plug", queries.count_endpoints),
    (_("Sites"), "sites", "map-pin", queries.count_sites),
    (_("Vendors"), "vendors", "building-2", queries.count_entities),
)
_SETTINGS: tuple[tuple[Text, str, str], ...] = (
    (_("Endpoint keys"), "keys", "key-round"),
    (_("Sender rules"), "sender_rules", "split"),
    (_("Units"), "units", "users"),
    (_("Import"), "import", "upload"),
    (_("Cost profiles"), "cost_profiles", "cpu"),
    (_("Seat prices"), "seat_prices", "credit-card"),
    (_("Own prices"), "own_prices", "tag"),
    (_("Exchange rates"), "exchange_rates", "refresh-cw"),
    (_("Currency and month"), "cost_settings", "calendar"),
)


def register() -> None:
    """Called once, when the app is ready."""
    for order, (label, plural, picture, count) in enumerate(_REGISTER, start=1):
        navigation.register(
            Item(
                Group.REGISTER,
                label,
                f"inventory:{plural}",
                picture,
                order=order * 10,
                permission=Permission.REGISTER_READ,
                count=count,
            )
        )
    for order, (label, plural, picture) in enumerate(_SETTINGS, start=1):
        navigation.register(
            Item(
                Group.SETTINGS,
                label,
                f"inventory:{plural}",
                picture,
                order=order,
                permission=Permission.REGISTER_READ,
            )
        )
