"""People, what they may do, and how they like the console."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from kernel import ids
from kernel.actor import Role

ROLE_LABELS = {
    Role.ADMINISTRATOR: _("Administrator"),
    Role.OFFICER: _("Governance officer"),
    Role.ENGINEER: _("Platform engineer"),
    Role.AUDITOR: _("Auditor"),
}


class UserManager(BaseUserManager["User"]):
    """Finds people by e-mail address, without regard to case. People are made by `console.services`."""

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email__iexact=username or "")


class User(AbstractBaseUser):
    """A person with an account. Never deleted, only deactivated: the ledger speaks of them for years."""

    class Theme(models.TextChoices):
        SYSTEM = "system", _("As the system")
        LIGHT = "light", _("Light")
        DARK = "dark", _("Dark")

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    email = models.EmailField(_("e-mail address"), unique=True)
    name = models.CharField(_("name"), max_length=150)
    is_active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(auto_now_add=True)
    language = models.CharField(_("language"), max_length=8, blank=True)
    theme = models.CharField(_("theme"), max_length=8, choices=Theme.choices, default=Theme.SYSTEM)
    single_key_shortcuts = models.BooleanField(
        _("single-key shortcuts"), default=True
    )  # WCAG 2.1.4: can be switched off

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        constraints = [
            models.UniqueConstraint(Lower("email"), name="console_user_email_any_case"),
            models.CheckConstraint(condition=~Q(name=""), name="console_user_has_name"),
        ]

    def __str__(self) -> str:
        return self.name


class RoleGrant(models.Model):
    """A role given to a person, in one unit and those below it, or everywhere (no unit)."""

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="grants", verbose_name=_("person"))
    role = models.CharField(
        _("role"), max_length=16, choices=[(role.value, label) for role, label in ROLE_LABELS.items()]
    )
    unit = models.ForeignKey(
        "inventory.Unit",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("unit"),
    )
    read_content = models.BooleanField(
        _("may read content"),
        default=False,
        help_text=_("Prompts and answers themselves. Each reading is on record."),
    )
    granted_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("role")
        verbose_name_plural = _("roles")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "role", "unit"], name="console_grant_once", nulls_distinct=False
            ),
            models.CheckConstraint(
                condition=Q(role__in=[role.value for role in Role]), name="console_grant_role_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role} of {self.user_id}"


class SavedView(models.Model):
    """A person's own name for an address of a list: its filters, order and columns."""

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    user = models.ForeignKey(
        User, on_delete=models.CASCADE, related_name="saved_views", verbose_name=_("person")
    )
    name = models.CharField(_("name"), max_length=80)
    path = models.CharField(max_length=200)
    query = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("saved view")
        verbose_name_plural = _("saved views")
        constraints = [
            models.UniqueConstraint(fields=["user", "path", "name"], name="console_saved_view_once"),
        ]

    def __str__(self) -> str:
        return self.name


class SignInFailures(models.Model):
    """How often sign-in has failed for one account from one network, so that guessing gets slower there alone.

    `key` is a keyed digest of both; neither the address nor the network can be read from it.
    """

    key = models.CharField(primary_key=True, max_length=64)
    failures = models.PositiveIntegerField(default=0)
    last_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.failures} failures"
