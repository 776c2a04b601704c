"""Translations without the system's gettext: texts found in code and templates, catalogues kept, compiled, checked.

English stands in the source; each app has a French catalogue of its own, `<app>/locale/fr/LC_MESSAGES/django.po`.
"""

from __future__ import annotations

from console.catalogues.checks import problems
from console.catalogues.files import compile_all, locale_apps, read, update

__all__ = ["compile_all", "locale_apps", "problems", "read", "update"]
