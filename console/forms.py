"""Forms of the console's own pages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from console.models import User
from ui.text import Text


class SignInForm(forms.Form):
    """Address and password. Password managers find both by their autocomplete words."""

    email = forms.EmailField(
        label=_("E-mail address"),
        widget=forms.EmailInput(attrs={"autocomplete": "username", "autofocus": True}),
    )
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        max_length=1000,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    next = forms.CharField(required=False, widget=forms.HiddenInput)


class PreferencesForm(forms.Form):
    """How a person likes the console."""

    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    theme = forms.ChoiceField(label=_("Theme"), choices=User.Theme.choices)
    single_key_shortcuts = forms.BooleanField(
        label=_("Single-key shortcuts"),
        required=False,
        help_text=_(
            "/ to search, j and k to move, o to open, ? for help. Switch them off if you speak to your computer."
        ),
    )


class ChangePasswordForm(forms.Form):
    """One's own new password, proven by the present one."""

    current = forms.CharField(
        label=_("Present password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    password = forms.CharField(
        label=_("New password"),
        strip=False,
        help_text=_("At least 12 characters. A sentence is easier to remember than a puzzle."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )


class PersonForm(forms.Form):
    """A new account. Its password is handed over in person, and changed at the first occasion."""

    name = forms.CharField(label=_("Name"), max_length=150)
    email = forms.EmailField(
        label=_("E-mail address"), max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "off"})
    )
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    password = forms.CharField(
        label=_("First password"),
        strip=False,
        help_text=_("At least 12 characters. Hand it over in person; it can be changed under Preferences."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )


class GrantForm(forms.Form):
    """A role in a unit and those below it, or everywhere."""

    role = forms.ChoiceField(label=_("Role"))
    unit = forms.ChoiceField(label=_("Where"), required=False)
    read_content = forms.BooleanField(
        label=_("May read content"),
        required=False,
        help_text=_("Prompts and answers themselves. Each reading is on record."),
    )
    reason = forms.CharField(
        label=_("Reason"),
        required=False,
        max_length=500,
        help_text=_("Needed where the person may read content; it goes into the audit trail."),
    )

    def __init__(
        self, *args: Any, roles: Sequence[tuple[str, Text]], units: Sequence[tuple[str, str]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"] = forms.ChoiceField(label=_("Role"), choices=roles)
        self.fields["unit"] = forms.ChoiceField(
            label=_("Where"), required=False, choices=[("", _("The whole organisation")), *units]
        )
