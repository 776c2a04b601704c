"""Filters of a list: what may stand in its address, and how it reads as a sentence.

A filter takes its words out of the query string, gives the source a Python value, and never refuses a page: what it
does not understand is ignored with a warning that says so.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, ClassVar

from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kernel import clock
from ui import formats
from ui.text import Text

LONGEST_TEXT = 500  # characters of a search; longer ones are cut
MOST_CHOICES = 100  # values of one filter in an address
YES, NO = gettext_lazy("yes"), gettext_lazy("no")


@dataclass(frozen=True, slots=True)
class Choice:
    """One value of a filter, with its word and, if known, how many rows have it."""

    value: str
    label: Text
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Range:
    """Numbers from `low` to `high`, both inclusive; None is open."""

    low: Decimal | None = None
    high: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Period:
    """Moments from `start` (inclusive) to `end` (exclusive); None is open. `preset` is the word it was asked by."""

    start: datetime | None = None
    end: datetime | None = None
    preset: str = ""


@dataclass(slots=True)
class Parsed:
    """A filter's value (None: not set) and what could not be understood."""

    value: Any = None
    warnings: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter that is set, as a piece of a sentence: “Risk” “is” “High or Limited”."""

    label: Text
    verb: str
    words: str
    remove_href: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter(ABC):
    """A filter by name. `name` is its word in the address and its key in the source's query."""

    name: str
    label: Text
    template: ClassVar[str]

    def parameters(self) -> tuple[str, ...]:
        """The words in the address that belong to this filter."""
        return (self.name,)

    @abstractmethod
    def parse(self, given: QueryDict) -> Parsed:
        """Read the address."""

    @abstractmethod
    def sentence(self, value: Any) -> tuple[str, str]:
        """The verb and the words of a set value."""

    def field(self, given: QueryDict) -> dict[str, Any]:
        """What the filter's form field needs beside the filter itself."""
        return {"value": given.get(self.name, "")}


@dataclass(frozen=True, slots=True, kw_only=True)
class TextFilter(Filter):
    """Words to look for. The one named `q` is the list's search field."""

    template: ClassVar[str] = "ui/filters/text.html"

    def parse(self, given: QueryDict) -> Parsed:
        text = given.get(self.name, "").replace("\x00", "").strip()[:LONGEST_TEXT]
        return Parsed(text or None)

    def sentence(self, value: str) -> tuple[str, str]:
        return _("contains"), f"“{value}”"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceFilter(Filter):
    """One or several values of a known set. The value is a tuple of strings.

    `choices` may be a function, for sets that come from the database; `lookup` finds the words of values that are
    not among the offered ones (a long relation of which only the first are offered).
    """

    template: ClassVar[str] = "ui/filters/choice.html"
    choices: Sequence[Choice] | Callable[[], Sequence[Choice]]
    lookup: Callable[[Sequence[str]], Sequence[Choice]] | None = None
    multiple: bool = True

    def offered(self) -> Sequence[Choice]:
        return self.choices() if callable(self.choices) else self.choices

    def parse(self, given: QueryDict) -> Parsed:
        wanted = [value for value in given.getlist(self.name) if value][:MOST_CHOICES]
        known = self._known(wanted)
        values = tuple(dict.fromkeys(value for value in wanted if value in known))
        if not self.multiple:
            values = values[:1]
        unknown = [value for value in wanted if value not in known]
        return Parsed(values or None, [_not_a_value(self.label, value) for value in unknown])

    def sentence(self, value: Sequence[str]) -> tuple[str, str]:
        known = self._known(list(value))
        return _("is"), _or([str(known[item]) for item in value if item in known])

    def field(self, given: QueryDict) -> dict[str, Any]:
        chosen = set(given.getlist(self.name))
        options = list(self.offered())
        missing = [value for value in chosen if value not in {option.value for option in options}]
        if missing and self.lookup:
            options += self.lookup(missing)
        return {"options": [(option, option.value in chosen) for option in options], "chosen": bool(chosen)}

    def _known(self, values: list[str]) -> dict[str, Text]:
        if not values:
            return {}
        known = {choice.value: choice.label for choice in self.offered()}
        missing = [value for value in values if value not in known]
        if missing and self.lookup:
            known.update({choice.value: choice.label for choice in self.lookup(missing)})
        return known


@dataclass(frozen=True, slots=True, kw_only=True)
class RelationFilter(ChoiceFilter):
    """Another thing of the register, by its id. Shown as a select field when there are many."""

    template: ClassVar[str] = "ui/filters/relation.html"


@dataclass(frozen=True, slots=True, kw_only=True)
class BooleanFilter(Filter):
    """Yes or no. The value is a bool."""

    template: ClassVar[str] = "ui/filters/boolean.html"
    yes: Text = YES
    no: Text = NO

    def parse(self, given: QueryDict) -> Parsed:
        text = given.get(self.name, "")
        if text in {"", "yes", "no"}:
            return Parsed({"yes": True, "no": False}.get(text))
        return Parsed(None, [_not_a_value(self.label, text)])

    def sentence(self, value: bool) -> tuple[str, str]:  # noqa: FBT001  # the value is what is described
        return _("is"), str(self.yes if value else self.no)


