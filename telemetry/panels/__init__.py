"""What telemetry shows on the pages of other apps, by registration."""

from __future__ import annotations

from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from audit import panels as ledger
from audit.panels import Kind
from kernel.actor import Permission
from telemetry.panels import costs, deployment, overview, things
from ui import history, panels

READ = Permission.TELEMETRY_READ

VERB_WORDS = {
    "telemetry.content.read": _("read what was said"),
    "telemetry.traces.export": _("took a list of traces away as a file"),
    "telemetry.retention.begin": _("began to forget what is too old"),
    "telemetry.retention.finish": _("forgot what was too old"),
}


def register_all() -> None:
    """Register every panel; called once, when the app is ready."""
    history.describe(VERB_WORDS)
    ledger.name_kind("span", Kind(_("Step of a trace"), _span_href))
    ledger.name_kind("telemetry.record", Kind(_("The record"), lambda _id: reverse("telemetry:retention")))
    ledger.name_kind("trace_list", Kind(_("List of traces")))
    _register_overview()
    for noun, find in (
        ("deployment", things.deployment),
        ("endpoint", things.endpoint),
        ("site", things.site),
        ("system", things.system),
    ):
        slot = f"inventory.{noun}"
        panels.register(
            slot, key=f"telemetry.{noun}.traffic", title=_("Traffic"), render=things.traffic(find), order=20,
            width="third", permission=READ,
        )  # fmt: skip
        panels.register(
            slot, key=f"telemetry.{noun}.recent", title=_("Latest traces"), render=things.recent(find), order=60,
            permission=READ,
        )  # fmt: skip
        panels.register(
            f"{slot}.cost", key=f"telemetry.{noun}.cost", title=_("Cost, this month"), render=costs.cost(noun), order=10,
            permission=READ,
        )  # fmt: skip
    _register_observed()


def _span_href(place: str) -> str:
    """The page of a span, which the ledger names by trace and span id."""
    trace_id, _slash, span_id = place.partition("/")
    return f"{reverse('telemetry:trace', args=[trace_id])}?{urlencode({'span': span_id})}"


def _register_observed() -> None:
    panels.register(
        "inventory.deployment", key="telemetry.deployment.observed", title=_("Declared beside observed, 30 days"),
        render=deployment.observed, order=10, width="two-thirds", permission=READ,
    )  # fmt: skip
    panels.register(
        "inventory.endpoint", key="telemetry.endpoint.observed", title=_("Declared beside observed, 30 days"),
        render=things.endpoint_models, order=10, width="two-thirds", permission=READ,
    )  # fmt: skip
    for noun in ("model", "model_version"):
        panels.register(
            f"inventory.{noun}", key=f"telemetry.{noun}.use", title=_("Observed use, 30 days"),
            render=things.model_use, order=20, permission=READ,
        )  # fmt: skip
    panels.register(
        "inventory.dataset", key="telemetry.dataset.use", title=_("Observed reading, 7 days"),
        render=things.dataset_use, order=20, permission=READ,
    )  # fmt: skip


def _register_overview() -> None:
    figures = (
        ("traffic", overview.traffic_figure),
        ("live", overview.live_figure),
        ("unregistered", overview.unregistered_figure),
        ("errors", overview.error_figure),
    )
    for order, (name, render) in enumerate(figures):
        panels.register(
            "console.overview.figures", key=f"telemetry.figure.{name}", title="", render=render, order=10 + order,
            permission=READ, bare=True,
        )  # fmt: skip
    panels.register(
        "console.overview.estate", key="telemetry.estate", title=_("Estate by tier"), render=overview.estate_by_tier,
        order=10, permission=READ,
    )  # fmt: skip
    panels.register(
        "console.overview.senders", key="telemetry.unregistered", title=_("Unregistered senders"),
        render=overview.unregistered, order=10, permission=READ,
    )  # fmt: skip
    panels.register(
        "console.overview.ingest", key="telemetry.ingest", title=_("Ingest, 24 hours"), render=overview.ingest_health,
        order=10, permission=READ,
    )  # fmt: skip
