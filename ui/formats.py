"""Numbers, money, times and sizes as text in the reader's language. Pure, but for the active language and time zone.

Every function takes a known value. What to do with an unknown one (None) is decided by `ui.parts.or_unknown`: it is
said, never shown as zero.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache

from babel import Locale, UnknownLocaleError
from babel import dates as babel_dates
from babel import numbers as babel_numbers
from babel.units import format_unit
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from kernel import clock

NANO_PER_UNIT = 1_000_000_000
NBSP = "\u00a0"
SMALLEST_PLAIN_MONEY = Decimal("0.01")
_BYTE_UNITS = ("byte", "kilobyte", "megabyte", "gigabyte", "terabyte", "petabyte")


def locale() -> Locale:
    """The reader's locale; English where the active language has none."""
    return _locale(get_language() or "en")


@lru_cache(maxsize=32)
def _locale(language: str) -> Locale:
    try:
        return Locale.parse(language, sep="-")
    except (UnknownLocaleError, ValueError):
        return Locale("en")


def number(value: float | Decimal, *, digits: int = 2) -> str:
    """A number with at most `digits` decimals: `1,284.5` in English, `1 284,5` in French."""
    pattern = "#,##0." + "#" * digits if digits else "#,##0"
    return babel_numbers.format_decimal(value, format=pattern, locale=locale())


def compact(value: float | Decimal) -> str:
    """A large number in few letters: `1.3M`, `1,3 M`. Up to 9,999 it stays whole."""
    if -10_000 < value < 10_000:
        return number(value, digits=0)
    return babel_numbers.format_compact_decimal(value, fraction_digits=1, locale=locale())


def percent(ratio: float | Decimal, *, digits: int = 1) -> str:
    """A ratio as per cent: 0.0042 is `0.4%`, in French `0,4 %`."""
    pattern = _percent_pattern(digits)
    return babel_numbers.format_percent(ratio, format=pattern, locale=locale())


def _percent_pattern(digits: int) -> str:
    decimals = "." + "#" * digits if digits else ""
    gap = NBSP if locale().language == "fr" else ""
    return f"#,##0{decimals}{gap}%"


def money(nano_usd: int, *, currency: str = "USD") -> str:
    """Nano-units of a currency as money. Below a cent, two significant digits instead of a false zero."""
    amount = Decimal(nano_usd) / NANO_PER_UNIT
    if amount and abs(amount) < SMALLEST_PLAIN_MONEY:
        digits = min(-amount.adjusted() + 1, 9)
        pattern = _money_pattern().replace("0.00", "0." + "0" * digits)
        return babel_numbers.format_currency(
            amount, currency, format=pattern, locale=locale(), currency_digits=False
        )
    return babel_numbers.format_currency(amount, currency, locale=locale())


def _money_pattern() -> str:
    return str(locale().currency_formats["standard"].pattern)


def tokens(count: int) -> str:
    """A count of tokens with its word: `1,912 tokens`."""
    if count == 1:
        return _("1 token")
    return _("%(count)s tokens") % {"count": number(count, digits=0)}


def duration(nanoseconds: int) -> str:
    """A span of time in the two units that matter: `230 ms`, `3.42 s`, `2 min 5 s`, `4 d 3 h`."""
    sign, rest = ("−", -nanoseconds) if nanoseconds < 0 else ("", nanoseconds)
    if rest < clock.NANOSECONDS_PER_SECOND:
        value = rest / 1_000_000
        return f"{sign}{number(value, digits=0 if value >= 10 else 2)}{NBSP}ms"
    if rest < clock.NANOSECONDS_PER_MINUTE:
        return f"{sign}{number(rest / clock.NANOSECONDS_PER_SECOND)}{NBSP}s"
    return sign + _long_duration(rest // clock.NANOSECONDS_PER_SECOND)


def _long_duration(seconds: int) -> str:
    days, rest = divmod(seconds, 86_400)
    hours, rest = divmod(rest, 3600)
    minutes, seconds = divmod(rest, 60)
    parts = [(days, _("d")), (hours, _("h")), (minutes, _("min")), (seconds, _("s"))]
    first = next((at for at, (value, _unit) in enumerate(parts) if value), len(parts) - 1)
    shown = [part for part in parts[first : first + 2] if part[0]]
    return NBSP.join(f"{number(value, digits=0)}{NBSP}{unit}" for value, unit in shown)


def size(count: int) -> str:
    """Bytes in decimal units: `16.8 MB`, in French `16,8 Mo`."""
    value, step = float(count), 0
    while abs(value) >= 1000 and step < len(_BYTE_UNITS) - 1:
        value, step = value / 1000, step + 1
    return format_unit(
        value, f"digital-{_BYTE_UNITS[step]}", length="short", format="#,##0.#", locale=locale()
    )


def day(value: date) -> str:
    """A calendar day: `2 Feb 2025`, `2 févr. 2025`."""
    return babel_dates.format_date(value, format="d MMM y", locale=locale())


def month(value: date) -> str:
    """The month of a day: `November 2026`, `novembre 2026`."""
    return babel_dates.format_date(value, format="LLLL y", locale=locale())


def moment(value: datetime) -> str:
    """A moment in the reader's time zone, to the minute: `2 Feb 2025, 14:05`."""
    return babel_dates.format_datetime(
        timezone.localtime(value), format="d MMM y, HH:mm", tzinfo=None, locale=locale()
    )


def exact_moment(value: datetime) -> str:
    """A moment to the millisecond with its zone, for titles and details: `2 Feb 2025, 14:05:09.123 UTC`."""
    local = timezone.localtime(value)
    text = babel_dates.format_datetime(local, format="d MMM y, HH:mm:ss.SSS", locale=locale())
    return f"{text} {local.tzname() or ''}".rstrip()


def relative(value: datetime, *, now: datetime | None = None) -> str:
    """How long ago, or in how long: `2 hours ago`, `dans 3 jours`."""
    delta = value - (now or clock.now())
    if abs(delta) < timedelta(seconds=10):
        return _("just now")
    return babel_dates.format_timedelta(
        delta, granularity="second", threshold=0.95, add_direction=True, format="long", locale=locale()
    )
