"""The addresses of the telemetry pages."""

from __future__ import annotations

from django.urls import path

from telemetry.views import costs, ingest, retention, senders, sessions, standing, trace, traces

app_name = "telemetry"

urlpatterns = [
    path("traces/", traces.traces, name="traces"),
    path("traces/<str:trace_id>/", trace.trace, name="trace"),
    path("traces/<str:trace_id>/reveal/", trace.reveal, name="trace_reveal"),
    path("sessions/", sessions.sessions, name="sessions"),
    path("discovered/", senders.discovered, name="discovered"),
    path("senders/", senders.senders, name="senders"),
    path("senders/assign/", senders.merge, name="senders_merge"),
    path("senders/<str:sender_id>/", senders.sender, name="sender"),
    path("senders/<str:sender_id>/assign/", senders.promote, name="sender_promote"),
    path("senders/<str:sender_id>/dismiss/", senders.dismiss, name="sender_dismiss"),
    path("senders/<str:sender_id>/call-back/", senders.undismiss, name="sender_undismiss"),
    path("costs/", costs.costs, name="costs"),
    path("costs/unpriced/", standing.unpriced, name="costs_unpriced"),
    path("costs/hardware/", standing.hardware, name="costs_hardware"),
    path("ingest/", ingest.ingest, name="ingest"),
    path("retention/", retention.overview, name="retention"),
    path("retention/<slug:kept>/<slug:retention_class>/", retention.edit, name="retention_edit"),
]
