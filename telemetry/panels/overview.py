"""On the overview: the estate by tier, who is not registered, whether ingest is well, traffic."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from inventory import queries as inventory
from kernel import clock
from kernel.contracts.ingest import ResolutionState
from telemetry.panels.costs import spend_by_tier
from telemetry.panels.loading import estate_of
from telemetry.queries import ingest as accounts
from telemetry.queries import rollups
from telemetry.queries import senders as sender_queries
from telemetry.queries.bounds import TimeRange
from telemetry.services import Estate, Known, reading
from telemetry.tables import register
from telemetry.tables.pictures import spark
from telemetry.tables.spans import traces_href
from telemetry.tables.words import REASON_WORDS, reason_explained
from ui import charts, formats, parts

DAY_NS = clock.NANOSECONDS_PER_DAY
SHOWN_UNKNOWN = 4


@dataclass(frozen=True, slots=True)
class TierLane:
    """One tier: deployments placed there, how many of them were heard within a day, and how many never; steps."""

    tier: str
    declared: int
    live: int
    never: int
    spans: int
    spend: str | None
    href: str
    spans_href: str
    spend_href: str

    @property
    def dark(self) -> int:
        """Heard before, and silent for longer than a day."""
        return self.declared - self.live - self.never


def estate_by_tier(request: HttpRequest, _subject: object) -> str:
    """Nine lanes from the hand to the cloud."""
    estate = estate_of(request)
    with reading() as connection:
        heard = rollups.last_seen(connection, scope=estate.visible)
        lately = sender_queries.spans_by_sender(connection, time=TimeRange.last(DAY_NS))
    lanes = tier_lanes(estate, heard=heard, lately=lately, spend=spend_by_tier(estate))
    context = {"lanes": lanes}
    return render_to_string("telemetry/panels/estate.html", context, request)


def tier_lanes(
    estate: Estate,
    *,
    heard: dict[bytes, int],
    lately: dict[bytes, int],
    spend: dict[str, str],
) -> list[TierLane]:
    """The lanes, in the order of the tiers. A deployment in two tiers counts in both."""
    live = _live_deployments(estate, heard)
    ever = inventory.deployments_index(estate.actor, only=live | _ever_heard(estate)).values()
    known = [entry for entry in ever if entry.state != "retired"]
    spans = _spans_by_tier(estate, lately)
    counts = inventory.estate_by_tier(estate.actor)
    return [_lane(count, known, live, spans.get(count.tier, 0), spend.get(count.tier)) for count in counts]


def _lane(
    count: inventory.TierCount,
    heard: list[inventory.DeploymentEntry],
    live: set[uuid.UUID],
    spans: int,
    spend: str | None,
) -> TierLane:
    tier = count.tier
    here = [entry for entry in heard if tier in {place.tier for place in entry.places}]
    alive = sum(entry.id in live for entry in here)
    return TierLane(
        tier=tier,
        declared=count.deployments,
        live=alive,
        never=max(count.deployments - len(here), 0),
        spans=spans,
        spend=spend,
        href=f"{reverse('inventory:deployments')}?{urlencode({'tier': tier})}",
        spans_href=traces_href(tier=tier, when="24h"),
        spend_href=f"{reverse('telemetry:costs')}?{urlencode({'tier': tier})}",
    )


def _live_deployments(estate: Estate, heard: dict[bytes, int]) -> set[uuid.UUID]:
    now = clock.now_ns()
    live: set[uuid.UUID] = set()
    for sender_id, moment in heard.items():
        resolution = estate.resolution(sender_id, moment)
        fresh = now - moment <= rollups.DARK_AFTER_NS
        if fresh and resolution is not None and resolution.deployment_id is not None:
            live.add(resolution.deployment_id)
    return live


def _ever_heard(estate: Estate) -> set[uuid.UUID]:
    """Deployments that some sender was at some time: they may be silent now, but they did speak."""
    return {
        item.deployment_id
        for known in estate.seen
        for item in known.resolutions
        if item.deployment_id is not None
        and (item.valid_from_ns is None or item.valid_from_ns <= known.sender.last_seen_ns)
        and (item.valid_until_ns is None or item.valid_until_ns > known.sender.first_seen_ns)
    }


def _spans_by_tier(estate: Estate, lately: dict[bytes, int]) -> dict[str, int]:
    found: dict[str, int] = {}
    for sender_id, count in lately.items():
        known = estate.known.get(sender_id)
        resolution = estate.resolution(sender_id, known.sender.last_seen_ns) if known else None
        if resolution is not None and resolution.tier:
            found[resolution.tier] = found.get(resolution.tier, 0) + count
    return found


def unknown_senders(estate: Estate) -> list[Known]:
    """Senders that nobody identified, last seen first; empty for who may not see the whole organisation."""
    if not estate.everything:
        return []
    return [known for known in estate.seen if known.state is ResolutionState.UNKNOWN]


def unregistered(request: HttpRequest, _subject: object) -> str | None:
    """The senders that nobody knows; the count is a door."""
    estate = estate_of(request)
    if not estate.everything:
        return None
    found = unknown_senders(estate)
    context = {
        "unknown": found[:SHOWN_UNKNOWN],
        "count": len(found),
        "rest": max(len(found) - SHOWN_UNKNOWN, 0),
    }
    return render_to_string("telemetry/panels/unregistered.html", context, request)


def unregistered_figure(request: HttpRequest, _subject: object) -> SafeString | None:
    """The same as a figure on top."""
    estate = estate_of(request)
    if not estate.everything:
        return None
    count = len(unknown_senders(estate))
    note = _("nobody has said what they are") if count else _("every sender is known")
    return parts.stat(
        SafeString(""),
        label=_("Unregistered senders"),
        value=count,
        href=reverse("telemetry:discovered"),
        note=note,
    )


def traffic_figure(request: HttpRequest, _subject: object) -> SafeString:
    """Steps of a day, with the line of a week."""
    estate = estate_of(request)
    week = TimeRange.last(7 * DAY_NS)
    with reading() as connection:
        points = rollups.series(connection, time=week, scope=estate.visible)
    since = clock.epoch_hour(clock.now_ns() - DAY_NS)
    day = sum(point.totals.spans for point in points if point.bucket >= since)
    line = spark(points, week, label=_("Steps per hour over 7 days"))
    return parts.stat(
        line,
        label=_("Steps in 24 hours"),
        value=day,
        href=traces_href(when="24h"),
        note=_("over 7 days, per hour"),
    )


def error_figure(request: HttpRequest, _subject: object) -> SafeString:
    """Steps that reported an error within a day."""
    estate = estate_of(request)
    with reading() as connection:
        totals = rollups.totals(connection, time=TimeRange.last(DAY_NS), scope=estate.visible)
    note = _("of %(count)s steps") % {"count": formats.number(totals.spans, digits=0)}
    return parts.stat(
        SafeString(""),
        label=_("Errors in 24 hours"),
        value=totals.errors,
        href=traces_href(when="24h", status="error"),
        note=note,
    )


def live_figure(request: HttpRequest, _subject: object) -> SafeString:
    """Live deployments among those declared live."""
    estate = estate_of(request)
    with reading() as connection:
        heard = rollups.last_seen(connection, scope=estate.visible)
    live = _live_deployments(estate, heard)
    declared = inventory.count_deployments(estate.actor, filters={"state": ["live"]})
    heard_of = inventory.deployments_index(estate.actor, only=live).values()
    alive = sum(entry.state == "live" for entry in heard_of)
    note = ngettext(
        "heard in 24 hours, of %(count)s declared live",
        "heard in 24 hours, of %(count)s declared live",
        declared,
    ) % {"count": formats.number(declared, digits=0)}
    href = f"{reverse('inventory:deployments')}?{urlencode({'state': 'live'})}"
    return parts.stat(SafeString(""), label=_("Live deployments"), value=alive, href=href, note=note)


def ingest_health(request: HttpRequest, _subject: object) -> str:
    """What came in a day, what was turned away for a reason that somebody should look at."""
    actor = estate_of(request).actor
    time = TimeRange.last(DAY_NS)
    keys = register.visible_keys(actor)
    with reading() as connection:
        account = accounts.account(connection, time=time, key_ids=keys)
        rejections = accounts.rejections(connection, time=time, key_ids=keys)
    worrying = [item for item in rejections if not reason_explained(item.reason).harmless]
    bar = charts.stacked_bar(
        [
            charts.Datum(_("stored"), float(account.stored), tone="ok"),
            charts.Datum(_("already known"), float(account.duplicate), tone="plain"),
            charts.Datum(_("not stored"), float(account.rejected), tone="warn"),
        ],
        label=_("What became of what was received in 24 hours"),
    )
    context = {
        "account": account,
        "bar": bar,
        "worrying": [(REASON_WORDS.get(item.reason), item) for item in worrying[:3]],
        "href": f"{reverse('telemetry:ingest')}?when=24h",
    }
    return render_to_string("telemetry/panels/ingest.html", context, request)
