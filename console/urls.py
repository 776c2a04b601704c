"""Every address of the web process. The apps bring their own; this file only says where they stand."""

from __future__ import annotations

from django.urls import include, path

from console import health
from console.api import api
from console.views import doors, errors, overview, people, preferences, saved_views, search

shell_patterns = (
    [
        path("", overview.overview, name="overview"),
        path("sign-in/", doors.sign_in, name="sign_in"),
        path("sign-out/", doors.sign_out, name="sign_out"),
        path("search/", search.search, name="search"),
        path("search/palette/", search.palette, name="palette"),
        path("preferences/", preferences.preferences, name="preferences"),
        path("preferences/password/", preferences.password, name="password"),
        path("preferences/language/", preferences.set_language, name="set_language"),
        path("preferences/theme/", preferences.set_theme, name="set_theme"),
        path("people/", people.people_list, name="people"),
        path("people/add/", people.add_person, name="add_person"),
        path("people/<uuid:person_id>/", people.person, name="person"),
        path("people/<uuid:person_id>/account/", people.close_account, name="close_account"),
        path("people/<uuid:person_id>/roles/", people.grant_role, name="grant_role"),
        path("people/<uuid:person_id>/roles/<uuid:grant_id>/", people.revoke_role, name="revoke_role"),
        path("views/", saved_views.save, name="save_view"),
        path("views/<uuid:view_id>/delete/", saved_views.delete, name="delete_view"),
    ],
    "console",
)

urlpatterns = [
    path("", include(health.urlpatterns)),
    path("", include(shell_patterns)),
    path("", include("telemetry.urls")),
    path("", include("audit.urls")),
    path("", include("guardrails.urls")),
    path("", include("governance.urls")),
    path("ui/", include("ui.urls")),
    path("", include("inventory.urls")),
    path("api/v1/", api.urls),
]

handler400 = errors.bad_request
handler403 = errors.forbidden
handler404 = errors.not_found
handler500 = errors.server_error
