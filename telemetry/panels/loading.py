"""What the panels of one page share: the estate is loaded once per request."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpRequest

from kernel import clock
from telemetry.queries import rollups
from telemetry.queries.bounds import SenderWindow, TimeRange
from telemetry.queries.rollups import Point, Sign
from telemetry.services import Estate, load_estate, reading
from ui.access import actor_of

WEEK_NS = 7 * clock.NANOSECONDS_PER_DAY
OBSERVED_NS = 30 * clock.NANOSECONDS_PER_DAY

Windows = tuple[SenderWindow, ...]


def estate_of(request: HttpRequest) -> Estate:
    """The estate as the reader of this page sees it."""
    found: Estate | None = getattr(request, "telemetry_estate", None)
    if found is None:
        with reading() as connection:
            found = load_estate(connection, actor_of(request))
        request.telemetry_estate = found  # type: ignore[attr-defined]  # one load per request, for all its panels
    return found


def row_of(subject: object) -> Any:
    """The row of a subject: pages hand over details, which hold it, or the row itself."""
    return getattr(subject, "row", subject)


def of_deployments(estate: Estate, ids: set[uuid.UUID]) -> Windows:
    """When senders were one of these deployments."""
    return estate.where(lambda item: item.deployment_id in ids)


def week_of(windows: Windows) -> tuple[list[Point], Sign, TimeRange]:
    """Hourly traffic of a week, and whether anything comes now."""
    time = TimeRange.last(WEEK_NS)
    with reading() as connection:
        points = rollups.series(connection, time=time, scope=windows)
        heard = rollups.last_seen(connection, scope=windows)
    return points, rollups.sign(heard.values(), now_ns=clock.now_ns()), time
