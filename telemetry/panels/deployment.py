"""On a deployment's page: declared beside observed, traffic, the latest traces."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from inventory import queries as inventory
from inventory.domain.environments import canonical_environment
from kernel.contracts.ingest import CaptureMode
from telemetry.domain import ContentState
from telemetry.panels.loading import OBSERVED_NS, Windows, estate_of, of_deployments, row_of
from telemetry.queries import rollups
from telemetry.queries.bounds import TimeRange
from telemetry.queries.rollups import By
from telemetry.services import Estate, reading
from telemetry.tables.compare import Comparison, compare
from telemetry.tables.spans import traces_href
from telemetry.tables.words import CAPTURE_WORDS, CONTENT_WORDS

STATES_OF_MODE: dict[str, tuple[ContentState, ...]] = {
    CaptureMode.NONE: (ContentState.DROPPED,),
    CaptureMode.HASHED: (ContentState.HASHED,),
    CaptureMode.REDACT: (ContentState.WAITING, ContentState.MASKED),
    CaptureMode.FULL: (ContentState.FULL,),
}
SILENT_STATES = (ContentState.NOT_CAPTURED, ContentState.REFERENCE)
"""What a span may say in any mode: there was nothing to keep."""


def observed(request: HttpRequest, subject: object) -> str:
    """Declared beside observed, of the last 30 days, differences marked."""
    row = row_of(subject)
    estate = estate_of(request)
    windows = of_deployments(estate, {row.id})
    context = {
        "comparisons": comparisons(estate, row, windows) if windows else [],
        "silent": not windows,
    }
    return render_to_string("telemetry/panels/observed.html", context, request)


def comparisons(estate: Estate, row: Any, windows: Windows) -> list[Comparison]:
    """Every kind of thing that both the register and the record speak of. Four queries on the record."""
    seen = _seen(windows)
    id_ = str(row.id)
    return [
        _models(estate, row.id, seen[By.MODEL], id_),
        _endpoints(estate, row.id, seen[By.ENDPOINT]),
        compare(_("Providers"), declared={}, observed=seen[By.PROVIDER], declares=False),
        _environments(estate, row, windows),
        _places(estate, row, windows),
        _capture(row.capture_mode, seen[By.CONTENT]),
    ]


def _seen(windows: Windows) -> dict[By, dict[str, int]]:
    time = TimeRange.last(OBSERVED_NS)
    with reading() as connection:
        return {
            by: {
                item.value: item.totals.spans
                for item in rollups.observed(connection, by, time=time, scope=windows)
            }
            for by in (By.MODEL, By.ENDPOINT, By.PROVIDER, By.CONTENT)
        }


def _models(estate: Estate, deployment_id: uuid.UUID, seen: dict[str, int], id_: str) -> Comparison:
    declared = inventory.declared_models(estate.actor, deployment_id)
    return compare(
        _("Models"),
        declared={name: ref.name for name, ref in declared.items()},
        observed=seen,
        href=lambda name: traces_href(deployment=id_, model=name, when="30d"),
    )


def _endpoints(estate: Estate, deployment_id: uuid.UUID, seen: dict[str, int]) -> Comparison:
    uses = inventory.deployment_detail(estate.actor, deployment_id).uses
    used = {use.endpoint.id: use.endpoint.name for use in uses if use.current}
    hosts = {
        row.host: row.name
        for row in inventory.list_endpoints(estate.actor, limit=inventory.MOST_ROWS)
        if row.id in used and row.host
    }
    return compare(_("Endpoint addresses"), declared=hosts, observed=seen, normal=_host, declares=bool(hosts))


def _host(address: str) -> str:
    """`https://api.example:443/v1` and `api.example` are one host."""
    bare = address.casefold().split("://")[-1].split("/")[0]
    name, colon, port = bare.rpartition(":")
    return name if colon and port in {"80", "443"} else bare


def _environments(estate: Estate, row: Any, windows: Windows) -> Comparison:
    seen: dict[str, int] = {}
    for window in windows:
        sender = estate.known[window.sender_id].sender
        if sender.identity.environment:
            seen[sender.identity.environment] = seen.get(sender.identity.environment, 0) + sender.span_count
    return compare(
        _("Environment"), declared={row.environment: row.environment}, observed=seen, normal=_environment
    )


def _environment(text: str) -> str:
    return (canonical_environment(text) or text).casefold()


def _places(estate: Estate, row: Any, windows: Windows) -> Comparison:
    seen: dict[str, int] = {}
    for window in windows:
        sender = estate.known[window.sender_id].sender
        resolution = estate.resolution(window.sender_id, sender.last_seen_ns)
        name = resolution.site_name if resolution and resolution.site_name else sender.identity.place
        if name:
            seen[name] = seen.get(name, 0) + sender.span_count
    places = {place.site.name: place.site.name for place in row.places}
    return compare(_("Sites"), declared=places, observed=seen)


def _capture(mode: str, seen: dict[str, int]) -> Comparison:
    """The declared mode allows some content states; a state outside them is a difference."""
    shown = str(CAPTURE_WORDS.get(mode, mode))
    allowed = {_content_word(state): shown for state in STATES_OF_MODE.get(mode, ())}
    silent = {str(CONTENT_WORDS[state].word): shown for state in SILENT_STATES}
    words: dict[str, int] = {}
    for state, number in seen.items():
        word = _content_word(state)
        words[word] = words.get(word, 0) + number
    return compare(_("Content"), declared=allowed | silent, observed=words)


def _content_word(state: str) -> str:
    """A content state in words. Sums do not tell what waits to be masked from what was: rows of spans never change."""
    if state in STATES_OF_MODE[CaptureMode.REDACT]:
        return str(_("masked, or about to be"))
    return str(CONTENT_WORDS[ContentState(state)].word) if state in CONTENT_WORDS else state
