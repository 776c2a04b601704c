"""Form fields of their own: lists of words, lists of texts, days that mean moments."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, time
from enum import StrEnum
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from ui.text import Text


def words(label: Text, labels: Mapping[Any, Text], *, help_text: Text = "") -> forms.MultipleChoiceField:
    """Several words of a vocabulary, as check boxes."""
    return forms.MultipleChoiceField(
        label=label,
        choices=[(key.value, text) for key, text in labels.items()],
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=help_text,
    )


def word(label: Text, labels: Mapping[Any, Text], *, initial: StrEnum | None = None) -> forms.ChoiceField:
    """One word of a vocabulary."""
    return forms.ChoiceField(
        label=label,
        choices=[(key.value, text) for key, text in labels.items()],
        initial=initial.value if initial else None,
    )


class TextsField(forms.CharField):
    """Several short texts with commas between them; the value is a list."""

    def __init__(self, *, label: Text, help_text: Text = "") -> None:
        super().__init__(
            label=label, required=False, max_length=4000, help_text=help_text or _("Separate with commas.")
        )

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(value) if isinstance(value, list | tuple) else value

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        return list(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))


class KnownWordsField(forms.MultipleChoiceField):
    """Several words, or none of them, or not known: no mark means not known, the mark “nothing” means none."""

    NOTHING = "nothing"
    widget = forms.CheckboxSelectMultiple

    def __init__(self, *, label: Text, labels: Mapping[Any, Text], nothing: Text, help_text: Text) -> None:
        choices = [*((key.value, text) for key, text in labels.items()), (self.NOTHING, nothing)]
        super().__init__(label=label, choices=choices, required=False, help_text=help_text)

    def prepare_value(self, value: Any) -> Any:
        return [self.NOTHING] if isinstance(value, list | tuple) and not value else value

    def clean(self, value: Any) -> Any:
        marked = super().clean(value)
        if not marked:
            return None
        return [item for item in marked if item != self.NOTHING]


class DayField(forms.DateField):
    """A day; the value is its first moment in UTC, or None."""

    def __init__(self, *, label: Text, help_text: Text = "", required: bool = False) -> None:
        super().__init__(
            label=label,
            required=required,
            help_text=help_text,
            widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        )

    def clean(self, value: Any) -> Any:
        day = super().clean(value)
        return None if day is None else datetime.combine(day, time(), tzinfo=UTC)


class RefField(forms.TypedChoiceField):
    """Another thing of the register by its id, among those that the actor may see; the value is a UUID or None."""

    def __init__(self, *, label: Text, kind: str, required: bool = False, help_text: Text = "") -> None:
        from uuid import UUID

        super().__init__(label=label, required=required, coerce=UUID, empty_value=None, help_text=help_text)
        self.kind = kind

    def offer(self, refs: Iterable[Any]) -> None:
        """Fill in what may be chosen."""
        self.choices = [("", "—"), *((str(ref.id), ref.name) for ref in refs)]
