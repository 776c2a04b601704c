"""How a noun becomes addresses: list, read, register, edit, retire. One way for all, described by a `Resource`."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import Query, Router, Status

from inventory import schemas
from inventory.queries.listing import Listing, count, page
from kernel.actor import Actor, Channel
from kernel.errors import Forbidden, Invalid, TutelaError


class PreconditionRequired(TutelaError):
    """An edit must say which version it changes."""

    code = "if_match_missing"
    status = HTTPStatus.PRECONDITION_REQUIRED


@dataclass(frozen=True, slots=True)
class Resource:
    """A noun of the API: its address, its shapes, and the functions behind it."""

    path: str
    name: str
    listing: Listing[Any, Any] | None = None
    row: Any = None
    detail: Callable[..., Any] | None = None
    detail_shape: Any = None
    shape: type[schemas.Reasoned] | None = None
    register: Callable[..., uuid.UUID] | None = None
    edit: Callable[..., int] | None = None
    retire: Callable[..., int] | None = None


def actor_of(request: HttpRequest) -> Actor:
    """Who calls, through the API. Raises Forbidden when nobody signed in: the router's authentication comes first."""
    actor: Actor | None = getattr(request, "actor", None)
    if actor is None:
        raise Forbidden(_("Sign in first."), code="not_signed_in")
    return replace(actor, source=replace(actor.source, channel=Channel.API))


def version_of(request: HttpRequest) -> int:
    """The version that `If-Match` names. Raises PreconditionRequired without it, Invalid for anything else."""
    given = request.headers.get("If-Match")
    if given is None:
        raise PreconditionRequired(
            _("Say in If-Match which version you are changing: the ETag that you have read.")
        )
    text = given.strip().removeprefix("W/").strip('"')
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise Invalid(_("If-Match must hold the ETag that you have read."), code="bad_if_match")
    return int(text)


def tag(response: HttpResponse, version: int) -> None:
    """Name the version in the ETag."""
    response["ETag"] = f'"{version}"'


def add(router: Router, resource: Resource) -> None:
    """Put a noun's addresses on the router."""
    if resource.listing is not None:
        _add_list(router, resource)
    if resource.detail is not None:
        _add_read(router, resource)
    if resource.register is not None:
        _add_register(router, resource)
    if resource.edit is not None:
        _add_edit(router, resource)
    if resource.retire is not None:
        _add_retire(router, resource)


def typed(function: Callable[..., Any], name: str, doc: str, **annotations: Any) -> Callable[..., Any]:
    """Give a function made in a loop the name, sentence and types that the description of the API shows."""
    function.__name__ = name
    function.__doc__ = doc
    function.__annotations__ = {"request": HttpRequest, "response": HttpResponse, **annotations}
    return function


def _add_list(router: Router, resource: Resource) -> None:
    listing = cast("Listing[Any, Any]", resource.listing)
    query = schemas.query_of(_title(resource), list(listing.filters))

    def rows(request: HttpRequest, asked: Any) -> Any:
        filters = {name: getattr(asked, name) for name in listing.filters} | {"retired": [asked.retired]}
        actor = actor_of(request)
        found = page(
            listing,
            actor,
            filters=filters,
            search=asked.search,
            order=asked.order,
            limit=asked.limit,
            offset=asked.offset,
        )
        total = count(listing, actor, filters=filters, search=asked.search)
        return {"items": found, "total": total, "limit": asked.limit, "offset": asked.offset}

    typed(
        rows,
        f"list_{_plural(resource)}",
        f"List {resource.name}s that you may see.",
        asked=cast("Any", Query)[query],
    )
    _at(router, "GET", f"/{resource.path}", rows, response=cast("Any", schemas.Rows)[resource.row])


def _add_read(router: Router, resource: Resource) -> None:
    detail = cast("Callable[..., Any]", resource.detail)

    def read(request: HttpRequest, response: HttpResponse, row_id: Any) -> Any:
        found = detail(actor_of(request), row_id)
        tag(response, getattr(found, "row", found).version)
        return found

    typed(read, f"read_{_singular(resource)}", f"Read one {resource.name}.", row_id=uuid.UUID)
    _at(router, "GET", f"/{resource.path}/{{row_id}}", read, response=resource.detail_shape or resource.row)


def _add_register(router: Router, resource: Resource) -> None:
    register = cast("Callable[..., uuid.UUID]", resource.register)

    def create(request: HttpRequest, response: HttpResponse, payload: Any) -> Any:
        made = register(actor_of(request), **dict(payload))
        tag(response, 1)
        return Status(HTTPStatus.CREATED, {"id": made})

    typed(create, f"register_{_singular(resource)}", f"Register a {resource.name}.", payload=resource.shape)
    _at(router, "POST", f"/{resource.path}", create, response={HTTPStatus.CREATED: schemas.Made})


def _add_edit(router: Router, resource: Resource) -> None:
    edit = cast("Callable[..., int]", resource.edit)
    shape = schemas.patch_of(cast("type[schemas.Reasoned]", resource.shape))

    def change(request: HttpRequest, response: HttpResponse, row_id: Any, payload: Any) -> Any:
        fields = {name: getattr(payload, name) for name in payload.model_fields_set}
        version = edit(actor_of(request), row_id, version=version_of(request), **fields)
        tag(response, version)
        return {"version": version}

    sentence = f"Change a {resource.name}; If-Match names the version. What is left out stays."
    typed(change, f"edit_{_singular(resource)}", sentence, row_id=uuid.UUID, payload=shape)
    _at(router, "PATCH", f"/{resource.path}/{{row_id}}", change, response=schemas.Changed)


def _add_retire(router: Router, resource: Resource) -> None:
    retire = cast("Callable[..., int]", resource.retire)

    def close(request: HttpRequest, response: HttpResponse, row_id: Any, payload: Any) -> Any:
        version = retire(actor_of(request), row_id, version=version_of(request), reason=payload.reason)
        tag(response, version)
        return {"version": version}

    sentence = f"Take a {resource.name} out of use for good; nothing is deleted."
    typed(close, f"retire_{_singular(resource)}", sentence, row_id=uuid.UUID, payload=schemas.Reasoned)
    _at(router, "POST", f"/{resource.path}/{{row_id}}/retire", close, response=schemas.Changed)


def _at(router: Router, method: str, path: str, view: Callable[..., Any], *, response: Any) -> None:
    router.add_api_operation(
        path,
        [method],
        view,
        response=response,
        operation_id=view.__name__,
        summary=(view.__doc__ or "").partition(".")[0],
    )


def _singular(resource: Resource) -> str:
    return resource.name.replace(" ", "_")


def _plural(resource: Resource) -> str:
    return resource.path.replace("-", "_")


def _title(resource: Resource) -> str:
    return resource.name.title().replace(" ", "")
