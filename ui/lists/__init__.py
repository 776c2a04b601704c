"""A list page from its definition, its source and the address of the request.

The address is the state: `q=…&risk=high&sort=-name&page=2&columns=name,owner&density=compact&live=1`. Whatever in it
is not understood is ignored with a warning on the page. `export=csv` answers the same view as a file.
"""

from __future__ import annotations

from typing import Any, TypeVar

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.cache import patch_vary_headers

from kernel.actor import Actor, Permission
from ui import saved
from ui.addresses import Address
from ui.lists import added, drawing, paging
from ui.lists.download import export_list, watch
from ui.lists.drawing import Listing
from ui.lists.state import State, understand
from ui.tables import KeysetSource, ListPage, OffsetSource

__all__ = ["Listing", "State", "build", "export_list", "render_list", "understand", "watch"]

R = TypeVar("R")


def render_list(
    request: HttpRequest,
    definition: ListPage[R],
    source: OffsetSource[R] | KeysetSource[R],
    *,
    context: dict[str, Any] | None = None,
) -> HttpResponseBase:
    """The list as a page, or as a file when the address asks for one and the actor may export."""
    actor: Actor | None = getattr(request, "actor", None)
    definition, source = added.extended(actor, definition, source)
    if request.GET.get("export") == "csv" and definition.exportable:
        if actor is not None:
            actor.require_somewhere(Permission.EXPORT)
        return export_list(request, definition, source)
    listing = build(request, definition, source)
    response = render(request, definition.template, {"list": listing, **definition.extra, **(context or {})})
    return _with_clean_address(request, response, listing)


def _with_clean_address(request: HttpRequest, response: HttpResponse, listing: Listing[R]) -> HttpResponse:
    """Forms send empty fields; what htmx puts into the address bar should not have them."""
    if request.headers.get("HX-Request") and request.headers.get("HX-Target") == listing.id:
        response["HX-Push-Url"] = listing.address.canonical()
    patch_vary_headers(response, ["HX-Request", "Cookie"])
    return response


def build(
    request: HttpRequest, definition: ListPage[R], source: OffsetSource[R] | KeysetSource[R]
) -> Listing[R]:
    """Understand the address, ask the source, draw the cells."""
    actor: Actor | None = getattr(request, "actor", None)
    address = Address(request.path, request.GET)
    state = understand(definition, request.GET)
    if isinstance(source, KeysetSource):
        rows, pager = paging.slice_(state, source, address)
    else:
        rows, pager, state = paging.page(state, source, address)
    keeper = saved.keeper()
    return Listing(
        definition=definition,
        state=state,
        address=address,
        heads=tuple(drawing.head(column, state.query, address) for column in state.columns),
        rows=tuple(drawing.row(row, definition, state.columns) for row in rows),
        pager=pager,
        may_export=definition.exportable and actor is not None and actor.may_somewhere(Permission.EXPORT),
        saved_views=tuple(keeper.find(actor, request.path)) if keeper and actor else (),
    )
