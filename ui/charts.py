"""Charts as SVG, drawn on the server: values in, safe HTML out.

Geometry is SVG attributes (the content security policy forbids `style`), colour is a class of `charts.css`. Every
chart has a name (role=img with a label) and, where it holds more than one number, a table behind it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ui import formats, parts
from ui.text import Text

SPARK_WIDTH, SPARK_HEIGHT, SPARK_MARGIN = 100, 34, 3
BARS_HEIGHT, HISTOGRAM_HEIGHT = 120, 72
BAR_GAP = 0.2  # share of a column's width that stays empty
SHORTEST_SPAN = 0.4  # per cent of the axis: a quick step must still be visible
SERIES = 6  # colours s0 to s5 in charts.css

Show = Callable[[float], str]


@dataclass(frozen=True, slots=True)
class Datum:
    """One value of a chart. `tone` is ok, warn, bad, plain or s0 … s5; None as value is unknown and drawn so."""

    label: Text
    value: float | None
    href: str = ""
    tone: str = "s0"


@dataclass(frozen=True, slots=True)
class Lane:
    """One tier of the estate: how many deployments, how many of them live, what they cost (nano-USD or unknown)."""

    tier: str
    total: int
    live: int
    href: str
    spend_nano_usd: int | None = None
    spend_href: str = ""
    live_href: str = ""


def sparkline(values: Sequence[float | None], *, label: Text) -> SafeString:
    """A line without axes. Gaps in the values are gaps in the line."""
    known = [value for value in values if value is not None]
    if not known:
        return parts.unknown(_("not measured"))
    points = _spark_points(values, low=min(known), high=max(known))
    lines = format_html_join("", '<polyline points="{}"/>', ((run,) for run in points))
    return format_html(
        '<svg class="chart spark" viewBox="0 0 {} {}" preserveAspectRatio="none" role="img" aria-label="{}">{}</svg>',
        SPARK_WIDTH,
        SPARK_HEIGHT,
        label,
        lines,
    )


def _spark_points(values: Sequence[float | None], *, low: float, high: float) -> list[str]:
    step = SPARK_WIDTH / max(len(values) - 1, 1)
    reach = SPARK_HEIGHT - 2 * SPARK_MARGIN
    spread = high - low
    level = 0.5 if high else 0.0  # a line that never moves: in the middle, or on the ground when it is zero

    def point(at: int, value: float) -> str:
        share = (value - low) / spread if spread else level
        return f"{_round(at * step)},{_round(SPARK_MARGIN + reach * (1 - share))}"

    runs = groupby(enumerate(values), key=lambda pair: pair[1] is not None)
    return [
        " ".join(point(at, value) for at, value in run if value is not None) for known, run in runs if known
    ]


def bars(data: Sequence[Datum], *, label: Text, show: Show = formats.compact) -> SafeString:
    """Upright bars from zero, each a door when it has an address, with the table behind."""
    top = max((datum.value or 0 for datum in data), default=0)
    width = 100 / max(len(data), 1)
    columns = (
        _column(datum, x=at * width, width=width, share=_share(datum.value, top), show=show)
        for at, datum in enumerate(data)
    )
    return _with_table(_columns("bars", BARS_HEIGHT, label, columns), data, show=show)


def histogram(data: Sequence[Datum], *, label: Text, show: Show = formats.compact) -> SafeString:
    """Bars without gaps for the counts of neighbouring ranges; `label` of each datum names its range."""
    top = max((datum.value or 0 for datum in data), default=0)
    width = 100 / max(len(data), 1)
    columns = (
        _column(datum, x=at * width, width=width, share=_share(datum.value, top), show=show, gap=0.04)
        for at, datum in enumerate(data)
    )
    return _with_table(_columns("histogram", HISTOGRAM_HEIGHT, label, columns), data, show=show)


def _columns(kind: str, height: int, label: Text, columns: Iterable[SafeString]) -> SafeString:
    return format_html(
        '<svg class="chart {}" role="group" aria-label="{}" height="{}">{}'
        '<line class="axis" x1="0" y1="100%" x2="100%" y2="100%"/></svg>',
        kind,
        label,
        height,
        format_html_join("", "{}", ((column,) for column in columns)),
    )


def _column(
    datum: Datum, *, x: float, width: float, share: float, show: Show, gap: float = BAR_GAP
) -> SafeString:
    height = share if datum.value is not None else 1.0
    name = f"{datum.label}: {show(datum.value) if datum.value is not None else _('not measured')}"
    bar = format_html(
        '<rect class="{}" x="{}%" y="{}%" width="{}%" height="{}%" rx="2"><title>{}</title></rect>',
        datum.tone if datum.value is not None else "unknown",
        _round(x + width * gap / 2),
        _round(100 * (1 - height)),
        _round(width * (1 - gap)),
        _round(100 * height),
        name,
    )
    return format_html('<a href="{}" aria-label="{}">{}</a>', datum.href, name, bar) if datum.href else bar


def stacked_bar(
    data: Sequence[Datum], *, label: Text, show: Show = formats.compact, legend: bool = True
) -> SafeString:
    """Parts of a whole in one row, with their names and values below. Colours follow the order unless given."""
    known = [datum for datum in data if datum.value]
    total = sum(datum.value or 0 for datum in known)
    if not total:
        return parts.unknown(_("nothing to show"))
    drawing = format_html(
        '<svg class="chart lane-bar" role="img" aria-label="{}">{}</svg>', label, _segments(known, total)
    )
    return format_html("{}{}", drawing, _legend(known, show=show)) if legend else drawing


def _segments(data: Sequence[Datum], total: float) -> SafeString:
    drawn, x = [], 0.0
    for datum in data:
        width = 100 * (datum.value or 0) / total
        drawn.append((datum.tone, _round(x), _round(width)))
        x += width
    return format_html_join("", '<rect class="{}" x="{}%" width="{}%" height="100%"/>', drawn)


def _legend(data: Sequence[Datum], *, show: Show) -> SafeString:
    entries = (
        (
            datum.tone,
            parts.door(datum.label, datum.href) if datum.href else datum.label,
            show(datum.value or 0),
        )
        for datum in data
    )
    mark = '<svg class="chart" aria-hidden="true"><rect class="{}" width="9" height="9" rx="2"/></svg>'
    return format_html(
        '<ul class="legend">{}</ul>', format_html_join("", "<li>" + mark + "{} <b>{}</b></li>", entries)
    )


def coloured(data: Iterable[Datum]) -> list[Datum]:
    """The same values, each in a colour of its own (the seventh begins again)."""
    return [Datum(d.label, d.value, d.href, f"s{at % SERIES}") for at, d in enumerate(data)]


def meter(ratio: float | None, *, label: Text, tone: str = "s0", wide: bool = False) -> SafeString:
    """A share of a whole. Unknown is said; above the whole it is full and its label says by how much."""
    if ratio is None:
        return parts.unknown(_("not measured"))
    return format_html(
        '<svg class="chart meter{}" role="img" aria-label="{}: {}">'
        '<rect class="track" width="100%" height="100%"/><rect class="{}" width="{}%" height="100%"/></svg>',
        " wide" if wide else "",
        label,
        formats.percent(ratio),
        tone,
        _round(100 * min(max(ratio, 0.0), 1.0)),
    )


def span_bar(start: int, length: int, *, total: int, label: Text) -> SafeString:
    """One step on a shared time axis: where it began and how long it took, in the same unit as `total`."""
    whole = max(total, 1)
    x = min(max(100 * start / whole, 0.0), 100.0 - SHORTEST_SPAN)
    width = min(max(100 * length / whole, SHORTEST_SPAN), 100.0 - x)
    return format_html(
        '<svg class="chart" role="img" aria-label="{}"><rect class="span" x="{}%" y="15%" width="{}%" height="70%" '
        'rx="3"/></svg>',
        label,
        _round(x),
        _round(width),
    )


def lanes(data: Sequence[Lane]) -> SafeString:
    """The estate by tier: one lane each, with its count, what is live and what is dark, and what it costs."""
    widest = max((lane.total for lane in data), default=0)
    rows = format_html_join("", "{}", ((_lane(lane, widest=widest),) for lane in data))
    heads = (_("Tier"), _("Deployments"), _("Live and dark"), _("Month to date"))
    return format_html(
        '<table class="lanes"><thead><tr>{}</tr></thead><tbody>{}</tbody></table>',
        format_html_join("", '<th scope="col"{}>{}</th>', zip(_LANE_CLASSES, heads, strict=True)),
        rows,
    )


_RIGHT = SafeString(' class="number"')
_LANE_CLASSES = (parts.EMPTY, _RIGHT, SafeString(' colspan="2"'), _RIGHT)


def _lane(lane: Lane, *, widest: int) -> SafeString:
    return format_html(
        '<tr><th scope="row">{}</th><td class="number">{}</td><td class="bar">{}</td><td class="state">{}</td>'
        '<td class="number">{}</td></tr>',
        parts.tier(lane.tier),
        parts.door(formats.number(lane.total, digits=0), lane.href),
        _lane_bar(lane, widest=widest),
        _lane_state(lane),
        _lane_spend(lane),
    )


def _lane_bar(lane: Lane, *, widest: int) -> SafeString:
    if not lane.total:
        return parts.EMPTY
    live = 100 * lane.live / widest
    dark = 100 * (lane.total - lane.live) / widest
    return format_html(
        '<svg class="chart lane-bar" aria-hidden="true"><rect class="ok" width="{}%" height="100%" rx="3"/>'
        '<rect class="plain" x="{}%" width="{}%" height="100%" rx="3"/></svg>',
        _round(live),
        _round(live),
        _round(dark),
    )


def _lane_state(lane: Lane) -> SafeString:
    if not lane.total:
        return format_html('<span class="none">{}</span>', _("nothing registered here"))
    dark = lane.total - lane.live
    live_word = ngettext("%(count)s live", "%(count)s live", lane.live) % {"count": formats.number(lane.live)}
    dark_word = ngettext("%(count)s dark", "%(count)s dark", dark) % {"count": formats.number(dark)}
    shown = parts.badge(live_word, "ok") if lane.live else parts.EMPTY
    return format_html("{} {}", shown, parts.badge(dark_word, "plain") if dark else parts.EMPTY)


def _lane_spend(lane: Lane) -> str:
    if lane.spend_nano_usd is None:
        return parts.unknown(_("unpriced")) if lane.total else parts.EMPTY
    text = formats.money(lane.spend_nano_usd)
    return parts.door(text, lane.spend_href) if lane.spend_href else text


def _with_table(drawing: SafeString, data: Sequence[Datum], *, show: Show) -> SafeString:
    rows = format_html_join(
        "",
        '<tr><th scope="row">{}</th><td class="number">{}</td></tr>',
        (
            (
                parts.door(datum.label, datum.href) if datum.href else datum.label,
                parts.or_unknown(datum.value, show, word=_("not measured")),
            )
            for datum in data
        ),
    )
    return format_html(
        '{}<details class="figure-table"><summary>{}</summary><table><tbody>{}</tbody></table></details>',
        drawing,
        _("As a table"),
        rows,
    )


def _share(value: float | None, top: float) -> float:
    return max(value, 0) / top if value is not None and top > 0 else 0.0


def _round(value: float) -> float:
    return round(value, 2)