@dataclass(frozen=True, slots=True, kw_only=True)
class RangeFilter(Filter):
    """Numbers between two bounds (`name_min`, `name_max`). `unit` is shown; the source gets the numbers as typed."""

    template: ClassVar[str] = "ui/filters/range.html"
    unit: Text = ""

    def parameters(self) -> tuple[str, ...]:
        return f"{self.name}_min", f"{self.name}_max"

    def parse(self, given: QueryDict) -> Parsed:
        warnings: list[str] = []
        low, high = (self._bound(given.get(name, ""), warnings) for name in self.parameters())
        if low is None and high is None:
            return Parsed(None, warnings)
        if low is not None and high is not None and low > high:
            low, high = high, low
        return Parsed(Range(low, high), warnings)

    def _bound(self, text: str, warnings: list[str]) -> Decimal | None:
        text = text.strip().replace(",", ".")
        if not text:
            return None
        try:
            value = Decimal(text)
        except InvalidOperation:
            value = Decimal("NaN")
        if not value.is_finite() or abs(value.adjusted()) > 18:
            warnings.append(_not_a_value(self.label, text))
            return None
        return value

    def sentence(self, value: Range) -> tuple[str, str]:
        low, high = (
            None if v is None else f"{formats.number(v)} {self.unit}".strip() for v in (value.low, value.high)
        )
        if low is None:
            return _("is at most"), str(high)
        if high is None:
            return _("is at least"), low
        return _("is between"), _("%(low)s and %(high)s") % {"low": low, "high": high}

    def field(self, given: QueryDict) -> dict[str, Any]:
        low, high = (given.get(name, "") for name in self.parameters())
        return {"low": low, "high": high}


PRESETS: dict[str, tuple[timedelta, Text]] = {
    "1h": (timedelta(hours=1), gettext_lazy("the last hour")),
    "24h": (timedelta(hours=24), gettext_lazy("the last 24 hours")),
    "7d": (timedelta(days=7), gettext_lazy("the last 7 days")),
    "30d": (timedelta(days=30), gettext_lazy("the last 30 days")),
    "90d": (timedelta(days=90), gettext_lazy("the last 90 days")),
}
EVER = "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class DateRangeFilter(Filter):
    """A period: a preset (`name=24h`) or days (`name_from`, `name_to`, both inclusive). The value is a Period.

    `default` is a preset that holds when the address says nothing; `name=all` lifts it.
    """

    template: ClassVar[str] = "ui/filters/period.html"
    default: str = ""

    def parameters(self) -> tuple[str, ...]:
        return self.name, f"{self.name}_from", f"{self.name}_to"

    def parse(self, given: QueryDict) -> Parsed:
        warnings: list[str] = []
        first = self._day(given.get(f"{self.name}_from", ""), warnings)
        last = self._day(given.get(f"{self.name}_to", ""), warnings)
        if first or last:
            return Parsed(Period(_midnight(first), _midnight(last, after=1)), warnings)
        preset = given.get(self.name, "") or self.default
        if preset in PRESETS:
            return Parsed(Period(clock.now() - PRESETS[preset][0], None, preset), warnings)
        if preset not in {"", EVER}:
            warnings.append(_not_a_value(self.label, preset))
        return Parsed(None, warnings)

    def _day(self, text: str, warnings: list[str]) -> date | None:
        if not text:
            return None
        try:
            return date.fromisoformat(text)
        except ValueError:
            warnings.append(_not_a_value(self.label, text))
            return None

    def sentence(self, value: Period) -> tuple[str, str]:
        if value.preset:
            return _("is in"), str(PRESETS[value.preset][1])
        start = formats.day(timezone.localtime(value.start)) if value.start else None
        end = formats.day(timezone.localtime(value.end) - timedelta(days=1)) if value.end else None
        if start and end:
            return _("is between"), _("%(low)s and %(high)s") % {"low": start, "high": end}
        return (_("is since"), start) if start else (_("is until"), str(end))

    def field(self, given: QueryDict) -> dict[str, Any]:
        dated = bool(given.get(f"{self.name}_from") or given.get(f"{self.name}_to"))
        chosen = "" if dated else given.get(self.name, "") or self.default
        return {
            "presets": [(value, label, value == chosen) for value, (_delta, label) in PRESETS.items()],
            "ever": chosen in {"", EVER} and not dated,
            "first": given.get(f"{self.name}_from", ""),
            "last": given.get(f"{self.name}_to", ""),
        }


def _midnight(day: date | None, *, after: int = 0) -> datetime | None:
    """The start of a day in the reader's zone, `after` days on. A day at the edge of the calendar is open."""
    if day is None:
        return None
    try:
        local = datetime.combine(day + timedelta(days=after), time(), tzinfo=timezone.get_current_timezone())
        return local.astimezone(UTC)
    except OverflowError:
        return None


def _or(words: Sequence[str]) -> str:
    """`High`, `High or Limited`, `A, B or C`."""
    if len(words) < 2:
        return "".join(words)
    return _("%(first)s or %(last)s") % {"first": ", ".join(words[:-1]), "last": words[-1]}


def _not_a_value(label: Text, value: str) -> str:
    return _("“%(value)s” is no value of “%(filter)s” and was ignored.") % {
        "value": value[:60],
        "filter": label,
    }
