"""The addresses of the register's pages. Every noun has the same five; names are `system`, `systems`, `system_new`…"""

from __future__ import annotations

from django.urls import URLPattern, path

from inventory.views import costs, generic, importing, keys, places, relations, simple, systems
from inventory.views.nouns import ALL, DEPLOYMENT, MODEL_VERSION, SYSTEM
from inventory.views.pages import NounPages
from inventory.views.steps import move_view

app_name = "inventory"


def _pages(pages: NounPages) -> list[URLPattern]:
    base, name = pages.plural.replace("_", "-"), pages.name
    made = [path(f"{base}/new/", generic.new_view(pages), name=f"{name}_new")] if pages.verbs.register else []
    return [
        path(f"{base}/", generic.list_view(pages), name=pages.plural),
        *made,
        path(f"{base}/<uuid:row_id>/", generic.detail_view(pages), name=name),
        path(f"{base}/<uuid:row_id>/edit/", generic.edit_view(pages), name=f"{name}_edit"),
        path(f"{base}/<uuid:row_id>/retire/", generic.retire_view(pages), name=f"{name}_retire"),
    ]


def _move(pages: NounPages) -> URLPattern:
    base = pages.plural.replace("_", "-")
    return path(f"{base}/<uuid:row_id>/move/<slug:state>/", move_view(pages), name=f"{pages.name}_move")


urlpatterns = [
    path("register/", simple.simple, name="simple"),
    path("register/<uuid:row_id>/done/", simple.registered, name="registered"),
    path("cost-settings/", costs.settings, name="cost_settings"),
    path("import/", importing.upload, name="import"),
    path("import/template.xlsx", importing.template, name="import_template"),
    path("import/<uuid:draft_id>/", importing.preview, name="import_preview"),
    path("import/<uuid:draft_id>/drop/", importing.drop, name="import_drop"),
    path("sites/tree/", places.tree, name="site_tree"),
    path("systems/<uuid:row_id>/classify/", systems.classify, name="system_classify"),
    path("keys/new/", keys.new, name="key_new"),
    path("keys/<uuid:row_id>/rotate/", keys.rotate, name="key_rotate"),
    path("relate/<slug:relation>/", relations.relate, name="relate"),
    path("relate/<slug:relation>/<uuid:row_id>/end/", relations.end, name="relate_end"),
    *(_move(pages) for pages in (SYSTEM, DEPLOYMENT, MODEL_VERSION)),
    *(pattern for pages in (*ALL, keys.KEY) for pattern in _pages(pages)),
]
