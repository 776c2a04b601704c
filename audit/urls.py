"""The addresses of the ledger's pages."""

from __future__ import annotations

from django.urls import path

from audit.views import exports, trail

app_name = "audit"

urlpatterns = [
    path("audit/", trail.trail, name="trail"),
    path("exports/", exports.exports, name="exports"),
    path("exports/new/", exports.new, name="export_new"),
    path("exports/verify.py", exports.verifier, name="export_verifier"),
    path("exports/<uuid:export_id>/", exports.export, name="export"),
    path("exports/<uuid:export_id>/archive/", exports.archive, name="export_archive"),
    path("audit/<uuid:event_id>/", trail.event, name="event"),
]
