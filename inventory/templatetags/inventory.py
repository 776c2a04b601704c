"""Template tags of the register."""

from __future__ import annotations

from django import template

from inventory.views.systems import PRESETS, Preset

register = template.Library()


@register.simple_tag
def system_presets() -> tuple[Preset, ...]:
    """The questions that stand above the list of systems."""
    return PRESETS
