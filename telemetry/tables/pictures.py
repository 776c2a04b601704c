"""Charts of the telemetry pages: traffic over time, with doors into the list behind each bar."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from kernel import clock
from telemetry.queries.bounds import TimeRange
from telemetry.queries.ingest import AccountPoint, Width
from telemetry.queries.rollups import Point, Step
from telemetry.tables.spans import traces_href
from ui import charts, formats
from ui.charts import Datum

_STEP_NS = {
    Width.MINUTE: clock.NANOSECONDS_PER_MINUTE,
    Width.HOUR: clock.NANOSECONDS_PER_HOUR,
    Width.DAY: clock.NANOSECONDS_PER_DAY,
}


def filled(points: Sequence[Point], time: TimeRange, *, step: Step = Step.HOUR) -> list[tuple[int, int]]:
    """Spans per step with the silent ones as zero: the roll-ups know that nothing came."""
    width = clock.NANOSECONDS_PER_DAY if step is Step.DAY else clock.NANOSECONDS_PER_HOUR
    first, last = time.start_ns // width, min(time.end_ns - 1, clock.now_ns()) // width
    counted: dict[int, int] = {}
    for point in points:
        counted[point.bucket] = counted.get(point.bucket, 0) + point.totals.spans
    return [(bucket, counted.get(bucket, 0)) for bucket in range(first, last + 1)]


def spark(points: Sequence[Point], time: TimeRange, *, label: str) -> SafeString:
    """Traffic as a line without axes."""
    return charts.sparkline([float(count) for _bucket, count in filled(points, time)], label=label)


def traffic_chart(points: Sequence[Point], time: TimeRange, **filters: str) -> SafeString:
    """Spans per day as bars, each one a door to the traces of its day."""
    days: dict[int, int] = {}
    for hour, count in filled(points, time):
        days[hour // 24] = days.get(hour // 24, 0) + count
    data = [
        Datum(_day_word(day), float(count), href=_day_href(day, filters))
        for day, count in sorted(days.items())
    ]
    return charts.bars(data, label=_("Steps received per day (UTC)"))


def _day_word(day: int) -> str:
    return formats.day(clock.from_ns(day * clock.NANOSECONDS_PER_DAY).date())


def _day_href(day: int, filters: dict[str, str]) -> str:
    date = clock.from_ns(day * clock.NANOSECONDS_PER_DAY).date().isoformat()
    return traces_href(**filters, when_from=date, when_to=date)


def account_chart(points: Sequence[AccountPoint], time: TimeRange, width: Width) -> SafeString:
    """What was received per step; steps in which something was rejected are marked by colour and word."""
    step = _STEP_NS[width]
    found = {point.bucket: point.account for point in points}
    first, last = time.start_ns // step, min(time.end_ns - 1, clock.now_ns()) // step
    data = []
    for bucket in range(first, last + 1):
        account = found.get(bucket)
        word = formats.moment(clock.from_ns(bucket * step))
        if account is not None and account.rejected:
            word = _("%(time)s (%(count)s not stored)") % {
                "time": word,
                "count": formats.number(account.rejected, digits=0),
            }
        data.append(
            Datum(
                word,
                float(account.received if account else 0),
                tone="warn" if account and account.rejected else "s0",
            )
        )
    return charts.bars(data, label=_("Received over time"))
