"""Lucide icons from one generated sprite, and which icon stands for which kind of place."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from ui.text import Text

_LIST = Path(__file__).parent / "assets" / "icons.txt"

TIERS: dict[str, tuple[Text, str]] = {
    "personal_device": (_("Personal device"), "laptop"),
    "workstation": (_("Workstation"), "monitor"),
    "industrial_edge": (_("Industrial edge"), "factory"),
    "retail_edge": (_("Retail edge"), "store"),
    "private_data_centre": (_("Private data centre"), "server"),
    "colocation": (_("Colocation"), "building-2"),
    "hpc": (_("HPC"), "cpu"),
    "public_cloud": (_("Public cloud"), "cloud"),
    "third_party_api": (_("Third-party API"), "plug"),
}
"""The nine tiers from the hand to the cloud: word and icon, in the order of the lanes."""


@cache
def names() -> frozenset[str]:
    """The icons that the sprite holds."""
    lines = _LIST.read_text("utf-8").splitlines()
    return frozenset(line for line in lines if line and not line.startswith("#"))


def icon(name: str, *, label: Text = "") -> SafeString:
    """One icon. Without a label it is decoration and hidden from screen readers.

    Raises ValueError for a name that is not in ui/assets/icons.txt: it would be an invisible hole.
    """
    if name not in names():
        raise ValueError(f"no icon {name!r}; add it to ui/assets/icons.txt and run make assets")
    address = f"{static('ui/dist/icons.svg')}#{name}"
    if label:
        return format_html(
            '<svg class="icon" role="img" aria-label="{}"><use href="{}"/></svg>', label, address
        )
    return format_html('<svg class="icon" aria-hidden="true"><use href="{}"/></svg>', address)
