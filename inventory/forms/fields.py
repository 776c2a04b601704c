"""Form fields of their own: lists of words, lists of texts, days that mean moments."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, time
from enum import StrEnum
from typing import TYPE_CHECKING, Any, TypeAlias
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from inventory.queries import Ref
from ui.text import Text

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

    Label: TypeAlias = str | _StrPromise
else:
    Label = Text  # what form fields take is known to the stubs of Django alone


def words(label: Label, labels: Mapping[Any, Text], *, help_text: Label = "") -> forms.MultipleChoiceField:
    """Several words of a vocabulary, as check boxes."""
    return forms.MultipleChoiceField(
        label=label,
        choices=[(key.value, text) for key, text in labels.items()],
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=help_text,
    )


def word(
    label: Label,
    labels: Mapping[Any, Text],
    *,
    initial: StrEnum | None = None,
    required: bool = True,
    help_text: Label = "",
) -> forms.ChoiceField:
    """One word of a vocabulary."""
    return forms.ChoiceField(
        label=label,
        required=required,
        help_text=help_text,
        choices=[(key.value, text) for key, text in labels.items()],
        initial=initial.value if initial else None,
    )


class TextsField(forms.CharField):
    """Several short texts with commas between them; the value is a list."""

    def __init__(self, *, label: Label, help_text: Label = "") -> None:
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

    def __init__(self, *, label: Label, labels: Mapping[Any, Text], nothing: Text, help_text: Label) -> None:
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

    def __init__(self, *, label: Label, help_text: Label = "", required: bool = False) -> None:
        super().__init__(
            label=label,
            required=required,
            help_text=help_text,
            widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        )

    def clean(self, value: Any) -> Any:
        day = super().clean(value)
        return None if day is None else datetime.combine(day, time(), tzinfo=UTC)


LookUp = Callable[[str], Sequence[Ref]]
"""Finds things by id or by a part of their name."""


class RefField(forms.TypedChoiceField):
    """Another thing of the register, among those that the actor may see; the value is a UUID or None.

    A few are offered as a list. Where there are more than a list can hold, the name is typed instead.
    """

    def __init__(self, *, label: Label, kind: str, required: bool = False, help_text: Label = "") -> None:
        super().__init__(label=label, required=required, coerce=UUID, empty_value=None, help_text=help_text)
        self.kind = kind
        self.look_up: LookUp | None = None

    def offer(self, refs: Sequence[Ref], *, most: int, look_up: LookUp) -> None:
        """Fill in what may be chosen."""
        if len(refs) < most:
            self.choices = [("", "—"), *((str(ref.id), ref.name) for ref in refs)]
            return
        self.look_up = look_up
        self.widget = forms.TextInput(attrs={"autocomplete": "off"})
        self.help_text = self.help_text or _("Type the whole name.")

    def prepare_value(self, value: Any) -> Any:
        if self.look_up is None or not value:
            return value
        found = self.look_up(str(value))
        return found[0].name if len(found) == 1 else value

    def clean(self, value: Any) -> Any:
        if self.look_up is None or value in self.empty_values:
            return super().clean(value)
        return self._by_name(str(value).strip())

    def _by_name(self, text: str) -> UUID:
        found = self.look_up(text) if self.look_up else []
        same = [ref for ref in found if ref.name.casefold() == text.casefold()]
        chosen = same if len(same) == 1 else found
        if not chosen:
            raise ValidationError(_("Nothing that you may see bears this name."))
        if len(chosen) > 1:
            names = ", ".join(ref.name for ref in chosen[:5])
            raise ValidationError(_("Several bear this name: %(names)s."), params={"names": names})
        return chosen[0].id
