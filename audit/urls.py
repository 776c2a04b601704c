"""The addresses of the ledger's pages."""

from __future__ import annotations

from django.urls import path

from audit.views import trail

app_name = "audit"

urlpatterns = [
    path("audit/", trail.trail, name="trail"),
    path("audit/<uuid:event_id>/", trail.event, name="event"),
]
